//! The columns of the register's files, and a programme as their cells.

use zhijian_documents::register::Column;

use crate::domain::programme::{Level, Pathway, Programme};

/// The columns of the register's files, as [`cells`] fills them.
pub const COLUMNS: &[Column] = &[
    Column::new("organisation_code", "学校代码", "School code")
        .required()
        .also(&["机构代码", "院校代码", "学校标识码"])
        .hint("学校的十位代码，须已登记。", "The school's ten-digit code, which must be registered.")
        .width(14),
    Column::new("code", "专业代码", "Programme code")
        .required()
        .also(&["代码"])
        .hint(
            "国家专业目录的六位代码，目录外加 W，国家控制加 K，例如 510202、760207W。",
            "Six digits of the national catalogue, with W for off-catalogue or K for state-controlled.",
        )
        .width(12),
    Column::new("name", "专业名称", "Programme")
        .required()
        .also(&["专业", "名称"])
        .hint("专业目录中的名称。", "The name in the catalogue.")
        .width(24),
    Column::new("name_en", "英文名称", "Name in English")
        .also(&["专业英文名称", "英文名"])
        .hint(
            "可不填；新登记而未填时暂用中文名称。",
            "May stay empty; a new entry then goes by its Chinese name.",
        )
        .width(30),
    Column::new("level", "层次", "Level")
        .also(&["办学层次", "培养层次"])
        .one_of(&["中职", "高职"])
        .hint(
            "中职或高职；可不填，按代码判断（61–79 中职，21–59 高职）。",
            "中职 or 高职; may stay empty, the code tells it.",
        )
        .width(8),
    Column::new("opened_year", "开设年份", "Year opened")
        .also(&["首次招生年份", "设置年份", "开办年份"])
        .hint("四位数年份；新登记时必填。", "A year of four digits; needed for a new entry.")
        .width(10),
    Column::new("withdrawn_year", "撤销年份", "Year withdrawn")
        .also(&["停招年份", "撤销时间"])
        .hint(
            "从哪一年起不再招生；仍在招生的留空。撤销的专业仍可查看。",
            "Since when no students are admitted; withdrawn programmes stay readable.",
        )
        .width(10),
    Column::new("cluster", "专业群", "Cluster")
        .also(&["所属专业群"])
        .hint("所属专业群的名称。", "The cluster it belongs to.")
        .width(20),
    Column::new("pilot", "专科试点", "Diploma pilot")
        .also(&["试点", "是否试点"])
        .one_of(&["是", "否"])
        .hint("专科人才培养试点专业填“是”。", "Write 是 for a diploma-pilot programme.")
        .width(10),
    Column::new("pathway_year", "贯通年份", "Pathway year")
        .also(&["贯通计划年份"])
        .hint(
            "贯通培养计划的年份；以下五项一起填写。",
            "The year of the articulated pathway; the next four go with it.",
        )
        .width(10),
    Column::new("pathway_places", "贯通计划人数", "Pathway places")
        .also(&["计划人数", "计划招生数"])
        .hint("计划招生人数。", "The planned number of students.")
        .width(12),
    Column::new("pathway_partner", "合作高校", "Partner university")
        .also(&["对接高校", "合作院校"])
        .hint("衔接的高校名称。", "The university.")
        .width(22),
    Column::new("pathway_programme", "合作高校专业", "Partner programme")
        .also(&["对接专业", "高校专业"])
        .hint("在高校就读的专业。", "The programme the students go on to.")
        .width(22),
    Column::new("pathway_sequence", "贯通序号", "Pathway number")
        .also(&["序号"])
        .hint("在计划中的序号，从 1 开始。", "The row's number in the plan, from 1.")
        .width(10),
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
