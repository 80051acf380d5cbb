//! Differences of what a report carries beside its cells and sections: each case and each file as a few lines of text.

use zhijian_platform::Text;

use super::{Change, What, passages, plain};
use crate::domain::{attachment::Attachment, case::Case, material::Material};

/// What is different, cases first: those of the new side in its order, then those that are gone.
pub fn changes(old: &Material, new: &Material) -> Vec<Change> {
    let cases = differences(
        What::Case,
        &old.cases,
        &new.cases,
        |case| &case.case_id,
        |case| Text::new(format!("案例：{}", case.title), format!("Case: {}", case.title)),
        case_lines,
    );
    let files = differences(
        What::Attachment,
        &old.attachments,
        &new.attachments,
        |file| &file.attachment_id,
        |file| Text::new(format!("附件：{}", file.file_name), format!("File: {}", file.file_name)),
        file_lines,
    );
    cases.into_iter().chain(files).collect()
}

fn differences<T: PartialEq>(
    what: What,
    old: &[T],
    new: &[T],
    id: impl Fn(&T) -> &str,
    name: impl Fn(&T) -> Text,
    lines: impl Fn(&T) -> String,
) -> Vec<Change> {
    let mut changes = vec![];
    for after in new {
        let before = old.iter().find(|one| id(one) == id(after));
        if before != Some(after) {
            let passages = passages(&before.map(&lines).unwrap_or_default(), &lines(after));
            changes.push(Change { passages, ..plain(what, id(after), name(after)) });
        }
    }
    let gone = old.iter().filter(|before| new.iter().all(|one| id(one) != id(before)));
    changes.extend(gone.map(|before| Change {
        passages: passages(&lines(before), ""),
        ..plain(what, id(before), name(before))
    }));
    changes
}

fn case_lines(case: &Case) -> String {
    let pictures = case.pictures.iter().map(|picture| format!("\n[{}]", picture.alt_text));
    format!("{}\n{}{}", case.title, case.body, pictures.collect::<String>())
}

/// A file's content is told by the head of its hash: the same name with another content is another file.
fn file_lines(file: &Attachment) -> String {
    const HEAD: usize = 12;
    let hash = file.sha256.get(..HEAD).unwrap_or(&file.sha256);
    let caption = if file.caption.is_empty() { String::new() } else { format!("\n{}", file.caption) };
    format!("{}\n{} B, SHA-256 {hash}{caption}", file.file_name, file.size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compare::Piece;

    fn case(id: &str, title: &str, body: &str) -> Case {
        Case {
            body: body.into(),
            case_id: id.into(),
            pictures: vec![],
            section_code: "talent".into(),
            title: title.into(),
        }
    }

    fn with(cases: Vec<Case>) -> Material {
        Material { cases, ..Material::default() }
    }

    #[test]
    fn cases_are_compared_by_id_and_those_that_are_gone_come_last() {
        let old = with(vec![case("c1", "订单班", "一百人。"), case("c2", "工匠进校", "讲座。")]);
        let new = with(vec![case("c3", "新的", "内容。"), case("c1", "订单班", "二百人。")]);
        assert_eq!(changes(&old, &old), []);
        let changes = changes(&old, &new);
        let codes: Vec<&str> = changes.iter().map(|change| change.code.as_str()).collect();
        assert_eq!(codes, ["c3", "c1", "c2"]);
        assert!(changes.iter().all(|change| change.what == What::Case));
        let of = |at: usize, piece: Piece| -> String {
            let of = changes[at].passages.iter().filter(|passage| passage.piece == piece);
            of.map(|passage| passage.text.as_str()).collect()
        };
        assert_eq!((of(0, Piece::Removed).as_str(), of(0, Piece::Added).as_str()), ("", "新的\n内容。"));
        assert_eq!((of(1, Piece::Removed).as_str(), of(1, Piece::Added).as_str()), ("一", "二"));
        assert_eq!(of(2, Piece::Removed), "工匠进校\n讲座。");
    }
}
