//! What is brought in a step: fields, read as people write them.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Text, Violation};
use zhijian_proto::common::v1::ErrorReason;

use crate::domain::scheme::{Field, FieldKind, Step};

/// A field of shares has at most this many rows.
pub const MOST_SHARES: usize = 60;
/// The label of a share has at most this many characters.
const MOST_LABEL: usize = 60;
/// Where a document is takes at most this many characters.
const MOST_ADDRESS: usize = 500;
/// Larger sums are slips of the pen.
const MOST_MONEY: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// What the fields of a step say; those that are empty are absent.
pub type Form = BTreeMap<String, Value>;

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Words, the code of a choice, or where a document is.
    Text(String),
    /// A number, or money.
    Number(Decimal),
    /// Parts of a sum.
    Shares(Vec<Share>),
}

/// A part of a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Whose it is.
    pub label: String,
    /// How much.
    pub amount: Decimal,
}

/// A field as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The field's code.
    pub field: String,
    /// What it says.
    pub value: String,
    /// Its rows: labels and amounts.
    pub shares: Vec<(String, String)>,
}

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Values that cannot be taken, each with its path in the request.
    #[error("{} values cannot be taken", .0.len())]
    Values(Vec<(String, Text)>),
    /// Fields that are wanted and empty, by code and name.
    #[error("{} fields are empty", .0.len())]
    Missing(Vec<(String, Text)>),
}

impl Value {
    /// The money it stands for.
    pub fn money(&self) -> Decimal {
        match self {
            Self::Text(_) => Decimal::ZERO,
            Self::Number(number) => *number,
            Self::Shares(shares) => shares.iter().map(|share| share.amount).sum(),
        }
    }
}

/// Reads what was sent for a step. Empty values are left out.
///
/// # Errors
/// [`FormError::Values`] names every value at fault.
pub fn read(step: &Step, sent: &[Given]) -> Result<Form, FormError> {
    let mut form = Form::new();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (place, given) in sent.iter().enumerate() {
        let Some(field) = step.fields.iter().find(|field| field.code == given.field) else {
            let fault = Text::new(
                format!("“{}”这一步没有“{}”这一项。", step.name.zh, given.field),
                format!("The step “{}” has no field {:?}.", step.name.en, given.field),
            );
            faults.push((format!("values[{place}].field_code"), fault));
            continue;
        };
        if !seen.insert(&given.field) {
            let fault = about(field, "填了两次，请只保留一个", "it is given twice: keep one");
            faults.push((format!("values[{place}].field_code"), fault));
            continue;
        }
        match value(field, given) {
            Ok(Some(value)) => {
                form.insert(field.code.clone(), value);
            }
            Ok(None) => {}
            Err((part, fault)) => faults.push((format!("values[{place}].{part}"), fault)),
        }
    }
    if faults.is_empty() { Ok(form) } else { Err(FormError::Values(faults)) }
}

/// Checks that nothing is missing that the step wants.
///
/// # Errors
/// [`FormError::Missing`] names the fields.
pub fn complete(step: &Step, form: &Form) -> Result<(), FormError> {
    let missing: Vec<_> = step
        .fields
        .iter()
        .filter(|field| !field.optional && !form.contains_key(&field.code))
        .map(|field| (field.code.clone(), field.name.clone()))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(FormError::Missing(missing)) }
}

type Fault = (String, Text);

fn value(field: &Field, given: &Given) -> Result<Option<Value>, Fault> {
    if field.kind == FieldKind::Shares {
        return shares(field, &given.shares);
    }
    let text = given.value.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let fault = |zh: &str, en: &str| Err(("value".to_owned(), about(field, zh, en)));
    let length = text.chars().count();
    match field.kind {
        FieldKind::Text if length > field.max_length => {
            let most = field.max_length;
            fault(
                &format!("有 {length} 字，最多 {most} 字"),
                &format!("it has {length} characters; at most {most}"),
            )
        }
        FieldKind::File if length > MOST_ADDRESS || !is_address(text) => fault(
            "请填写材料的网址（以 http:// 或 https:// 开头）或附件编号",
            "give the document's http or https address, or the id of an attachment",
        ),
        FieldKind::Choice if !field.options.iter().any(|option| option.code == text) => {
            fault("请从列出的选项中选择", "choose one of the options")
        }
        FieldKind::Number | FieldKind::Money => match number(field, text) {
            Ok(number) => Ok(Some(Value::Number(number))),
            Err(text) => Err(("value".to_owned(), text)),
        },
        _ => Ok(Some(Value::Text(text.to_owned()))),
    }
}

/// An address of the web, or the id of an attachment.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.or_else(|| text.strip_prefix("att_"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.chars().any(|c| c.is_whitespace() || c.is_control()))
}

fn shares(field: &Field, rows: &[(String, String)]) -> Result<Option<Value>, Fault> {
    let whole = |zh: &str, en: &str| Err(("shares".to_owned(), about(field, zh, en)));
    let mut shares: Vec<Share> = Vec::new();
    if rows.len() > MOST_SHARES {
        return whole(&format!("最多 {MOST_SHARES} 行"), &format!("it has more than {MOST_SHARES} rows"));
    }
    for (place, (label, amount)) in rows.iter().enumerate() {
        let (label, amount) = (label.trim(), amount.trim());
        if label.is_empty() && amount.is_empty() {
            continue;
        }
        if label.is_empty() || label.chars().count() > MOST_LABEL {
            let fault = about(
                field,
                "每行要写明对象，不超过 60 字",
                "every row says whose it is, in at most 60 characters",
            );
            return Err((format!("shares[{place}].label"), fault));
        }
        let amount = number(field, amount).map_err(|fault| (format!("shares[{place}].amount"), fault))?;
        shares.push(Share { label: label.to_owned(), amount });
    }
    Ok((!shares.is_empty()).then_some(Value::Shares(shares)))
}

fn number(field: &Field, text: &str) -> Result<Decimal, Text> {
    let text: String = text.chars().map(half_width).filter(|c| *c != ',' && *c != '，').collect();
    // Decimal's own parser takes underscores and exponents too.
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = Some(text).filter(|_| plain).and_then(|text| text.parse::<Decimal>().ok());
    let number = number.ok_or_else(|| about(field, "请填写数字", "give a number"))?.normalize();
    if number.scale() > field.decimals {
        let digits = field.decimals;
        return Err(about(
            field,
            &format!("最多 {digits} 位小数"),
            &format!("at most {digits} digits after the point"),
        ));
    }
    let money = field.kind.is_money();
    let least = field.least.or(money.then_some(Decimal::ZERO));
    let most = field.most.or(money.then_some(MOST_MONEY));
    if let Some(least) = least.filter(|least| number < *least) {
        return Err(about(field, &format!("不能小于 {least}"), &format!("it cannot be less than {least}")));
    }
    if let Some(most) = most.filter(|most| number > *most) {
        return Err(about(field, &format!("不能大于 {most}"), &format!("it cannot be more than {most}")));
    }
    Ok(number)
}

/// What a Chinese keyboard writes for a digit, a point or a minus.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        '．' | '。' => '.',
        '－' => '-',
        other => other,
    }
}

fn about(field: &Field, zh: &str, en: &str) -> Text {
    Text::new(format!("“{}”：{zh}。", field.name.zh), format!("{}: {en}.", field.name.en))
}

impl From<FormError> for Error {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Values(faults) => Self::Invalid(
                faults.into_iter().map(|(field, description)| Violation { field, description }).collect(),
            ),
            FormError::Missing(fields) => Self::Precondition {
                reason: ErrorReason::IllegalState,
                violations: fields
                    .into_iter()
                    .map(|(code, name)| {
                        Violation::new(
                            code,
                            format!("“{}”还没有填写。", name.zh),
                            format!("{} is empty: fill it in.", name.en),
                        )
                    })
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> Step {
        toml::from_str(
            r#"
            code = "apply"
            name = { zh = "申报", en = "Application" }
            actor = "school"
            outcomes = []
            fields = [
                { code = "summary", name = { zh = "概述", en = "Summary" }, kind = "text", max_length = 4 },
                { code = "income", name = { zh = "收入", en = "Income" }, kind = "money" },
                { code = "level", name = { zh = "级别", en = "Level" }, kind = "choice", optional = true, options = [
                    { code = "city", name = { zh = "市级", en = "City" } },
                    { code = "state", name = { zh = "国家级", en = "State" } },
                ] },
                { code = "report", name = { zh = "报告", en = "Report" }, kind = "file" },
                { code = "shares", name = { zh = "分配", en = "Shares" }, kind = "shares" },
            ]
            "#,
        )
        .expect("a step")
    }

    fn given(field: &str, value: &str) -> Given {
        Given { field: field.into(), value: value.into(), shares: vec![] }
    }

    fn one(field: &str, value: &str) -> Result<Option<Value>, String> {
        match read(&step(), &[given(field, value)]) {
            Ok(form) => Ok(form.into_values().next()),
            Err(FormError::Values(faults)) => Err(faults[0].0.clone()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn values_are_taken_as_people_write_them() {
        let number = |text: &str| Ok(Some(Value::Number(text.parse().expect("a number"))));
        assert_eq!(one("income", " １，２３４．５０ "), number("1234.5"));
        assert_eq!(one("income", "0"), number("0"));
        assert_eq!(one("income", "　"), Ok(None));
        assert_eq!(one("level", "city"), Ok(Some(Value::Text("city".into()))));
        assert_eq!(one("report", "att_1"), Ok(Some(Value::Text("att_1".into()))));
        for (field, value) in [
            ("income", "-1"),
            ("income", "1e3"),
            ("income", "1.234"),
            ("income", "一百"),
            ("income", "2000000000"),
            ("summary", "超过四个字"),
            ("level", "moon"),
            ("report", "javascript:alert(1)"),
            ("report", "https://a b"),
        ] {
            assert_eq!(one(field, value), Err("values[0].value".into()), "{field} {value}");
        }
        assert_eq!(one("nothing", "1"), Err("values[0].field_code".into()));
    }

    #[test]
    fn shares_add_up_and_their_faults_name_the_row() {
        let rows = |rows: &[(&str, &str)]| Given {
            field: "shares".into(),
            value: String::new(),
            shares: rows.iter().map(|(label, amount)| ((*label).into(), (*amount).into())).collect(),
        };
        let form = read(&step(), &[rows(&[("培训部", "10.1"), ("", ""), ("教务处", "0.2")])]).expect("sound");
        assert_eq!(form["shares"].money().to_string(), "10.3");
        let fault = |sent: Given| match read(&step(), &[sent]) {
            Err(FormError::Values(faults)) => faults[0].0.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(rows(&[("培训部", "1"), ("", "2")])), "values[0].shares[1].label");
        assert_eq!(fault(rows(&[("培训部", "-1")])), "values[0].shares[0].amount");
        assert_eq!(fault(rows(&vec![("部", "1"); MOST_SHARES + 1])), "values[0].shares");
    }

    #[test]
    fn what_is_wanted_and_empty_is_named() {
        let form = read(&step(), &[given("summary", "好")]).expect("sound");
        let Err(FormError::Missing(missing)) = complete(&step(), &form) else {
            panic!("something is missing")
        };
        assert_eq!(
            missing.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(),
            ["income", "report", "shares"]
        );
    }
}
