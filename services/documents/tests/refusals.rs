//! Files that must not be taken, each told by name.

use std::io::{Cursor, Write as _};

use zhijian_documents::{Bound, Kind, Limits, Refusal, docx, kind, sheet};
use zip::{ZipWriter, write::SimpleFileOptions};

const XLSX: &[u8] = include_bytes!("samples/figures.xlsx");
const DOCX: &[u8] = include_bytes!("samples/report.docx");
const PDF: &[u8] = include_bytes!("samples/report.pdf");
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR";

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("part");
        zip.write_all(content).expect("content");
    }
    zip.finish().expect("zip").into_inner()
}

/// A sample with parts added or replaced.
fn changed(file: &[u8], parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(file)).expect("zip");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let part = from.by_index_raw(index).expect("part");
        let name = part.name().expect("name").into_owned();
        if !parts.iter().any(|(n, _)| *n == name) {
            zip.raw_copy_file(part).expect("copied");
        }
    }
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("part");
        zip.write_all(content).expect("content");
    }
    zip.finish().expect("zip").into_inner()
}

fn part(file: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).expect("zip");
    std::io::read_to_string(zip.by_name(name).expect("part")).expect("text")
}

fn read(name: &str, file: &[u8]) -> Refusal {
    sheet::read(name, file, &Limits::default()).expect_err("refused")
}

fn read_docx(file: &[u8]) -> Refusal {
    docx::read("a.docx", file, &Limits::default()).expect_err("refused")
}

#[test]
fn kinds_are_seen_by_content() {
    let compound = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 500]].concat();
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let protected = [compound.clone(), wide("EncryptedPackage")].concat();
    for (file, expected) in [
        (XLSX, Kind::Xlsx),
        (DOCX, Kind::Docx),
        (PDF, Kind::Pdf),
        (include_bytes!("samples/figures.xls"), Kind::Xls),
        (include_bytes!("samples/report.doc"), Kind::Doc),
        (PNG, Kind::Png),
        (b"\xFF\xD8\xFF\xE0", Kind::Jpeg),
        (b"a,b\n1,2\n", Kind::Text),
        (b"MZ\x90\0\x03", Kind::Executable),
        ("MZ 是字母".as_bytes(), Kind::Text),
        ("PK 比赛\n".as_bytes(), Kind::Text),
        (b"<html><table>", Kind::Html),
        (b"<?xml version=\"1.0\"?><svg/>", Kind::Xml),
        (b"{\\rtf1", Kind::Rtf),
        (b"Rar!\x1A\x07\0", Kind::Rar),
        (b"", Kind::Empty),
        (b"\0\x01\x02", Kind::Unknown),
        (&zip_of(&[("a.txt", b"a")]), Kind::Zip),
        (&protected, Kind::Protected),
    ] {
        assert_eq!(Kind::of(file), expected);
    }
}

#[test]
fn disguises_and_old_formats_are_told() {
    assert_eq!(read("a.xlsx", PDF), Refusal::Disguised { claimed: ".xlsx".into(), is: Kind::Pdf });
    assert_eq!(read("a.csv", XLSX), Refusal::Disguised { claimed: ".csv".into(), is: Kind::Xlsx });
    assert_eq!(
        read("a.xls", b"<html><table></table></html>"),
        Refusal::Disguised { claimed: ".xls".into(), is: Kind::Html }
    );
    assert_eq!(read("a.xls", include_bytes!("samples/figures.xls")), Refusal::OldFormat { is: Kind::Xls });
    assert_eq!(
        docx::read("a.doc", include_bytes!("samples/report.doc"), &Limits::default()),
        Err(Refusal::OldFormat { is: Kind::Doc })
    );
    assert!(matches!(read("a.pdf", PDF), Refusal::Unsupported { is: Kind::Pdf, .. }));
    let limits = Limits::default();
    let png = |claimed| kind::check("图.png", claimed, PNG, &[Kind::Png], &limits);
    assert_eq!(png(Some("image/png")), Ok(Kind::Png));
    assert_eq!(png(Some("application/octet-stream")), Ok(Kind::Png));
    assert!(matches!(png(Some("image/jpeg")), Err(Refusal::Disguised { .. })));
    let protected = [
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(),
        "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
    .concat();
    assert_eq!(read("a.xlsx", &protected), Refusal::Encrypted);
}

#[test]
fn macros_are_refused_however_they_come() {
    let types = part(XLSX, "[Content_Types].xml");
    let active = types.replace(
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
        "vnd.ms-excel.sheet.macroEnabled.main",
    );
    let xlsm = changed(XLSX, &[("[Content_Types].xml", active.as_bytes()), ("xl/vbaProject.bin", b"x")]);
    assert_eq!(read("a.xlsm", &xlsm), Refusal::Macros { part: "xl/vbaProject.bin".into() });
    // Called .xlsx, it is a disguise; with macros that its list of types keeps quiet about, it is still full of macros.
    assert!(matches!(read("a.xlsx", &xlsm), Refusal::Disguised { is: Kind::Xlsm, .. }));
    for name in [
        "xl/vbaProject.bin",
        "xl/macrosheets/sheet1.xml",
        "xl/activeX/activeX1.xml",
        "word/embeddings/a.xlsm",
    ] {
        let quiet = changed(XLSX, &[(name, b"<a/>")]);
        assert_eq!(read("a.xlsx", &quiet), Refusal::Macros { part: name.into() });
    }
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![b' '; 40 << 20];
    let bomb = changed(XLSX, &[("xl/media/image1.png", &zeros)]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(read("a.xlsx", &bomb), Refusal::ArchiveBomb { bound: Bound::Ratio, .. }));
    let limits = Limits { unpacked: 1 << 20, ratio: u64::MAX, ..Limits::default() };
    assert!(matches!(
        sheet::read("a.xlsx", &bomb, &limits),
        Err(Refusal::ArchiveBomb { bound: Bound::Unpacked, .. })
    ));
    let many: Vec<(String, &[u8])> = (0..6_000).map(|i| (format!("a{i}.txt"), b"".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(n, c)| (n.as_str(), *c)).collect();
    assert!(matches!(read("a.xlsx", &zip_of(&many)), Refusal::TooLarge { bound: Bound::Entries, .. }));
    let deep = format!(
        "<w:document><w:body>{}{}</w:body></w:document>",
        "<w:p>".repeat(5_000),
        "</w:p>".repeat(5_000)
    );
    let deep = changed(DOCX, &[("word/document.xml", deep.as_bytes())]);
    assert!(matches!(read_docx(&deep), Refusal::TooLarge { bound: Bound::Depth, .. }));
    // A table of strings that promises more than there is memory for.
    let promise = changed(XLSX, &[("xl/sharedStrings.xml", br#"<sst uniqueCount="900000000000"></sst>"#)]);
    assert!(matches!(read("a.xlsx", &promise), Refusal::Damaged { .. }));
    // One cell at the end of the sheet, and a formula with a number beyond all.
    let far = r#"<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    let far = changed(XLSX, &[("xl/worksheets/sheet1.xml", far.as_bytes())]);
    assert!(matches!(read("a.xlsx", &far), Refusal::TooLarge { bound: Bound::Rows, .. }));
    let shared = r#"<worksheet><sheetData><row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="900000000000">B1</f><v>1e400</v></c></row></sheetData></worksheet>"#;
    let shared = changed(XLSX, &[("xl/worksheets/sheet1.xml", shared.as_bytes())]);
    let book = sheet::read("a.xlsx", &shared, &Limits::default()).expect("reads");
    assert_eq!(book.sheets[0].cell(1, 1).expect("cell").value, sheet::Value::Error("#NUM!".into()));
}

#[test]
fn entities_paths_and_damage_are_told() {
    let entity = b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><w:document><w:body/></w:document>";
    let entity = changed(DOCX, &[("word/document.xml", entity)]);
    assert_eq!(read_docx(&entity), Refusal::ExternalEntity { part: "word/document.xml".into() });
    for path in ["../../etc/passwd", "/etc/passwd", "C:/a", "xl\\..\\..\\a"] {
        let file = changed(XLSX, &[(path, b"x")]);
        assert!(matches!(read("a.xlsx", &file), Refusal::UnsafePath { .. }), "{path}");
    }
    for length in [30, 1_000, XLSX.len() - 30] {
        assert_eq!(read("a.xlsx", &XLSX[..length]), Refusal::Damaged { part: String::new() }, "{length}");
    }
    let broken = changed(DOCX, &[("word/document.xml", b"<w:document><w:body><w:p><w:r>")]);
    assert!(matches!(read_docx(&broken), Refusal::Damaged { .. }));
    let empty = changed(DOCX, &[("word/document.xml", b"")]);
    assert!(matches!(read_docx(&empty), Refusal::Damaged { .. }));
    let small = Limits { bytes: 1_000, ..Limits::default() };
    assert!(matches!(
        sheet::read("a.xlsx", XLSX, &small),
        Err(Refusal::TooLarge { bound: Bound::Bytes, .. })
    ));
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    let all = [
        Refusal::Empty,
        Refusal::Macros { part: "a".into() },
        Refusal::ArchiveBomb { bound: Bound::Ratio, limit: 300 },
        Refusal::Disguised { claimed: ".xlsx".into(), is: Kind::Pdf },
        Refusal::Unsupported { is: Kind::Zip, accepted: vec![Kind::Xlsx, Kind::Docx, Kind::Pdf] },
        Refusal::Encrypted,
        Refusal::Damaged { part: String::new() },
        Refusal::TooLarge { bound: Bound::Bytes, limit: 50 << 20, place: String::new() },
        Refusal::OldFormat { is: Kind::Doc },
        Refusal::UnsafePath { path: "../a".into() },
        Refusal::ExternalEntity { part: "a".into() },
        Refusal::Encoding { line: 3 },
        Refusal::OpenQuote { line: 3 },
        Refusal::Scanned { pages: 3 },
    ];
    let mut reasons = std::collections::HashSet::new();
    for refusal in all {
        assert!(reasons.insert(refusal.reason()));
        let (zh, en) = (refusal.message_zh(), refusal.message_en());
        assert!(zh.ends_with('。') && zh.contains('请') | zh.contains("不"), "{zh}");
        assert!(en.ends_with('.') && en.is_ascii() | en.contains('–'), "{en}");
    }
    let unsupported =
        Refusal::Unsupported { is: Kind::Zip, accepted: vec![Kind::Xlsx, Kind::Docx, Kind::Pdf] };
    assert_eq!(
        unsupported.message_zh(),
        "这里不接收 ZIP 压缩包，请提供 Excel 工作簿（.xlsx）、 Word 文档（.docx）或 PDF 文档。"
    );
    let large = Refusal::TooLarge { bound: Bound::Bytes, limit: 50 << 20, place: String::new() };
    assert_eq!(large.message_zh(), "文件过大：文件大小上限为 50 MiB。请删去无关内容或拆分后再上传。");
}

#[test]
fn what_excel_and_wps_write_is_read() {
    let sheet = r#"<worksheet><sheetData>
        <row r="1"><c r="A1" t="inlineStr"><is><r><t>富</t></r><r><t>文本</t></r><rPh sb="0" eb="1"><t>fu</t></rPh></is></c><c r="B1" t="str"><f>"甲"&amp;"乙"</f><v>甲乙</v></c></row>
        <row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">B2*2</f><v>4</v></c><c r="B2"><v>2.0000000000000004</v></c><c r="C2"><v></v></c></row>
        <row r="3"><c r="A3"><f t="shared" si="0"/><v>6</v></c><c r="B3"><v>-0</v></c></row>
        <row><c><v>7</v></c></row>
        </sheetData><mergeCells><mergeCell ref="A5:B6"/></mergeCells></worksheet>"#;
    let file = changed(XLSX, &[("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    let book = sheet::read("a.xlsx", &file, &Limits::default()).expect("reads");
    let sheet = &book.sheets[0];
    assert_eq!((sheet.text(1, 1), sheet.text(1, 2)), ("富文本", "甲乙"));
    let formula = |row, column| sheet.cell(row, column).and_then(|c| c.formula.clone());
    assert_eq!(
        (formula(1, 2).as_deref(), formula(2, 1).as_deref(), formula(3, 1).as_deref()),
        (Some("\"甲\"&\"乙\""), Some("B2*2"), Some("B3*2"))
    );
    assert_eq!((sheet.text(2, 2), sheet.text(3, 2), sheet.text(4, 1)), ("2.0000000000000004", "0", "7"));
    assert_eq!((sheet.cell(2, 3), sheet.merged.len()), (None, 1));
}
