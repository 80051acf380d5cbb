//! What an account may do, and where.

use std::str::FromStr;

use super::{Broken, Unknown, code::Code, organisation::Kind};

/// How many roles an account may hold. They all travel in its token, which has to fit into a cookie.
pub const MOST: usize = 32;

/// What an account may do in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Fills in and submits the organisation's reports.
    School,
    /// Scores what is assigned.
    Reviewer,
    /// Runs the rounds of review.
    Chair,
    /// Compiles and releases the results.
    Publisher,
    /// Runs the year.
    Commission,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::School, Self::Reviewer, Self::Chair, Self::Publisher, Self::Commission];

    /// The name under which the role is stored, and which tokens and policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Reviewer => "reviewer",
            Self::Chair => "chair",
            Self::Publisher => "publisher",
            Self::Commission => "commission",
        }
    }

    /// Whether the role can be held in an organisation of this kind.
    pub const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::School => kind.is_school() || matches!(kind, Kind::DistrictCommission),
            Self::Reviewer => true,
            Self::Chair | Self::Publisher | Self::Commission => matches!(kind, Kind::Commission),
        }
    }
}

impl FromStr for Role {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| Unknown(text.to_owned()))
    }
}

/// A role held in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleGrant {
    pub role: Role,
    pub organisation: Code,
}

impl RoleGrant {
    /// Checks that the role can be held in its organisation, given the kind that is registered (`None` if none is).
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self, kind: Option<Kind>) -> Result<(), RoleError> {
        match kind {
            None => Err(RoleError::UnknownOrganisation),
            Some(kind) if self.role.fits(kind) => Ok(()),
            Some(_) => Err(RoleError::Unfit),
        }
    }
}

/// Why a role cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    #[error("No organisation of this code is registered; register it first or correct the code.")]
    UnknownOrganisation,
    #[error(
        "This role cannot be held there: the school role belongs to a school or district commission; chair, publisher \
         and commission to the region's commission."
    )]
    Unfit,
    #[error("An account holds at most {MOST} roles; open another account for the rest.")]
    TooMany,
}

impl Broken for RoleError {
    fn zh(&self) -> String {
        match self {
            Self::UnknownOrganisation => "该机构代码尚未登记，请先登记或更正代码。".to_owned(),
            Self::Unfit => {
                "该机构不能有这种角色：学校角色只能在学校或区教育委员会，评审组长、发布员和教委角色只能在地区教育委员会。"
                    .to_owned()
            }
            Self::TooMany => format!("一个账户最多有 {MOST} 个角色，其余请另开账户。"),
        }
    }
}

/// A revocation that would leave the region without anybody to run it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("This is the last commission role of the region; grant it to somebody else first.")]
pub struct LastCommission;

impl Broken for LastCommission {
    fn zh(&self) -> String {
        "这是本地区最后一个教委角色，请先把它授予其他账户。".to_owned()
    }
}

/// Checks that a role may be revoked, given how many hold it, this one included.
///
/// # Errors
/// [`LastCommission`] if nobody would be left to run the region.
pub fn check_revocation(role: Role, holders: u64) -> Result<(), LastCommission> {
    if role == Role::Commission && holders <= 1 { Err(LastCommission) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_fit_the_kinds_they_are_for() {
        let fitting = |role: Role| Kind::ALL.into_iter().filter(|kind| role.fits(*kind)).collect::<Vec<_>>();
        assert_eq!(
            fitting(Role::School),
            [
                Kind::HigherVocational,
                Kind::SpecialisedSecondary,
                Kind::VocationalHigh,
                Kind::DistrictCommission
            ],
        );
        assert_eq!(fitting(Role::Reviewer), Kind::ALL);
        for role in [Role::Chair, Role::Publisher, Role::Commission] {
            assert_eq!(fitting(role), [Kind::Commission]);
        }
    }

    #[test]
    fn a_grant_needs_a_registered_organisation() {
        let grant = RoleGrant { role: Role::School, organisation: Code::parse("3611000001").unwrap() };
        assert_eq!(grant.check(None), Err(RoleError::UnknownOrganisation));
        assert_eq!(grant.check(Some(Kind::Enterprise)), Err(RoleError::Unfit));
        assert_eq!(grant.check(Some(Kind::VocationalHigh)), Ok(()));
    }

    #[test]
    fn the_last_commission_role_stays() {
        assert_eq!(check_revocation(Role::Commission, 1), Err(LastCommission));
        assert_eq!(check_revocation(Role::Commission, 2), Ok(()));
        assert_eq!(check_revocation(Role::Chair, 1), Ok(()));
    }

    #[test]
    fn stored_names_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("admin".parse::<Role>(), Err(Unknown("admin".to_owned())));
    }
}
