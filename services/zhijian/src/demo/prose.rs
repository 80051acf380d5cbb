//! The texts: sections of reports, comments, plans, explanations. All are labelled as demonstration.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    GenerateError,
    dice::Dice,
    reports::{Figure, ReportKind},
};

const PROSE: &str = include_str!("../../demo-data/prose.toml");

/// The sections of schools' reports, in order.
const SCHOOL: [&str; 9] = [
    "preface",
    "overview",
    "talent",
    "service",
    "culture",
    "international",
    "integration",
    "support",
    "challenge",
];
const DISTRICT: [&str; 5] = ["overview", "policy", "development", "service", "challenge"];
const ENTERPRISE: [&str; 5] = ["overview", "participation", "resources", "training", "outlook"];

type Texts = BTreeMap<String, Vec<String>>;

/// The texts to choose from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prose {
    ending: String,
    higher: Texts,
    secondary: Texts,
    plain: Texts,
    district: Texts,
    enterprise: Texts,
}

impl Prose {
    pub(crate) fn read() -> Result<Self, GenerateError> {
        toml::from_str(PROSE)
            .map_err(|error| GenerateError::BadFile { name: "prose.toml", reason: error.to_string() })
    }

    /// The sections of a report, in order: code and body. `label` names the report; `words` are the names to fill in.
    pub(crate) fn sections(
        &self,
        kind: ReportKind,
        label: &str,
        words: &[(&str, &str)],
        figures: &BTreeMap<&'static str, Figure>,
    ) -> Vec<(&'static str, String)> {
        let (codes, texts): (&'static [&'static str], _) = match kind {
            ReportKind::Higher => (&SCHOOL, &self.higher),
            ReportKind::Secondary => (&SCHOOL, &self.secondary),
            ReportKind::District => (&DISTRICT, &self.district),
            ReportKind::Enterprise => (&ENTERPRISE, &self.enterprise),
        };
        let mut dice = Dice::of(&format!("prose {label}"));
        codes
            .iter()
            .map(|&code| {
                let filled: Vec<String> = [texts, &self.plain]
                    .iter()
                    .filter_map(|texts| texts.get(code))
                    .map(|choices| {
                        choices.iter().filter_map(|text| fill(text, words, figures)).collect::<Vec<_>>()
                    })
                    .find(|choices| !choices.is_empty())
                    .unwrap_or_default();
                let body = if filled.is_empty() { String::new() } else { dice.pick(&filled).clone() };
                (code, format!("{body}{}", self.ending))
            })
            .collect()
    }
}

/// The text with its names and figures filled in; `None` if a figure is missing, does not apply or is zero.
fn fill(text: &str, words: &[(&str, &str)], figures: &BTreeMap<&'static str, Figure>) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, after) = after.split_once('}')?;
        filled.push_str(before);
        match words.iter().find(|(word, _)| *word == key) {
            Some((_, name)) => filled.push_str(name),
            None => match figures.get(key)? {
                Figure::Number(number) if !number.is_zero() => {
                    filled.push_str(&number.normalize().to_string())
                }
                _ => return None,
            },
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// The explanation of a finding, by the rule that found it and the indicators it speaks of.
pub fn explanation(rule_code: &str, indicator_codes: &[String]) -> String {
    let indicators = indicator_codes.join("、");
    let mut dice = Dice::of(&format!("explanation {rule_code} {indicators}"));
    let reasons: &[&str] = if rule_code == "V10" {
        &[
            "本年度新签项目集中到账，数额较上年变化较大，已与财务凭证逐笔核对",
            "上年度部分项目跨年执行，本年度集中完成，两年合计与合同一致",
            "统计范围与上年一致，变化来自新增合作单位，合作协议备查",
            "本年度扩大了校企合作的专业范围，数量相应增加，台账备查",
        ]
    } else {
        &["已逐项复核，数据与台账一致，按学校实际情况填报", "经相关部门核对，口径与填报说明一致"]
    };
    let subject = if indicators.is_empty() { String::new() } else { format!("{indicators}，") };
    format!("{}（{subject}演示说明）。", dice.pick(reasons))
}

/// Why a submission was sent back.
pub(crate) fn return_comment(label: &str) -> String {
    let comments = [
        "请核对社会培训人次与到账经费的统计口径，并在服务贡献一节补充主要培训项目的说明后重新提交。",
        "校企合作部分的文字与表格不够对应，请补充合作开发课程的来源说明；声明人职务请写全称。",
        "问题与对策写得过于笼统，请逐条写明改进措施、责任部门和完成时间。",
        "请补充毕业生去向的统计截止日期，并复核升学人数。",
    ];
    format!("{}（演示意见）", Dice::of(&format!("return {label}")).pick(&comments))
}

/// A school's plan for a programme graded low.
pub(crate) fn rectification_plan(programme: &str, weakest: &[String]) -> String {
    format!(
        "针对{programme}专业监测反映的薄弱环节（{}），学校制订“一校一专一策”整改方案：一、三个月内修订人才培养方案，\
         补充行业企业论证意见；二、本学年内引进或培养“双师”教师两名，安排教师到企业实践；三、与合作企业共建实训项目，\
         更新课程资源；四、由质量管理部门每月检查进展，学期末组织校内复核。责任人：分管教学副校（院）长。（演示文本）",
        weakest.join("、")
    )
}

/// What a school does about one weak element.
pub(crate) fn rectification_measure(element: &str) -> String {
    format!("针对“{element}”制订改进清单，逐项落实并留存佐证（演示文本）")
}

/// A reviewer's comment on an entry, for the school.
pub(crate) fn review_comment(programme: &str, total: u32, label: &str) -> String {
    let comments: &[&str] = match total {
        90.. => &[
            "培养定位清晰，课程与岗位对接紧密，校企合作有实质成果，可总结推广。",
            "师资与实训条件突出，质量监控闭环运行良好。",
        ],
        80..90 => {
            &["总体建设扎实，建议进一步丰富数字化课程资源。", "教学实施规范，校企合作宜向课程开发深化。"]
        }
        70..80 => &[
            "基本达到要求，实践教学项目的真实性有待加强。",
            "培养方案与区域需求的论证不够充分，建议补充调研。",
        ],
        _ => &[
            "师资力量与实训条件不足，培养方案需要重新论证。",
            "课程标准不完整，校企合作停留在协议层面，应限期整改。",
        ],
    };
    format!("{programme}：{}（演示评语）", Dice::of(&format!("comment {label}")).pick(comments))
}
