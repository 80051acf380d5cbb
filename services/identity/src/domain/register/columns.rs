//! The columns of the register and an entry's cells in them.

use zhijian_documents::register::Column;

use super::names;
use crate::domain::{
    code::Code,
    date::Date,
    organisation::{Kind, Organisation},
    particulars::Ownership,
};

/// What kinds are called in files; the first is written, all are read.
pub(super) const KINDS: &[(Kind, &[&str])] = &[
    (
        Kind::HigherVocational,
        &[
            "高等职业院校",
            "高职院校",
            "高职",
            "高等职业学校",
            "职业大学",
            "higher vocational",
            "higher_vocational",
        ],
    ),
    (
        Kind::SpecialisedSecondary,
        &["中等专业学校", "中专", "普通中专", "技工学校", "specialised secondary", "specialised_secondary"],
    ),
    (
        Kind::VocationalHigh,
        &["职业高中", "职高", "职业高级中学", "职业学校", "vocational high", "vocational_high"],
    ),
    (
        Kind::DistrictCommission,
        &["区教育委员会", "区教委", "县教育局", "区教育局", "district commission", "district_commission"],
    ),
    (Kind::Enterprise, &["企业", "公司", "enterprise"]),
    (Kind::Commission, &["教育委员会", "教育厅", "市教委", "commission"]),
    (Kind::EvaluationBody, &["评估机构", "评价机构", "evaluation body", "evaluation_body"]),
];

/// What ownerships are called in files.
pub(super) const OWNERSHIPS: &[(Ownership, &[&str])] =
    &[(Ownership::Public, &["公办", "公立", "public"]), (Ownership::Private, &["民办", "私立", "private"])];

const KIND_WORDS: &[&str] =
    &["高等职业院校", "中等专业学校", "职业高中", "区教育委员会", "企业", "教育委员会", "评估机构"];

/// The columns of the register's files, as [`cells`] fills them.
pub const COLUMNS: &[Column] = &[
    Column::new("code", "机构代码", "Code")
        .required()
        .also(&["学校代码", "学校标识码", "代码", "院校代码", "机构标识码"])
        .hint("十位：两位类型（中职 36、高校 41、教委 90、区教委 91、企业 92、评估机构 93）+ 两位省份 + 六位序号；高校为 0 加五位代码。按代码对应机构，不看名称。", "Ten digits: two of type (36 secondary, 41 higher, 90–93 others), two of province, six of serial. Entries are matched by code, never by name.")
        .width(14),
    Column::new("name", "名称", "Name")
        .required()
        .also(&["学校名称", "机构名称", "单位名称", "院校名称"])
        .hint("现用全称。与已登记的名称不同时，要填“更名日期”。", "The full name in force. Where it differs from the register, give the rename date.")
        .width(30),
    Column::new("name_en", "英文名称", "Name in English")
        .also(&["英文名"])
        .hint("可不填；新登记而未填时暂用中文名称。", "May stay empty; a new entry then goes by its Chinese name.")
        .width(36),
    Column::new("kind", "类别", "Kind")
        .required()
        .also(&["机构类别", "学校类别", "类型", "办学类型"])
        .one_of(KIND_WORDS)
        .hint("从下拉列表中选择。", "Choose from the list.")
        .width(14),
    Column::new("ownership", "办学性质", "Ownership")
        .also(&["举办性质", "举办者性质", "公办民办"])
        .one_of(&["公办", "民办"])
        .hint("只用于学校：公办或民办。", "Schools only: 公办 (public) or 民办 (private).")
        .width(10),
    Column::new("district", "所在区", "District")
        .also(&["区县", "所属区", "行政区", "所在区县"])
        .hint("区县名称；市级机构留空。", "The district's name in Chinese; empty for region-wide bodies.")
        .width(12),
    Column::new("supervising_body", "主管部门", "Supervising body")
        .also(&["举办者", "主管单位"])
        .hint("主管部门或举办单位的名称。", "The authority or group in charge, by name.")
        .width(22),
    Column::new("parent_code", "上级机构代码", "Parent code")
        .also(&["主管部门代码", "依托学校代码", "上级代码"])
        .hint("主管教委的代码；企业填所依托学校的代码。", "The commission's code; for an enterprise that of its school.")
        .width(14),
    Column::new("credit_code", "统一社会信用代码", "Credit code")
        .also(&["社会信用代码", "信用代码"])
        .hint("18 位，最后一位是校验码；企业必填。", "18 characters, the last checks the others; enterprises must have one.")
        .width(22),
    Column::new("website", "网址", "Website")
        .also(&["网站", "学校网址", "官网"])
        .hint("以 http:// 或 https:// 开头。", "Begins with http:// or https://.")
        .width(28),
    Column::new("founding_date", "建校日期", "Founded")
        .also(&["成立日期", "建校时间", "建校年份", "成立时间"])
        .hint("知道多少写多少：1958、1958-09 或 1958-09-01。", "As exact as it is known: 1958, 1958-09 or 1958-09-01.")
        .width(12),
    Column::new("former_names", "曾用名", "Former names")
        .also(&["原名", "历史名称"])
        .hint("名称（启用日期至停用日期），多个用分号隔开，例如：演示第一职业学校（1985至2003-06）；不知道的日期留空：（至2003）。只会增加和更正，不会删除。", "Name（from至to）, several separated by ；: 演示第一职业学校（1985至2003-06）. Names are added and corrected, never dropped.")
        .width(36),
    Column::new("rename_date", "更名日期", "Renamed on")
        .also(&["更名时间", "新名称启用日期"])
        .hint("名称与已登记的不同时填写：新名称启用的日期，原名称自动成为曾用名；如果原来登记的是错字，填“更正”。", "Where the name differs from the register: since when the new one is in force. Write 更正 (correction) where the old one was a slip.")
        .width(12),
    Column::new("merged_into", "并入机构代码", "Merged into")
        .also(&["并入学校代码", "合并到"])
        .hint("并入其他机构时填写对方代码。", "The code of the organisation it was merged into.")
        .width(14),
    Column::new("merge_date", "并入日期", "Merged on")
        .also(&["合并日期"])
        .hint("与并入机构代码一起填写。", "Goes with the code it was merged into.")
        .width(12),
    Column::new("closing_date", "停办日期", "Closed")
        .also(&["撤销日期", "注销日期"])
        .hint("已停办、撤销的机构填写；并入的可不填。", "For what has closed; not needed for what was merged.")
        .width(12),
    Column::new("demonstration", "演示数据", "Demonstration")
        .also(&["演示"])
        .one_of(&["是", "否"])
        .hint("虚构的机构填“是”。", "Write 是 for an invented organisation.")
        .width(10),
];

/// An entry's cells, one a column; empty where there is nothing.
pub fn cells(entry: &Organisation) -> Vec<String> {
    let particulars = &entry.particulars;
    let date = |date: &Option<Date>| date.as_ref().map(Date::to_string).unwrap_or_default();
    let merger = particulars.merger.as_ref();
    COLUMNS
        .iter()
        .map(|column| match column.key {
            "code" => entry.code.to_string(),
            "name" => entry.name.zh().to_owned(),
            "name_en" => entry.name.en().to_owned(),
            "kind" => word(KINDS, entry.kind),
            "ownership" => particulars.ownership.map(|one| word(OWNERSHIPS, one)).unwrap_or_default(),
            "district" => entry.district.clone(),
            "supervising_body" => particulars.supervising_body.clone(),
            "parent_code" => entry.parent.as_ref().map(Code::to_string).unwrap_or_default(),
            "credit_code" => particulars.credit_code.clone().unwrap_or_default(),
            "website" => particulars.website.clone(),
            "founding_date" => date(&particulars.founding),
            "former_names" => names::write(&particulars.former_names),
            "merged_into" => merger.map(|merger| merger.into.to_string()).unwrap_or_default(),
            "merge_date" => merger.map(|merger| merger.date.to_string()).unwrap_or_default(),
            "closing_date" => date(&particulars.closing),
            "demonstration" => if entry.demonstration { "是" } else { "" }.to_owned(),
            _ => String::new(),
        })
        .collect()
}

fn word<T: PartialEq + Copy>(words: &[(T, &[&str])], of: T) -> String {
    let found = words.iter().find(|(one, _)| *one == of).and_then(|(_, words)| words.first());
    found.copied().unwrap_or_default().to_owned()
}
