//! Organisations: what they are, and what their parts have to do with each other.

use std::str::FromStr;

use super::{Broken, Unknown, code::Code, particulars::Particulars, text::Bilingual};

/// The longest name of a district, in characters.
pub const DISTRICT: usize = 50;

/// What an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 高等职业院校
    HigherVocational,
    /// 中等专业学校
    SpecialisedSecondary,
    /// 职业高中
    VocationalHigh,
    /// 区教育委员会
    DistrictCommission,
    /// 参与办学的企业
    Enterprise,
    /// 地区教育委员会
    Commission,
    /// 评估机构
    EvaluationBody,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::HigherVocational,
        Self::SpecialisedSecondary,
        Self::VocationalHigh,
        Self::DistrictCommission,
        Self::Enterprise,
        Self::Commission,
        Self::EvaluationBody,
    ];

    /// The name under which the kind is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HigherVocational => "higher_vocational",
            Self::SpecialisedSecondary => "specialised_secondary",
            Self::VocationalHigh => "vocational_high",
            Self::DistrictCommission => "district_commission",
            Self::Enterprise => "enterprise",
            Self::Commission => "commission",
            Self::EvaluationBody => "evaluation_body",
        }
    }

    /// Whether the kind is a school of either level.
    pub const fn is_school(self) -> bool {
        matches!(self, Self::HigherVocational | Self::SpecialisedSecondary | Self::VocationalHigh)
    }

    /// The two digits with which codes of this kind begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::SpecialisedSecondary | Self::VocationalHigh => "36",
            Self::HigherVocational => "41",
            Self::Commission => "90",
            Self::DistrictCommission => "91",
            Self::Enterprise => "92",
            Self::EvaluationBody => "93",
        }
    }

    /// Whether an organisation of this kind may stand under a `parent` of that kind.
    pub const fn stands_under(self, parent: Self) -> bool {
        match self {
            Self::Commission => false,
            Self::DistrictCommission => matches!(parent, Self::Commission),
            Self::EvaluationBody => matches!(parent, Self::Commission | Self::DistrictCommission),
            // Some colleges are run by an industrial group.
            Self::HigherVocational | Self::SpecialisedSecondary | Self::VocationalHigh => {
                matches!(parent, Self::Commission | Self::DistrictCommission | Self::Enterprise)
            }
            Self::Enterprise => {
                parent.is_school() || matches!(parent, Self::Commission | Self::DistrictCommission)
            }
        }
    }

    const fn allows_level(self, level: Option<Level>) -> bool {
        match self {
            Self::HigherVocational => matches!(level, Some(Level::Higher)),
            Self::SpecialisedSecondary | Self::VocationalHigh => matches!(level, Some(Level::Secondary)),
            Self::DistrictCommission => matches!(level, None | Some(Level::Secondary)),
            // That of the school it is bound to, where it is bound to one.
            Self::Enterprise => true,
            Self::Commission | Self::EvaluationBody => level.is_none(),
        }
    }
}

impl FromStr for Kind {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| Unknown(text.to_owned()))
    }
}

/// The level of vocational education an organisation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 中职
    Secondary,
    /// 高职
    Higher,
}

impl Level {
    /// The name under which the level is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secondary => "secondary",
            Self::Higher => "higher",
        }
    }
}

impl FromStr for Level {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        [Self::Secondary, Self::Higher]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

/// An organisation as its register entry describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub code: Code,
    pub kind: Kind,
    pub name: Bilingual,
    pub level: Option<Level>,
    /// The district's name in Chinese; empty for region-wide organisations.
    pub district: String,
    /// Whether the organisation is invented.
    pub demonstration: bool,
    /// Who supervises it, or the school that an enterprise is bound to.
    pub parent: Option<Code>,
    pub particulars: Particulars,
}

impl Organisation {
    /// Checks what the parts must have to do with each other.
    ///
    /// # Errors
    /// Every rule that is broken.
    pub fn check(&self) -> Result<(), Vec<OrganisationError>> {
        let kind = self.kind;
        let mut broken = Vec::new();
        if !self.code.as_str().starts_with(kind.prefix()) {
            broken.push(OrganisationError::Prefix { prefix: kind.prefix() });
        }
        if !kind.allows_level(self.level) {
            broken.push(OrganisationError::Level);
        }
        match kind {
            Kind::DistrictCommission if self.district.is_empty() => {
                broken.push(OrganisationError::NoDistrict)
            }
            Kind::Commission if !self.district.is_empty() => broken.push(OrganisationError::RegionWide),
            _ => {}
        }
        if kind == Kind::Commission && self.parent.is_some() {
            broken.push(OrganisationError::Parent);
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    /// Checks that the organisation may stand under one of the `parent` kind.
    ///
    /// # Errors
    /// [`OrganisationError::Parent`] if it may not.
    pub fn check_parent(&self, parent: Kind) -> Result<(), OrganisationError> {
        if self.kind.stands_under(parent) { Ok(()) } else { Err(OrganisationError::Parent) }
    }
}

/// Which rule between its parts an organisation breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    #[error("Codes of this kind of organisation begin with {prefix}; correct the code or the kind.")]
    Prefix { prefix: &'static str },
    #[error(
        "The level does not fit the kind: higher for higher vocational institutions, secondary for secondary \
         schools, none for authorities and evaluation bodies."
    )]
    Level,
    #[error("Name the district whose commission this is.")]
    NoDistrict,
    #[error("The region's commission belongs to no district; leave this empty.")]
    RegionWide,
    #[error("No such parent is registered; register it first or correct the code.")]
    UnknownParent,
    #[error(
        "An organisation of this kind cannot stand under that parent. Give the authority that supervises it, or the \
         school an enterprise is bound to; the region's commission has none."
    )]
    Parent,
    #[error("It would stand under itself; correct the code of the parent.")]
    UnderItself,
}

impl OrganisationError {
    /// The part at fault, as the contract names it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Prefix { .. } => "code",
            Self::Level => "level",
            Self::NoDistrict | Self::RegionWide => "district",
            Self::UnknownParent | Self::Parent | Self::UnderItself => "parent_code",
        }
    }
}

impl Broken for OrganisationError {
    fn zh(&self) -> String {
        match self {
            Self::Prefix { prefix } => format!("这类机构的代码以 {prefix} 开头，请更正代码或机构类别。"),
            Self::Level => {
                "层次与机构类别不符：高职院校为高职，中职学校为中职，主管部门和评估机构不填。".to_owned()
            }
            Self::NoDistrict => "请填写区教育委员会所在的区。".to_owned(),
            Self::RegionWide => "地区教育委员会不属于任何区，请留空。".to_owned(),
            Self::UnderItself => "上级关系绕回了本机构，请更正上级机构代码。".to_owned(),
            Self::UnknownParent => "上级机构尚未登记，请先登记或更正代码。".to_owned(),
            Self::Parent => {
                "这类机构不能以该机构为上级。请填写其主管部门，企业可填写所依托的学校；地区教育委员会没有上级。"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::NAME;

    fn organisation(code: &str, kind: Kind, level: Option<Level>, district: &str) -> Organisation {
        Organisation {
            code: Code::parse(code).unwrap(),
            kind,
            name: Bilingual::parse("演示机构", "Demonstration", NAME).unwrap(),
            level,
            district: district.to_owned(),
            demonstration: true,
            parent: None,
            particulars: Particulars::default(),
        }
    }

    #[test]
    fn kind_code_level_and_district_must_agree() {
        let fits = |code, kind, level, district| organisation(code, kind, level, district).check();
        assert_eq!(fits("4111010001", Kind::HigherVocational, Some(Level::Higher), "海淀区"), Ok(()));
        assert_eq!(fits("3611000001", Kind::VocationalHigh, Some(Level::Secondary), ""), Ok(()));
        assert_eq!(fits("9111000001", Kind::DistrictCommission, None, "海淀区"), Ok(()));
        assert_eq!(fits("9211000001", Kind::Enterprise, Some(Level::Higher), ""), Ok(()));
        assert_eq!(fits("9011000001", Kind::Commission, None, ""), Ok(()));
        assert_eq!(
            fits("3611000001", Kind::HigherVocational, None, ""),
            Err(vec![OrganisationError::Prefix { prefix: "41" }, OrganisationError::Level]),
        );
        assert_eq!(
            fits("9111000001", Kind::DistrictCommission, Some(Level::Higher), ""),
            Err(vec![OrganisationError::Level, OrganisationError::NoDistrict]),
        );
        assert_eq!(
            fits("9011000001", Kind::Commission, None, "海淀区"),
            Err(vec![OrganisationError::RegionWide]),
        );
    }

    #[test]
    fn only_an_authority_or_the_school_of_an_enterprise_is_a_parent() {
        let enterprise = organisation("9211000001", Kind::Enterprise, None, "");
        assert_eq!(enterprise.check_parent(Kind::HigherVocational), Ok(()));
        assert_eq!(enterprise.check_parent(Kind::EvaluationBody), Err(OrganisationError::Parent));
        for kind in Kind::ALL {
            assert!(!Kind::Commission.stands_under(kind));
            assert!(!kind.stands_under(Kind::EvaluationBody));
        }
    }
}
