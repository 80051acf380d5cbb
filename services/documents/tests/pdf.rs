//! PDFs through the public interface.

use zhijian_documents::{Limits, Refusal, pdf};

const REPORT: &[u8] = include_bytes!("samples/report.pdf");

#[test]
fn a_pdf_of_libreoffice_reads_by_line() {
    let text = pdf::read("报告.pdf", REPORT, &Limits::default()).expect("reads");
    assert_eq!(text.unreadable, []);
    let lines = text.lines();
    // A PDF shows tracked deletions as its maker did.
    assert_eq!(
        lines[..3],
        ["一、办学概况", "（一）办学规模", "演示学院共有学生已删去的话1,234 人¹，教师 56 人。"]
    );
    assert!(lines.contains(&"专任\t高级\t20".to_owned()));
    assert_eq!(lines.last().map(String::as_str), Some("1 不含留学生。"));
}

#[test]
fn a_pdf_protected_against_printing_reads() {
    let file = include_bytes!("samples/restricted.pdf");
    let text = pdf::read("a.pdf", file, &Limits::default()).expect("reads");
    assert_eq!(text, pdf::read("a.pdf", REPORT, &Limits::default()).expect("reads"));
    let small = Limits { unpacked: 10_000, ..Limits::default() };
    assert!(matches!(pdf::read("a.pdf", file, &small), Err(Refusal::ArchiveBomb { .. })));
}

#[test]
fn what_is_wrong_with_a_pdf_is_told() {
    let limits = Limits::default();
    let scanned = pdf::read("a.pdf", include_bytes!("samples/scanned.pdf"), &limits);
    assert_eq!(scanned, Err(Refusal::Scanned { pages: 1 }));
    let encrypted = pdf::read("a.pdf", include_bytes!("samples/encrypted.pdf"), &limits);
    assert_eq!(encrypted, Err(Refusal::Encrypted));
    for length in [20, 1_000, REPORT.len() / 2] {
        assert!(
            matches!(pdf::read("a.pdf", &REPORT[..length], &limits), Err(Refusal::Damaged { .. })),
            "{length}"
        );
    }
    let few = Limits { pages: 0, ..limits };
    assert!(matches!(pdf::read("a.pdf", REPORT, &few), Err(Refusal::TooLarge { .. })));
    let small = Limits { unpacked: 10_000, ..limits };
    assert!(matches!(pdf::read("a.pdf", REPORT, &small), Err(Refusal::ArchiveBomb { .. })));
}

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf_of(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    file.extend(
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1)
            .into_bytes(),
    );
    file
}

#[test]
fn structures_that_lead_back_to_themselves_end() {
    let limits = Limits::default();
    let stream = |dictionary: &str, content: &str| {
        format!("<< {dictionary} /Length {} >>\nstream\n{content}\nendstream", content.len())
    };
    // A page that inherits from itself.
    let parent = pdf_of(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R >>",
        "<< /Type /Page /Parent 2 0 R >>",
    ]);
    // A drawing that draws itself, by its own resources and by its page's.
    let form = stream("/Type /XObject /Subtype /Form /Resources << /XObject << /A 4 0 R >> >>", "/A Do");
    let bare = stream("/Type /XObject /Subtype /Form", "/A Do");
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 5 0 R /Resources << /XObject << /A 4 0 R >> >> >>";
    let content = stream("", "/A Do");
    let pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
    let own = pdf_of(&["<< /Type /Catalog /Pages 2 0 R >>", pages, page, &form, &content]);
    let borrowed = pdf_of(&["<< /Type /Catalog /Pages 2 0 R >>", pages, page, &bare, &content]);
    for file in [parent, own, borrowed] {
        assert!(pdf::read("a.pdf", &file, &limits).is_err());
    }
    // Numbers that the reader would make room for.
    for key in ["/Columns 900000000000", "/C#6Flumns 900000000000", "/W [1 90000000000000 1]"] {
        let parameters = format!("/Filter /FlateDecode /DecodeParms << /Predictor 12 {key} >>");
        let wide = stream(&parameters, "x");
        let file = pdf_of(&["<< /Type /Catalog /Pages 2 0 R >>", pages, page, &form, &wide]);
        assert_eq!(
            pdf::read("a.pdf", &file, &limits),
            Err(Refusal::Damaged { part: String::new() }),
            "{key}"
        );
    }
    // Forty drawings, each of which draws the next ten times.
    let mut objects = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), pages.to_owned(), page.to_owned()];
    for index in 4..30 {
        let next = if index == 4 { 6 } else { index + 1 };
        let resources =
            format!("/Type /XObject /Subtype /Form /Resources << /XObject << /A {next} 0 R >> >>");
        objects.push(if index == 5 { content.clone() } else { stream(&resources, &"/A Do ".repeat(10)) });
    }
    objects.push(stream("/Type /XObject /Subtype /Form /Resources << >>", ""));
    let file = pdf_of(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(matches!(pdf::read("a.pdf", &file, &limits), Err(Refusal::Damaged { .. })));
}
