//! A small fuzz run without a fuzzer: the samples, and what chance makes of them, go through every reader.
//! `fuzz/` has the real targets.

use zhijian_documents::{Limits, docx, kind, pdf, sheet};

const SEEDS: [(&str, &[u8]); 5] = [
    ("a.xlsx", include_bytes!("samples/figures.xlsx")),
    ("a.docx", include_bytes!("samples/report.docx")),
    ("a.pdf", include_bytes!("samples/scanned.pdf")),
    ("a.csv", "代码,名称,值\r\n4111010001,\"甲,乙\",-1.5\r\n=1+1,'=2,\"a\"\"b\"\r\n".as_bytes()),
    ("b.csv", b"\xB4\xFA\xC2\xEB;\xC3\xFB\xB3\xC6\n1;2\n"),
];

/// xorshift: the same run every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

fn mutated(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut file = seed.to_vec();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(file.len());
        match dice.roll(6) {
            0 => file.truncate(at),
            1 => file.insert(at, dice.roll(256) as u8),
            2 => {
                let end = (at + dice.roll(64)).min(file.len());
                file.drain(at..end);
            }
            3 => {
                let end = (at + dice.roll(64)).min(file.len());
                let copy = file[at..end].to_vec();
                let to = dice.roll(file.len());
                file.splice(to..to, copy);
            }
            _ => {
                if let Some(byte) = file.get_mut(at) {
                    *byte ^= 1 << dice.roll(8);
                }
            }
        }
    }
    file
}

/// A workbook or document again from parts of which one was mutated, so that what is inside is reached at all.
fn inside(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    use std::io::{Cursor, Read as _, Write as _};
    let mut from = zip::ZipArchive::new(Cursor::new(seed)).expect("zip");
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let chosen = dice.roll(from.len());
    for index in 0..from.len() {
        let mut part = from.by_index(index).expect("part");
        let name = part.name().expect("name").into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("content");
        if index == chosen {
            content = mutated(&content, dice);
        }
        to.start_file(name, zip::write::SimpleFileOptions::default()).expect("part");
        to.write_all(&content).expect("content");
    }
    to.finish().expect("zip").into_inner()
}

fn read(name: &str, file: &[u8]) {
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    let _ = kind::check(name, Some("image/png"), file, &[kind::Kind::Png], &limits);
    if let Ok(book) = sheet::read(name, file, &limits) {
        let _ = book.sheets.iter().map(|s| s.text(1, 1).len() + s.width() as usize).sum::<usize>();
    }
    if let Ok(document) = docx::read(name, file, &limits) {
        let _ = (document.lines(), docx::blocks(&document.markdown()));
    }
    if let Ok(text) = pdf::read(name, file, &limits) {
        let _ = text.lines();
    }
}

#[test]
fn no_input_panics() {
    // Other people's parsers may panic inside their fence; what they would print is not of interest.
    std::panic::set_hook(Box::new(|_| {}));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for (name, seed) in SEEDS {
        read(name, seed);
        let rounds = if name.ends_with(".pdf") { 60 } else { 120 };
        for _ in 0..rounds {
            read(name, &mutated(seed, &mut dice));
            if seed.starts_with(b"PK") {
                read(name, &inside(seed, &mut dice));
            }
        }
    }
}
