//! Characters with places to lines of text.

use std::fmt;

use pdf_extract::OutputError;

/// A drawn character; places and sizes in points, `y` upwards.
#[derive(Debug, Clone)]
pub(super) struct Character {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub size: f64,
    pub text: String,
}

/// The characters of one page.
#[derive(Debug)]
pub(super) struct Page {
    characters: Vec<Character>,
    budget: usize,
    full: bool,
}

impl Page {
    /// Characters in one file: some forty times the longest report.
    pub const MOST: usize = 5_000_000;

    pub fn new(budget: usize) -> Self {
        Self { characters: Vec::new(), budget, full: false }
    }

    pub fn push(&mut self, character: Character) -> Result<(), OutputError> {
        if self.characters.len() >= self.budget {
            self.full = true;
            return Err(fmt::Error.into());
        }
        let finite =
            [character.x, character.y, character.width, character.size].iter().all(|v| v.is_finite());
        if finite {
            self.characters.push(character);
        }
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        self.full
    }

    pub fn len(&self) -> usize {
        self.characters.len()
    }

    /// Lines from top to bottom, each from left to right.
    pub fn lines(self) -> Vec<String> {
        let mut characters = self.characters;
        // The file's order settles what stands in one place.
        characters.sort_by(|a, b| b.y.total_cmp(&a.y));
        let mut lines: Vec<Vec<Character>> = Vec::new();
        let mut base = f64::NAN;
        for character in characters {
            // Superscripts and mixed fonts share a line with what they stand beside.
            let same = (base - character.y).abs() <= character.size.max(6.0) * 0.45;
            match lines.last_mut().filter(|_| same) {
                Some(line) => line.push(character),
                None => {
                    base = character.y;
                    lines.push(vec![character]);
                }
            }
        }
        join(&lines.into_iter().map(pieces).collect::<Vec<_>>())
    }
}

/// Gap, in the size of the letters, from which two words may stand in two columns, and from which they must.
const COLUMN: f64 = 0.4;
const WIDE: f64 = 1.6;
/// Lines in which columns must start at one place, if the gaps between them are no wider than spaces, and how exactly.
const ALIGNED: usize = 3;
const EXACTLY: f64 = 2.0;

/// Words of a line without a gap between them.
#[derive(Debug)]
struct Piece {
    x: f64,
    end: f64,
    /// The gap before it, in the size of the letters.
    gap: f64,
    text: String,
}

impl Piece {
    fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
    }

    /// Whether two pieces start in one column, or end in one of numbers.
    fn is_below(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < EXACTLY
            || (self.is_number() && other.is_number() && (self.end - other.end).abs() < EXACTLY)
    }
}

/// Lines of text: pieces are parted by tabs where they stand in columns, else by spaces.
fn join(lines: &[Vec<Piece>]) -> Vec<String> {
    let below = |line: usize, piece: &Piece| {
        lines.get(line).is_some_and(|l| l.iter().skip(1).any(|other| other.is_below(piece)))
    };
    let mut joined = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut text = String::new();
        for (place, piece) in line.iter().enumerate() {
            if place > 0 {
                let above = |d: &usize| index.checked_sub(*d).is_some_and(|i| below(i, piece));
                let up = (1..ALIGNED).take_while(above).count();
                let down = (1..ALIGNED).take_while(|d| below(index + d, piece)).count();
                let columns = piece.gap > WIDE || up + down + 1 >= ALIGNED;
                text.push(if columns { '\t' } else { ' ' });
            }
            text.push_str(piece.text.trim());
        }
        if !text.trim().is_empty() {
            joined.push(text);
        }
    }
    joined
}

fn pieces(mut characters: Vec<Character>) -> Vec<Piece> {
    characters.sort_by(|a, b| a.x.total_cmp(&b.x));
    raise(&mut characters);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last: Option<(f64, String)> = None;
    for character in characters {
        // Bold made by drawing twice is drawn once.
        let near = |x: f64| (character.x - x).abs() < character.size * 0.12;
        if last.as_ref().is_some_and(|(x, t)| near(*x) && *t == character.text) {
            continue;
        }
        // Blanks are known by the gap they leave.
        if character.text.trim().is_empty() {
            continue;
        }
        last = Some((character.x, character.text.clone()));
        let end = character.x + character.width;
        match pieces.last_mut() {
            Some(piece) => {
                let gap = (character.x - piece.end) / character.size.max(1.0);
                if gap > COLUMN {
                    pieces.push(Piece { x: character.x, end, gap, text: character.text });
                } else {
                    if gap > 0.18 {
                        piece.text.push(' ');
                    }
                    piece.text.push_str(&character.text);
                    piece.end = end;
                }
            }
            None => pieces.push(Piece { x: character.x, end, gap: 0.0, text: character.text }),
        }
    }
    pieces
}

/// Small raised digits are marks of footnotes: left as digits, they would be read as part of the figure before them.
fn raise(characters: &mut [Character]) {
    let size = characters.iter().map(|c| c.size).fold(0.0, f64::max);
    let base = characters.iter().filter(|c| c.size > size * 0.9).map(|c| c.y).fold(f64::INFINITY, f64::min);
    for character in characters {
        let raised = character.size < size * 0.75 && character.y > base + size * 0.15;
        let digit = character.text.parse::<usize>().ok().filter(|d| raised && *d < 10);
        if let Some(digit) = digit {
            character.text = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"][digit].to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(words: &[(f64, f64, &str)]) -> Vec<String> {
        let mut page = Page::new(1_000);
        for &(x, y, word) in words {
            for (index, c) in word.chars().enumerate() {
                let width = if c.is_ascii() { 6.0 } else { 12.0 };
                let x = x + index as f64 * width;
                page.push(Character { x, y, width, size: 12.0, text: c.to_string() }).expect("room");
            }
        }
        page.lines()
    }

    #[test]
    fn columns_are_parted_and_lines_ordered() {
        let lines = page(&[
            (50.0, 600.0, "第二行"),
            (50.0, 700.0, "学校"),
            (200.0, 701.0, "50"),
            (74.5, 700.0, "数"),
            (90.0, 700.0, "a"),
        ]);
        assert_eq!(lines, ["学校数 a\t50", "第二行"]);
    }

    #[test]
    fn narrow_columns_are_known_by_their_alignment() {
        let rows = [("类别", "数量"), ("甲类", "19"), ("乙类", "104")];
        let words: Vec<(f64, f64, &str)> = rows
            .iter()
            .enumerate()
            .flat_map(|(i, (a, b))| {
                [(50.0, 700.0 - 30.0 * i as f64, *a), (80.0, 700.0 - 30.0 * i as f64, *b)]
            })
            .collect();
        assert_eq!(page(&words), ["类别\t数量", "甲类\t19", "乙类\t104"]);
        assert_eq!(page(&words[..4]), ["类别 数量", "甲类 19"]);
    }

    #[test]
    fn doubled_drawing_is_one_word() {
        assert_eq!(page(&[(50.0, 600.0, "规模"), (50.3, 600.0, "规模")]), ["规模"]);
    }
}
