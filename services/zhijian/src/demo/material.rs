//! What goes with the demonstration's reports: cases, pictures drawn here, and declarations as PDF. All are labelled 演示.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{GenerateError, ReportKind, YearReport, dice::Dice};

const CASES: &str = include_str!("../../demo-data/cases.toml");

/// The sections of which editions set cases.
const COMPILED: [&str; 3] = ["talent", "culture", "integration"];

/// A case to choose from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseText {
    pub title: String,
    pub body: String,
}

/// The cases to choose from, by section.
pub(crate) struct Cases(BTreeMap<String, Vec<CaseText>>);

impl Cases {
    pub(crate) fn read() -> Result<Self, GenerateError> {
        toml::from_str(CASES)
            .map(Self)
            .map_err(|error| GenerateError::BadFile { name: "cases.toml", reason: error.to_string() })
    }

    /// The case of a school's report of the year that is compiled into editions, and its section.
    pub(crate) fn of_compiled(&self, report: &YearReport, name: &str) -> Option<(&'static str, CaseText)> {
        if !matches!(report.kind, ReportKind::Higher | ReportKind::Secondary) {
            return None;
        }
        // By turns, so that neighbours in the order of codes tell different cases.
        let serial: usize = report.subject.get(report.subject.len().checked_sub(4)?..)?.parse().ok()?;
        let section = COMPILED[serial % COMPILED.len()];
        let texts = self.0.get(section).filter(|texts| !texts.is_empty())?;
        Some((section, labelled(&texts[serial / COMPILED.len() % texts.len()], name)))
    }

    /// A case for a section of the report called `label`, about the organisation called `name`.
    pub(crate) fn pick(&self, section: &str, label: &str, name: &str) -> Option<CaseText> {
        let texts = self.0.get(section).filter(|texts| !texts.is_empty())?;
        Some(labelled(Dice::of(&format!("case {section} {label}")).pick(texts), name))
    }
}

/// A case about the organisation called `name`, marked as invented.
fn labelled(case: &CaseText, name: &str) -> CaseText {
    CaseText {
        title: case.title.clone(),
        body: format!("{}（演示案例：机构系虚构，仅供试用。）", case.body.replace("{name}", name)),
    }
}

const WIDTH: usize = 320;
const HEIGHT: usize = 200;

/// A picture: an invented workshop, drawn with a few shapes, labelled 演示. A PNG of 4-bit colours.
pub(crate) fn picture(label: &str) -> Vec<u8> {
    let mut dice = Dice::of(&format!("picture {label}"));
    let mut canvas = vec![0_u8; WIDTH * HEIGHT];
    let mut fill = |x: u64, y: u64, width: u64, height: u64, colour: u8| {
        for row in y..(y + height).min(HEIGHT as u64) {
            for column in x..(x + width).min(WIDTH as u64) {
                canvas[row as usize * WIDTH + column as usize] = colour;
            }
        }
    };
    fill(0, 140, 320, 60, 1);
    fill(0, 138, 320, 2, 2);
    for window in 0..4 {
        fill(20 + window * 76, 24, 52, 44, 3);
        fill(45 + window * 76, 24, 2, 44, 0);
        fill(20 + window * 76, 45, 52, 2, 0);
    }
    for bench in 0..3 {
        let x = 24 + bench * 98 + dice.below(12);
        let height = 34 + dice.below(18);
        fill(x, 140 - height, 62, height + 10, 4);
        fill(x + 6, 146 - height, 26, 16, 3);
        fill(x + 40, 148 - height, 10, 10, if bench == 1 { 6 } else { 7 });
        fill(x - 4, 150, 70, 6, 2);
        let person = x + 66 + dice.below(6);
        fill(person + 3, 96, 10, 10, 5);
        fill(person, 107, 16, 36, if dice.chance(50) { 8 } else { 9 });
        fill(person + 2, 143, 5, 22, 2);
        fill(person + 9, 143, 5, 22, 2);
    }
    fill(228, 164, 84, 32, 10);
    for (place, glyph) in GLYPHS.iter().enumerate() {
        for (row, bits) in (0_u64..).zip(glyph) {
            for column in (0..24_u64).filter(|column| bits >> (23 - column) & 1 == 1) {
                fill(240 + place as u64 * 32 + column, 168 + row, 1, 1, 0);
            }
        }
    }
    png(&canvas)
}

/// 演 and 示, 24 rows of 24 bits.
const GLYPHS: [[u32; 24]; 2] = [
    [
        0, 0, 0x200, 0x1c0300, 0xe7ff8, 0x7fffc, 0xc00c, 0xc00c, 0x3ff0, 0x300300, 0x3c0300, 0xc7ff8, 0x6318,
        0x6318, 0x6318, 0x27ff8, 0x66318, 0x66318, 0xc7ff8, 0xc0840, 0x1818e0, 0x187038, 0x11e01c, 0x8000,
    ],
    [
        0, 0, 0, 0, 0xffff0, 0xffff0, 0, 0, 0, 0, 0x3ffffc, 0x3ffffc, 0x1800, 0x1800, 0x318c0, 0x618e0,
        0x61860, 0xc1830, 0xc1838, 0x181818, 0x301818, 0x101808, 0x1f800, 0xf000,
    ],
];

const PALETTE: [[u8; 3]; 16] = [
    [244, 246, 244],
    [214, 219, 216],
    [96, 110, 112],
    [196, 220, 226],
    [72, 128, 132],
    [226, 188, 160],
    [196, 138, 60],
    [92, 152, 104],
    [58, 92, 140],
    [160, 84, 66],
    [176, 120, 40],
    [0; 3],
    [0; 3],
    [0; 3],
    [0; 3],
    [0; 3],
];

/// A PNG of [`PALETTE`] colours, uncompressed: small enough, and needs no library.
fn png(canvas: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity((WIDTH / 2 + 1) * HEIGHT);
    for row in canvas.chunks(WIDTH) {
        raw.push(0);
        raw.extend(row.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
    }
    let mut zlib = vec![0x78, 0x01];
    let mut blocks = raw.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        zlib.push(u8::from(blocks.peek().is_none()));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(block);
    }
    zlib.extend(adler(&raw).to_be_bytes());
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = vec![];
    header.extend((WIDTH as u32).to_be_bytes());
    header.extend((HEIGHT as u32).to_be_bytes());
    header.extend([4, 3, 0, 0, 0]);
    for (kind, content) in
        [(b"IHDR", header), (b"PLTE", PALETTE.concat()), (b"IDAT", zlib), (b"IEND", vec![])]
    {
        file.extend((content.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(content);
        file.extend(crc(&file[start..]).to_be_bytes());
    }
    file
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    b << 16 | a
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |mut crc: u32, byte: &u8| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    };
    !bytes.iter().fold(!0, step)
}

/// What a declaration says.
pub(crate) struct Declared<'a> {
    /// Whose report of what year and kind.
    pub title: &'a str,
    /// Who declares, and in what office.
    pub name: &'a str,
    pub office: &'a str,
    /// The year of the report.
    pub year: i32,
}

/// A declaration of truthfulness as a PDF of one page, with a drawn seal. Its letters are those of the reader's own system.
pub(crate) fn declaration(declared: &Declared<'_>) -> Vec<u8> {
    let mut page = String::new();
    let mut line = |size: u32, x: u32, y: u32, text: &str| {
        let wide: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        page.push_str(&format!("BT /F1 {size} Tf {x} {y} Td <{wide}> Tj ET\n"));
    };
    line(22, 178, 740, "内容真实性责任声明");
    line(12, 262, 715, "（演示文件）");
    line(13, 80, 660, &format!("{}：", declared.title));
    line(13, 106, 632, "本单位对所报送的质量年报负责，声明报告所载数据和内容真实、准确、完整，");
    line(13, 80, 606, "引用的数据均有出处，案例和图片均已取得授权。如有不实，愿承担相应责任。");
    line(13, 330, 500, &format!("{}：{}（签字）", declared.office, declared.name));
    line(13, 330, 472, "单位（盖章）：");
    line(13, 330, 444, &format!("{}年11月（演示日期）", declared.year));
    line(10, 80, 90, "此件由演示程序生成，机构与人员均系虚构，印章为示意图形，不具任何效力。");
    // A seal as four curves, in the seal's red, with the word inside.
    page.push_str("q 0.8 0.16 0.1 RG 2.5 w 452 520 m 452 549 428 573 399 573 c 370 573 346 549 346 520 c 346 491 370 467 399 467 c 428 467 452 491 452 520 c S Q\n");
    page.push_str("q 0.8 0.16 0.1 rg BT /F1 22 Tf 377 512 Td <6F14793A> Tj ET Q\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>"
            .to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) \
         /Supplement 2 >> /FontDescriptor 7 0 R /DW 1000 >>"
            .to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 \
         /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
            .to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = vec![];
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let table = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        file.push_str(&format!("{place:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    ));
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_declarations_are_what_they_say() {
        let one = picture("2026 higher 4111000001");
        assert_eq!(zhijian_documents::Kind::of(&one), zhijian_documents::Kind::Png);
        assert_eq!(one, picture("2026 higher 4111000001"), "the same at every load");
        assert_ne!(one, picture("2026 higher 4111000002"));
        let declared = Declared { title: "演示学院", name: "张三", office: "院长", year: 2026 };
        let pdf = declaration(&declared);
        assert_eq!(zhijian_documents::Kind::of(&pdf), zhijian_documents::Kind::Pdf);
        assert_eq!(crc(b"IEND"), 0xAE42_6082);
        assert_eq!(adler(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn every_case_is_short_and_labelled() {
        let cases = Cases::read().expect("sound");
        for section in cases.0.keys() {
            let case = cases.pick(section, "x", "演示学院").expect("there is one");
            assert!(case.body.contains("演示案例") && !case.body.contains('{'), "{section}: {}", case.body);
            assert!(case.body.chars().count() <= 1000 && case.title.chars().count() <= 60);
        }
    }
}
