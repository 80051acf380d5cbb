use proptest::{prelude::*, sample::select};
use zhijian_documents::docx::{Image, blocks};
use zhijian_platform::rules::RulesDir;

use super::*;
use crate::domain::catalogue::Catalogues;

fn kind() -> &'static ReportKind {
    Catalogues::shipped().get(2026).expect("2026 is shipped").kind("higher").expect("a kind of 2026")
}

fn plan_by_hand(document: Document, by_hand: &[(usize, &str)]) -> Result<Plan, Vec<Violation>> {
    let synonyms = Synonyms::load(&RulesDir::default()).expect("sound");
    let by_hand: Vec<(usize, String)> =
        by_hand.iter().map(|(part, code)| (*part, (*code).to_owned())).collect();
    Plan::make(document, kind(), &synonyms, &by_hand, 10 << 20)
}

fn plan(markdown: &str) -> Plan {
    plan_by_hand(Document { blocks: blocks(markdown), ..Document::default() }, &[]).expect("no assignments")
}

const REPORT: &str = "本报告由学校编制。\n\n# 一、前言\n\n开篇。\n\n# 二、学校概况\n\n办学。\n\n## （一）规模\n\n| 年 | 人 |\n|---|---|\n| 2025 | 120 |\n\n\
    # 附录\n\n说明。\n\n# 三、人才培养\n\n## 1. 产教融合\n\n不是一章。\n";

#[test]
fn headings_find_their_sections_and_the_rest_is_left_over() {
    let plan = plan(REPORT);
    let parts: Vec<(&str, Option<&str>, Match)> = plan
        .parts
        .iter()
        .map(|part| (part.heading.as_str(), part.section.as_deref(), part.matched))
        .collect();
    assert_eq!(
        parts,
        [
            ("", None, Match::None),
            ("一、前言", Some("preface"), Match::Name),
            ("二、学校概况", Some("overview"), Match::Synonym),
            ("附录", None, Match::None),
            ("三、人才培养", Some("talent"), Match::Name),
        ]
    );
    assert_eq!((plan.parts[2].tables, plan.parts[3].excerpt()), (1, "附录 说明。".to_owned()));
    let sections = plan.sections();
    assert_eq!(sections["preface"], "开篇。\n");
    assert_eq!(
        sections["overview"],
        "办学。\n\n# （一）规模\n\n| 年 | 人 |\n| --- | --- |\n| 2025 | 120 |\n"
    );
    // A heading deeper than the sections' is part of the text, even if it sounds like a section.
    assert!(sections["talent"].starts_with("# 1. 产教融合"), "{}", sections["talent"]);
    assert!(!sections.contains_key("integration"));
}

#[test]
fn a_part_goes_where_somebody_says() {
    let document = || Document { blocks: blocks(REPORT), ..Document::default() };
    let plan = plan_by_hand(document(), &[(3, "talent"), (1, "")]).expect("sound");
    assert_eq!((plan.parts[3].matched, plan.parts[1].section.as_deref()), (Match::ByHand, None));
    let sections = plan.sections();
    assert!(!sections.contains_key("preface"));
    assert_eq!(sections["talent"], "# 附录\n\n说明。\n\n# 1. 产教融合\n\n不是一章。\n");
    let refused = plan_by_hand(document(), &[(9, "talent"), (0, "nowhere")]).unwrap_err();
    let fields: Vec<&str> = refused.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["assignments[0].part", "assignments[1].section_code"]);
}

#[test]
fn sections_below_a_title_are_found_and_a_document_without_any_is_cut_at_its_highest_headings() {
    let under_a_title =
        plan("# 某校质量年报\n\n年度报告。\n\n## 一、基本情况\n\n办学。\n\n### 规模\n\n大。\n");
    assert_eq!(under_a_title.sections()["overview"], "办学。\n\n# 规模\n\n大。\n");
    assert_eq!(under_a_title.parts[0].heading, "某校质量年报");
    let strange = plan("## 甲\n\n一。\n\n### 乙\n\n二。\n\n## 丙\n\n三。\n");
    let headings: Vec<&str> = strange.parts.iter().map(|part| part.heading.as_str()).collect();
    assert_eq!(headings, ["甲", "丙"]);
    assert!(strange.sections().is_empty());
}

#[test]
fn pictures_are_kept_under_their_ids_and_those_nobody_can_see_are_told() {
    let image = |kind, bytes: &[u8]| Image { name: "x".into(), kind, bytes: bytes.into() };
    let picture = |image, caption: &str| Block::Picture { image, caption: caption.into() };
    let document = Document {
        blocks: vec![
            Block::Heading { level: 1, text: "人才培养".into() },
            picture(0, "图 1 实训"),
            picture(1, "图 2 流程"),
            picture(0, "图 3 再看"),
            Block::Caption { of: zhijian_documents::docx::Captioned::Figure, text: "图 3 再看".into() },
        ],
        notes: vec![],
        images: vec![image(Kind::Png, b"png"), image(Kind::Unknown, b"emf")],
    };
    let plan = plan_by_hand(document, &[]).expect("sound");
    let body = &plan.sections()["talent"];
    assert_eq!(shown(body).collect::<Vec<_>>(), [0, 0]);
    assert!(body.contains("［图片未读入：图 2 流程］"), "{body}");
    assert!(plan.notices[0].zh.contains("1 张图片没有读入"), "{:?}", plan.notices);
    let kept = kept(body, |place| (place == 0).then(|| "att_1".to_owned()));
    assert!(
        kept.contains("![图 1 实训](attachment:att_1)")
            && kept.contains("![](attachment:att_1)\n\n图 3 再看"),
        "{kept}"
    );
    assert_eq!(plan.captions[&0], "图 1 实训", "what it is called first");
}

proptest! {
    /// Nothing is lost and nothing is told twice: every paragraph stands in exactly one part, in its order, whatever the
    /// headings are.
    #[test]
    fn every_paragraph_goes_somewhere_once(
        pieces in prop::collection::vec(
            (1_u8..4, select(vec!["", "一、前言", "（二）人才培养", "附录", "服务贡献", "第三章 文化传承", "小结"])),
            0..30,
        ),
        hand in prop::collection::vec((0_usize..6, select(vec!["", "talent", "service"])), 0..4),
    ) {
        let mut blocks = vec![];
        for (number, (level, heading)) in pieces.iter().enumerate() {
            if !heading.is_empty() {
                blocks.push(Block::Heading { level: *level, text: (*heading).to_owned() });
            }
            blocks.push(Block::Paragraph { text: format!("段落{number}号。") });
        }
        let document = || Document { blocks: blocks.clone(), ..Document::default() };
        let count = plan_by_hand(document(), &[]).expect("no assignments").parts.len();
        let hand: Vec<(usize, &str)> = hand.into_iter().filter(|(part, _)| *part < count).collect();
        let plan = plan_by_hand(document(), &hand).expect("sound");
        let all: String = plan.parts.iter().map(|part| part.body.as_str()).collect();
        let mut at = 0;
        for number in 0..pieces.len() {
            let words = format!("段落{number}号。");
            prop_assert_eq!(all.matches(&words).count(), 1);
            let found = all.find(&words).expect("just counted");
            prop_assert!(found >= at);
            at = found;
        }
        let placed: usize = plan.sections().values().map(|body| body.matches("段落").count()).sum();
        let left: usize = plan.parts.iter().filter(|part| part.section.is_none()).map(|part| part.body.matches("段落").count()).sum();
        prop_assert_eq!(placed + left, pieces.len());
    }
}
