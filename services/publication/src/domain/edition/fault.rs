//! Why a template gives no document, said so that somebody can mend it.

use zhijian_platform::{Text, Violation};

use super::Place;

/// Something that a template binds to and that is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub place: Place,
    pub what: What,
}

/// What is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The year's catalogue does not have the indicator.
    UnknownIndicator { year: i32, indicator: String },
    /// No accepted report of these kinds answers.
    NoAnswer { year: i32 },
    /// Every report says that it does not apply, or the divisor is zero.
    Undefined { year: i32 },
    /// The change is in proportion to nothing.
    DivisionByNothing { year: i32 },
    /// There is no earlier year.
    NoLastYear { year: i32 },
    /// The release has no such table.
    NoTable { number: String },
    /// The table has no line.
    EmptyTable { number: String },
    /// The table has no such cell.
    NoCell { number: String },
    /// The table's column holds rounded numbers, which do not add up.
    Rounded { number: String },
    /// The manifest has no such chart.
    NoChart { number: String },
    /// No accepted report has such a case; of any section, if none is named.
    NoCases { year: i32, section: String },
    /// No institution has handed in a report, or an institution is not in the register.
    MissingSchools { code: String },
    /// The number does not fit 28 digits.
    TooLarge,
}

impl Fault {
    /// What is wrong and what to do.
    pub fn text(&self) -> Text {
        let (zh, en) = match &self.what {
            What::UnknownIndicator { year, indicator } => (
                format!("{year}年的指标目录没有 {indicator}，请改正模板或补充目录"),
                format!("the catalogue of {year} has no {indicator}: correct the template or add it there"),
            ),
            What::NoAnswer { year } => (
                format!("{year}年没有已接收的年报填报此项，请先接收年报"),
                format!("no accepted report of {year} answers it: accept reports first"),
            ),
            What::Undefined { year } => (
                format!("{year}年此项均为“不适用”或除数为零，没有数可写"),
                format!("in {year} it applies to nobody, or would be divided by nothing"),
            ),
            What::DivisionByNothing { year } => (
                format!("{year}年的数为零，不能计算增减比例，可改用 as=\"count\""),
                format!("it was zero in {year}, so that no rate of change follows; use as=\"count\""),
            ),
            What::NoLastYear { year } => (
                format!("没有{year}年的数据，不能与上年比较"),
                format!("there is no data of {year} to compare with"),
            ),
            What::NoTable { number } => {
                (format!("本次发布没有表{number}"), format!("the release has no table {number}"))
            }
            What::EmptyTable { number } => {
                (format!("表{number}没有任何内容"), format!("table {number} has no line"))
            }
            What::NoCell { number } => {
                (format!("表{number}没有这一行或这一列"), format!("table {number} has no such row or column"))
            }
            What::Rounded { number } => (
                format!("表{number}的这一列有取整的数，不能相加，请改用 value"),
                format!(
                    "table {number} has rounded numbers in this column, which do not add up: use value instead"
                ),
            ),
            What::NoChart { number } => {
                (format!("没有定义图{number}"), format!("figure {number} is not defined"))
            }
            What::NoCases { year, section } => {
                let (of_zh, of_en) = match section.as_str() {
                    "" => (String::new(), String::new()),
                    section => (format!("“{section}”一节的"), format!(" in the section \"{section}\"")),
                };
                (
                    format!("{year}年已接收的年报没有{of_zh}案例，请先接收年报，或改用 optional=\"yes\""),
                    format!(
                        "no accepted report of {year} has a case{of_en}: accept reports first, or use optional=\"yes\""
                    ),
                )
            }
            What::MissingSchools { code } if code.is_empty() => (
                "没有任何学校的年报已接收，请先接收年报".to_owned(),
                "no school's report has been accepted: accept reports first".to_owned(),
            ),
            What::MissingSchools { code } => (
                format!("机构库没有学校 {code}，请先登记"),
                format!("the register has no school {code}: register it first"),
            ),
            What::TooLarge => (
                "数值超过 28 位，请核对填报的数值".to_owned(),
                "the number has more than 28 digits: check the reported values".to_owned(),
            ),
        };
        Text::new(zh, en)
    }

    /// As a violated condition of the compilation.
    pub fn violation(&self) -> Violation {
        let text = self.text();
        Violation::new(
            self.place.file.clone(),
            format!("{}：{}。", self.place, text.zh),
            format!("{}: {}.", self.place, text.en),
        )
    }
}
