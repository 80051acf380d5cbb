//! The columns of the register's files, and a programme as their cells.

use zhijian_documents::register::Column;

use crate::domain::programme::{Level, Pathway, Programme};

const fn column(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    aliases: &'static [&'static str],
    hint: (&'static str, &'static str),
    width: u16,
) -> Column {
    Column { key, zh, en, aliases, required: false, choices: &[], hint, width }
}

/// The columns of the register's files, as [`cells`] fills them.
pub const COLUMNS: &[Column] = &[
    Column {
        required: true,
        ..column(
            "organisation_code",
            "学校代码",
            "School code",
            &["机构代码", "院校代码", "学校标识码"],
            ("学校的十位代码，须已登记。", "The school's ten-digit code, which must be registered."),
            14,
        )
    },
    Column {
        required: true,
        ..column(
            "code",
            "专业代码",
            "Programme code",
            &["代码"],
            (
                "国家专业目录的六位代码，目录外加 W，国家控制加 K，例如 510202、760207W。",
                "Six digits of the national catalogue, with W for off-catalogue or K for state-controlled.",
            ),
            12,
        )
    },
    Column {
        required: true,
        ..column(
            "name",
            "专业名称",
            "Programme",
            &["专业", "名称"],
            ("专业目录中的名称。", "The name in the catalogue."),
            24,
        )
    },
    column(
        "name_en",
        "英文名称",
        "Name in English",
        &["专业英文名称", "英文名"],
        (
            "可不填；新登记而未填时暂用中文名称。",
            "May stay empty; a new entry then goes by its Chinese name.",
        ),
        30,
    ),
    Column {
        choices: &["中职", "高职"],
        ..column(
            "level",
            "层次",
            "Level",
            &["办学层次", "培养层次"],
            (
                "中职或高职；可不填，按代码判断（61–79 中职，21–59 高职）。",
                "中职 or 高职; may stay empty, the code tells it.",
            ),
            8,
        )
    },
    column(
        "opened_year",
        "开设年份",
        "Year opened",
        &["首次招生年份", "设置年份", "开办年份"],
        ("四位数年份；新登记时必填。", "A year of four digits; needed for a new entry."),
        10,
    ),
    column(
        "withdrawn_year",
        "撤销年份",
        "Year withdrawn",
        &["停招年份", "撤销时间"],
        (
            "从哪一年起不再招生；仍在招生的留空。撤销的专业仍可查看。",
            "Since when no students are admitted; withdrawn programmes stay readable.",
        ),
        10,
    ),
    column(
        "cluster",
        "专业群",
        "Cluster",
        &["所属专业群"],
        ("所属专业群的名称。", "The cluster it belongs to."),
        20,
    ),
    Column {
        choices: &["是", "否"],
        ..column(
            "pilot",
            "专科试点",
            "Diploma pilot",
            &["试点", "是否试点"],
            ("专科人才培养试点专业填“是”。", "Write 是 for a diploma-pilot programme."),
            10,
        )
    },
    column(
        "pathway_year",
        "贯通年份",
        "Pathway year",
        &["贯通计划年份"],
        (
            "贯通培养计划的年份；以下五项一起填写。",
            "The year of the articulated pathway; the next four go with it.",
        ),
        10,
    ),
    column(
        "pathway_places",
        "贯通计划人数",
        "Pathway places",
        &["计划人数", "计划招生数"],
        ("计划招生人数。", "The planned number of students."),
        12,
    ),
    column(
        "pathway_partner",
        "合作高校",
        "Partner university",
        &["对接高校", "合作院校"],
        ("衔接的高校名称。", "The university."),
        22,
    ),
    column(
        "pathway_programme",
        "合作高校专业",
        "Partner programme",
        &["对接专业", "高校专业"],
        ("在高校就读的专业。", "The programme the students go on to."),
        22,
    ),
    column(
        "pathway_sequence",
        "贯通序号",
        "Pathway number",
        &["序号"],
        ("在计划中的序号，从 1 开始。", "The row's number in the plan, from 1."),
        10,
    ),
];

/// A programme's cells, one a column; empty where there is nothing.
pub fn cells(programme: &Programme) -> Vec<String> {
    let pathway = programme.pathway.as_ref();
    let of = |part: fn(&Pathway) -> String| pathway.map(part).unwrap_or_default();
    COLUMNS
        .iter()
        .map(|column| match column.key {
            "organisation_code" => programme.key.organisation_code.clone(),
            "code" => programme.key.code.clone(),
            "name" => programme.name.zh.clone(),
            "name_en" => programme.name.en.clone(),
            "level" => if programme.key.level == Level::Secondary { "中职" } else { "高职" }.to_owned(),
            "opened_year" => programme.opened_year.to_string(),
            "withdrawn_year" => programme.withdrawn_year.map(|year| year.to_string()).unwrap_or_default(),
            "cluster" => programme.cluster.clone(),
            "pilot" => if programme.pilot { "是" } else { "" }.to_owned(),
            "pathway_year" => of(|pathway| pathway.year.to_string()),
            "pathway_places" => of(|pathway| pathway.places.to_string()),
            "pathway_partner" => of(|pathway| pathway.partner.clone()),
            "pathway_programme" => of(|pathway| pathway.partner_programme.clone()),
            "pathway_sequence" => of(|pathway| pathway.sequence.to_string()),
            _ => String::new(),
        })
        .collect()
}
