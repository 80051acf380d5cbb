//! What stands in the way of computing a table, said so that somebody can mend it.

use zhijian_platform::{Text, Violation};

/// One thing that a table needs and does not find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The year's catalogue does not have the indicator.
    NotInCatalogue { year: i32, indicator: String },
    /// No accepted report of these kinds answers the indicator.
    NoAnswer { year: i32, report_kinds: String, indicator: String },
    /// The scheme has no finalised round in the year.
    NoRound { year: i32, scheme: String },
    /// The round has no graded programme.
    NoGrades { year: i32, scheme: String },
    /// No programme has a pathway in the year.
    NoPathways { year: i32 },
    /// The register does not know the organisation.
    NoName { organisation: String },
    /// The sums of the indicator do not fit 28 digits.
    TooLarge { year: i32, indicator: String },
    /// An earlier year that is to be shown still collects reports.
    Collecting { year: i32 },
}

impl Lack {
    /// What lacks and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::NotInCatalogue { year, indicator } => Text::new(
                format!("{year}年的指标目录没有 {indicator}：请补充目录或改正表格定义"),
                format!(
                    "the catalogue of {year} has no {indicator}: add it there or correct the table's definition"
                ),
            ),
            Self::NoAnswer { year, report_kinds, indicator } => Text::new(
                format!("{year}年没有已接收的年报（{report_kinds}）填报 {indicator}：请先接收年报"),
                format!(
                    "no accepted report of {year} ({report_kinds}) answers {indicator}: accept reports first"
                ),
            ),
            Self::NoRound { year, scheme } => Text::new(
                format!("{year}年没有 {scheme} 的已定级评审轮次：请先完成评审定级"),
                format!("{year} has no finalised round of {scheme}: finalise one first"),
            ),
            Self::NoGrades { year, scheme } => Text::new(
                format!("{year}年 {scheme} 的评审轮次没有已定级的专业"),
                format!("the round of {scheme} in {year} has no graded programme"),
            ),
            Self::NoPathways { year } => Text::new(
                format!("专业库没有{year}年的贯通培养专业：请先导入贯通培养计划"),
                format!("no programme has a pathway in {year}: import the plan of pathways first"),
            ),
            Self::NoName { organisation } => Text::new(
                format!("机构库没有 {organisation}：请先登记该机构"),
                format!("the register has no organisation {organisation}: register it first"),
            ),
            Self::TooLarge { year, indicator } => Text::new(
                format!("{year}年 {indicator} 的合计超过 28 位：请核对填报的数值"),
                format!(
                    "the sum of {indicator} in {year} has more than 28 digits: check the reported values"
                ),
            ),
            Self::Collecting { year } => Text::new(
                format!("{year}年度尚未截止，不能作为往年数据：请先截止该年度"),
                format!(
                    "the cycle of {year} is still collecting and cannot be shown as an earlier year: close it first"
                ),
            ),
        }
    }

    /// Whether there is nothing to show, as opposed to something that must be mended.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer { .. } | Self::NoRound { .. } | Self::NoGrades { .. } | Self::NoPathways { .. }
        )
    }

    /// As a violated condition of table `number`.
    pub fn violation(&self, number: &str) -> Violation {
        let text = self.text();
        Violation {
            field: format!("tables/{number}"),
            description: Text::new(
                format!("表{number}：{}。", text.zh),
                format!("Table {number}: {}.", text.en),
            ),
        }
    }
}
