//! Sections without anything in them.

use crate::context::Context;
use crate::document::Block;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

/// Deepest level looked at: below it, numbered lines are as often items of a list as headings.
const DEEPEST: u8 = 2;

/// A numbered heading that is followed at once by one of its own level or above, or by the end of the text.
pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    let mut empty = Vec::new();
    let mut filled = [0_usize; DEEPEST as usize + 1];
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Heading(index) = *block else { continue };
        let heading = &document.headings[index];
        if heading.level == 0 || heading.level > DEEPEST || heading.number == 0 {
            continue;
        }
        let next = document.blocks[at + 1..].iter().find(|b| !matches!(b, Block::Footnote(_)));
        let nothing = match next {
            None => true,
            Some(Block::Heading(next)) => document.headings[*next].level <= heading.level,
            Some(_) => false,
        };
        if nothing {
            empty.push(index);
        } else {
            filled[usize::from(heading.level)] += 1;
        }
    }
    let count = |level: u8| empty.iter().filter(|&&i| document.headings[i].level == level).count();
    let counts: Vec<usize> = (0..=DEEPEST).map(count).collect();
    for &index in &empty {
        let heading = &document.headings[index];
        let level = usize::from(heading.level);
        // Where most are empty, the text is an outline.
        if counts[level] * 2 > filled[level] {
            continue;
        }
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Warning,
            rule: "form.empty-section",
            zh: format!("“{}”下没有内容，请补写，或删去标题。", heading.title),
            en: format!("The section “{}” is empty; write it or remove its heading.", heading.title),
            locations: vec![document.quote_line(heading.line)],
            expected: String::new(),
            actual: String::new(),
            computation: "标题与下一个同级或上级标题之间没有正文、表格或图题。".into(),
            computation_en:
                "Between the heading and the next of its level or above stands no text, table or caption."
                    .into(),
        });
    }
}
