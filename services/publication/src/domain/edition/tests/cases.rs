//! Cases of accepted reports in templates.

use zhijian_typeset::{markdown, model::Case};

use super::*;
use crate::domain::pin::PinnedCase;

fn case(id: usize, school: &str, kind: &str, section: &str) -> PinnedCase {
    PinnedCase {
        case_id: format!("cas_{id}"),
        submission_id: format!("sub_2027_{school}"),
        kind: kind.to_owned(),
        subject: school.to_owned(),
        section: section.to_owned(),
        title: format!("第{id}个案例"),
        body: format!("## 做法\n\n{school}校**做了**30次。\n"),
    }
}

fn with_cases() -> Pinned {
    let cases = vec![
        case(1, "1", "higher", "talent"),
        case(2, "1", "higher", "integration"),
        case(3, "2", "secondary", "integration"),
    ];
    Pinned { cases, ..two_years() }
}

fn told(document: &Document) -> Vec<&Case> {
    let blocks = document.chapters.iter().flat_map(|chapter| &chapter.blocks);
    blocks.filter_map(|block| if let SetBlock::Case(case) = block { Some(case) } else { None }).collect()
}

#[test]
fn a_line_that_sets_cases_is_read_strictly() {
    for (line, words) in [
        ("{{ cases }}", "limit is missing or not between 1 and 20"),
        ("{{ cases limit=\"0\" }}", "limit is missing or not between 1 and 20"),
        ("{{ cases limit=\"21\" }}", "limit is missing or not between 1 and 20"),
        ("{{ cases limit=\"two\" }}", "limit=\"two\" is not a whole number"),
        ("{{ cases limit=\"2\" scope=\"none\" }}", "there is no scope \"none\""),
        ("{{ cases limit=\"2\" section=\"\" }}", "is not a section's code"),
        ("{{ cases limit=\"2\" section=\"产教\" }}", "is not a section's code"),
        ("{{ cases limit=\"2\" optional=\"maybe\" }}", "optional=\"maybe\" is not yes or no"),
        ("{{ cases limit=\"2\" title=\"共 3 例\" }}", "the number at \"3 例\" is typed"),
        ("{{ cases limit=\"2\" colour=\"red\" }}", "colour means nothing here"),
        ("见{{ cases limit=\"2\" }}", "cases stand alone on a line"),
        ("- {{ cases limit=\"2\" }}", "cases stand alone on a line"),
        ("注^[{{ cases limit=\"2\" }}]", "cases stand alone on a line"),
        ("## {{ cases limit=\"2\" }}", "a heading holds no bindings"),
    ] {
        let fault = fault(&format!("# 章\n\n{line}\n"));
        assert!(fault.starts_with("publication/editions/2027/one.md: line 3: "), "{line}: {fault}");
        assert!(fault.contains(words), "{line}: {fault}");
    }
    let manifest = format!("{MANIFEST}{INSTITUTION}");
    for (line, words) in [
        ("{{ cases limit=\"2\" }}", "limit means nothing here"),
        ("{{ cases scope=\"all\" }}", "scope means nothing here"),
    ] {
        let own = format!("# 章\n\n{line}\n");
        let files =
            [("2027.toml", manifest.as_str()), ("2027/one.md", "# 章\n\n正文。\n"), ("2027/own.md", &own)];
        let fault = load(&files).expect_err("a school's own cases are not picked").to_string();
        assert!(fault.starts_with("publication/editions/2027/own.md: line 3: "), "{fault}");
        assert!(fault.contains(words), "{line}: {fault}");
    }
}

#[test]
fn a_region_tells_cases_school_by_school_and_says_whose_they_are() {
    let chapter = "# 章\n\n## 节\n\n{{ cases limit=\"1\" section=\"talent\" }}\n\n{{ cases title=\"案例（{year}年）\" limit=\"2\" section=\"integration\" scope=\"all\" }}\n\n## 又一节\n\n正文。\n";
    let built = set(chapter, &with_cases(), &[]).expect("there are cases");
    let document = &built[0].document;
    let cases = told(document);
    let heads: Vec<[&str; 4]> =
        cases.iter().map(|case| [&*case.id, &*case.number, &*case.title, &*case.owner]).collect();
    assert_eq!(
        heads,
        [
            ["case-1-1", "1-1", "第1个案例", "1学校"],
            ["case-1-2", "1-2", "第2个案例", "1学校"],
            ["case-1-3", "1-3", "第3个案例", "2学校"],
        ]
    );
    for case in &cases {
        assert!(case.source.starts_with("学校提供"), "{}", case.source);
        assert_eq!(case.paragraphs.len(), 2);
        assert_eq!(case.paragraphs[0], [Inline::Text("做法".to_owned())]);
    }
    let text = markdown::text(document);
    for wanted in [
        "1.1 节",
        "1.2 案例（2027年）",
        "1.3 又一节",
        "> <strong>案例1-3 第3个案例</strong>",
        "> 2校做了30次。",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    // Told numbers are the school's: none counts as bound.
    assert_eq!(built[0].values, 0);
}

#[test]
fn cases_that_are_not_there_are_a_fault_unless_the_edition_does_without() {
    let line = "{{ cases limit=\"2\" section=\"culture\" }}";
    let told_fault = faults(line, &with_cases(), &[]);
    assert_eq!(told_fault.len(), 1, "{told_fault:?}");
    assert!(
        told_fault[0].starts_with("publication/editions/2027/one.md:3: cases limit=\"2\""),
        "{told_fault:?}"
    );
    for words in ["no accepted report of 2027 has a case in the section \"culture\"", "optional=\"yes\""] {
        assert!(told_fault[0].contains(words), "{told_fault:?}");
    }
    let secondary = "{{ cases limit=\"2\" scope=\"higher\" section=\"talent\" }}";
    let mut pinned = with_cases();
    pinned.cases.retain(|case| case.kind == "secondary");
    assert_eq!(faults(secondary, &pinned, &[]).len(), 1, "the scope counts");
    pinned.organisations.remove("2");
    assert!(faults("{{ cases limit=\"2\" }}", &pinned, &[])[0].contains("the register has no school 2"));

    let line = "{{ cases title=\"案例\" limit=\"2\" section=\"culture\" optional=\"yes\" }}";
    let built =
        set(&format!("# 章\n\n{line}\n\n## 节\n\n正文。\n"), &with_cases(), &[]).expect("it does without");
    let text = markdown::text(&built[0].document);
    assert!(!text.contains("案例") && text.contains("1.1 节"), "{text}");
}

#[test]
fn an_institution_tells_its_own_cases_and_nobody_elses() {
    let manifest = format!("{MANIFEST}{INSTITUTION}");
    let own = "# 章\n\n{{ cases title=\"本校案例\" }}\n";
    let files = [("2027.toml", manifest.as_str()), ("2027/one.md", "# 章\n\n正文。\n"), ("2027/own.md", own)];
    let found = load(&files).expect("sound");
    let templates = found.of(2027).expect("there");
    let mut plan = Plan::default();
    templates.want(&mut plan);
    assert_eq!(plan.cases.len(), 1, "{plan:?}");
    let mut pinned = with_cases();
    pinned.cases.pop();
    let facts = pin::facts(&pinned, plan).expect("small numbers");
    let cover = Cover { demonstration: false, note: String::new() };
    let (built, left_out) = build(templates, &pinned, &facts, &BTreeMap::new(), &cover);
    assert!(left_out.is_empty(), "{left_out:?}");
    let heads = |built: &Built| -> Vec<(String, String)> {
        told(&built.document).iter().map(|case| (case.number.clone(), case.title.clone())).collect()
    };
    let both = [("1-1", "第1个案例"), ("1-2", "第2个案例")];
    assert_eq!(heads(&built[1]), both.map(|(number, title)| (number.to_owned(), title.to_owned())));
    assert!(told(&built[1].document).iter().all(|case| case.owner.is_empty() && !case.source.is_empty()));
    assert_eq!(built[2].document.chapters[0].blocks, [], "without a case nothing is set");
}
