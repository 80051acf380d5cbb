//! How much an expression may ask for that somebody typed into a form.
//!
//! Expressions are walked by recursion, an operator a level, and a process that runs out of stack is gone.

use std::fmt;

/// How many characters a text may have.
const MAX_CHARACTERS: usize = 1_000;
/// How deep brackets may nest in one expression.
pub const MAX_DEPTH: usize = 16;
/// How many operators it may have.
pub const MAX_OPERATORS: usize = 64;

/// A bound that a text is beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// [`MAX_CHARACTERS`].
    Characters,
    /// [`MAX_DEPTH`].
    Depth,
    /// [`MAX_OPERATORS`].
    Operators,
}

impl Bound {
    /// The first bound that `text` is beyond; without one it can be compiled and evaluated on a thread with 64 MiB of
    /// stack, whether it is an expression or not.
    pub fn exceeded_by(text: &str) -> Option<Self> {
        if text.chars().count() > MAX_CHARACTERS {
            Some(Self::Characters)
        } else if depth(text) > MAX_DEPTH {
            Some(Self::Depth)
        } else if operators(text) > MAX_OPERATORS {
            Some(Self::Operators)
        } else {
            None
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Characters => write!(f, "it has more than {MAX_CHARACTERS} characters（过长）"),
            Self::Depth => write!(f, "its brackets nest more than {MAX_DEPTH} deep（括号嵌套过深）"),
            Self::Operators => {
                write!(f, "it has more than {MAX_OPERATORS} operators（运算符过多，请拆成几条规则）")
            }
        }
    }
}

fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn operators(text: &str) -> usize {
    text.chars().filter(|c| "+-*/%!?&|<>=.([{".contains(*c)).count()
}
