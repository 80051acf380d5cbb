//! Word documents through the public interface.

use proptest::prelude::*;
use zhijian_documents::{
    Kind, Limits,
    docx::{self, Block, Captioned, Document, Table, TableCell, TableRow},
};

const REPORT: &[u8] = include_bytes!("samples/report.docx");

fn texts(document: &Document) -> Vec<String> {
    let text = |b: &Block| match b {
        Block::Heading { level, text } => format!("h{level} {text}"),
        Block::Paragraph { text } => format!("p {text}"),
        Block::Item { mark, text, .. } => format!("i [{mark}] {text}"),
        Block::Caption { of, text } => format!("{of:?} {text}"),
        Block::Picture { caption, .. } => format!("picture {caption}"),
        Block::Contents { text, .. } => format!("c {text}"),
        Block::Table(table) => format!("table {:?}", table.grid()),
    };
    document.blocks.iter().map(text).collect()
}

#[test]
fn a_document_of_libreoffice_reads_as_people_see_it() {
    let document = docx::read("报告.docx", REPORT, &Limits::default()).expect("reads");
    assert_eq!(
        texts(&document),
        [
            "h1 一、办学概况",
            "h2 （一）办学规模",
            "p 演示学院共有学生1,234人[^1]，教师 56 人。",
            "h2 （二）师资队伍",
            "p 第一行\n第二行，含 <尖括号> 与 & 号。",
            "i [] 其一",
            "i [] 其二",
            "i [1.] 甲项",
            "i [2.] 乙项",
            "Table 表 1-1 教师情况",
            r#"table [["类别", "", "人数"], ["专任", "高级", "20"], ["", "其他\n职称", "36"], ["合计", "", "56"]]"#,
            "picture 图 1-1 教师结构",
            "Figure 图 1-1 教师结构",
            "h1 二、面临挑战",
            "p 最后一段。",
            "p 文本框里的话",
        ]
    );
    assert_eq!(document.notes, ["不含留学生。"]);
    assert_eq!((document.images[0].name.as_str(), document.images[0].kind), ("image1.png", Kind::Png));
    let Block::Table(table) = &document.blocks[10] else { panic!("table") };
    assert_eq!(table.caption, "表 1-1 教师情况");
    assert!(table.rows[0].header && !table.rows[1].header);
    assert_eq!((table.rows[0].cells[0].columns, table.rows[1].cells[0].rows), (2, 2));
    let lines = document.lines();
    assert_eq!(lines[2..4], ["演示学院共有学生1,234人，教师 56 人。", "[^1]: 不含留学生。"]);
    assert!(lines.contains(&"\t其他 职称\t36".to_owned()));
    let markdown = document.markdown_of(1..3);
    assert_eq!(
        markdown,
        "## （一）办学规模\n\n演示学院共有学生1,234人[^1]，教师 56 人。\n\n[^1]: 不含留学生。\n"
    );
}

#[test]
fn documents_without_styles_get_their_headings_from_their_numbers() {
    let text = "第一章 概况\n\n一、规模\n\n（一）学生\n\n共有学生 100 人。\n\n1. 首先，做好这件事。\n";
    let paragraphs: Vec<Block> =
        text.lines().filter(|l| !l.is_empty()).map(|l| Block::Paragraph { text: l.into() }).collect();
    let file = docx::write(&paragraphs).expect("writes");
    let document = docx::read("a.docx", &file, &Limits::default()).expect("reads");
    assert_eq!(
        texts(&document),
        ["h1 第一章 概况", "h1 一、规模", "h2 （一）学生", "p 共有学生 100 人。", "p 1. 首先，做好这件事。"]
    );
}

#[test]
fn markdown_reads_back() {
    let markdown = "# 一、概况\n\n第一行  \n第二行 \\* 号\n\n- 其一\n- 其二\n1. 甲\n2. 乙\n\n表 1-1 情况\n\n| 甲 | 乙\\|丙 |\n| --- | --- |\n| 1<br>2 |  |\n\n\\# 不是标题\n";
    let blocks = docx::blocks(markdown);
    assert_eq!(blocks.len(), 9);
    assert_eq!(blocks[6], Block::Caption { of: Captioned::Table, text: "表 1-1 情况".into() });
    let document = Document { blocks, ..Document::default() };
    assert_eq!(document.markdown(), markdown);
}

fn words() -> impl Strategy<Value = String> {
    // Words that are no caption, number or heading by themselves.
    "[甲乙丙丁][天地玄黄宇宙a-z0-9<>&%（）,，.*|\\\\_ ]{0,20}[日月盈昃]"
}

fn block() -> impl Strategy<Value = Block> {
    let table = (1..4_usize, 1..4_usize).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(words(), rows * columns).prop_map(move |texts| {
            let rows = texts.chunks(columns).enumerate().map(|(index, row)| TableRow {
                header: index == 0,
                cells: row
                    .iter()
                    .enumerate()
                    .map(|(column, text)| TableCell { column, columns: 1, rows: 1, text: text.clone() })
                    .collect(),
            });
            Block::Table(Table { caption: String::new(), rows: rows.collect() })
        })
    });
    prop_oneof![
        (1..6_u8, words()).prop_map(|(level, text)| Block::Heading { level, text }),
        words().prop_map(|text| Block::Paragraph { text }),
        (0..3_u8, words()).prop_map(|(level, text)| Block::Item { level, mark: String::new(), text }),
        table,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_reads_the_same(blocks in proptest::collection::vec(block(), 0..12)) {
        let file = docx::write(&blocks).expect("writes");
        let read = docx::read("a.docx", &file, &Limits::default()).expect("reads");
        prop_assert_eq!(&read.blocks, &blocks);
        prop_assert_eq!(docx::blocks(&read.markdown()), blocks);
    }
}
