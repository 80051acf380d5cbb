//! The registers: organisations, the panel, programmes.

use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Level as LevelMessage, Text},
    identity::v1::{
        CreateOrganisationRequest, FormerName, Organisation as OrganisationMessage, organisation::Ownership,
    },
    review::v1::{PastEmployer, RegisterReviewerRequest, Reviewer as ReviewerMessage},
    submission::v1::{ImportProgrammesRequest, Pathway as PathwayMessage, Programme as ProgrammeMessage},
};

use super::{
    Progress,
    people::People,
    public, request_id,
    work::{Tell, rpc},
};
use crate::demo::{Former, Level, Organisation, OrganisationKind, Programme, Region};

/// The year of the pathway plan.
const PLAN_YEAR: i32 = 2025;

/// An organisation that an expert left nobody knows when.
fn left(organisation_code: &str) -> PastEmployer {
    PastEmployer { organisation_code: organisation_code.to_owned(), left_on: String::new() }
}

/// Registers every organisation, supervisors first; the commission was registered by the set-up.
pub(super) async fn organisations(
    tell: &Tell<'_, impl Fn(Progress)>,
    commission: &Clients,
    region: &Region,
) -> anyhow::Result<usize> {
    let rank = |kind: OrganisationKind| match kind {
        OrganisationKind::Commission => 0,
        OrganisationKind::DistrictCommission | OrganisationKind::EvaluationBody => 1,
        OrganisationKind::Enterprise => 3,
        _ => 2,
    };
    for wave in 1..=3 {
        let wave: Vec<OrganisationMessage> =
            region.organisations.iter().filter(|one| rank(one.kind) == wave).map(message).collect();
        tell.each("登记机构 / organisations", wave, |organisation| {
            let commission = commission.clone();
            async move {
                let request = CreateOrganisationRequest {
                    request_id: request_id(&format!("organisation {}", organisation.code)),
                    organisation: Some(organisation),
                };
                rpc!(commission, organisations.create_organisation(request))
            }
        })
        .await?;
    }
    Ok(region.organisations.len())
}

/// An organisation on the wire.
pub(super) fn message(organisation: &Organisation) -> OrganisationMessage {
    let history = organisation.history.as_ref();
    let ownership = history.map_or(Ownership::Unspecified, |history| {
        if history.private { Ownership::Private } else { Ownership::Public }
    });
    OrganisationMessage {
        code: organisation.code.clone(),
        kind: organisation.kind.into(),
        name: Some(Text { zh: organisation.name.zh.clone(), en: organisation.name.en.clone() }),
        level: organisation.level.map_or(LevelMessage::Unspecified, level).into(),
        district: organisation.district.clone(),
        demonstration: true,
        parent_code: organisation.parent.clone(),
        website: if is_school(organisation.kind) { public::site(&organisation.code) } else { String::new() },
        ownership: ownership.into(),
        founding_date: history.map(|history| history.founded.clone()).unwrap_or_default(),
        former_names: history
            .map_or_else(Vec::new, |history| history.former_names.iter().map(former_name).collect()),
        ..OrganisationMessage::default()
    }
}

fn former_name(former: &Former) -> FormerName {
    FormerName {
        name: Some(Text { zh: former.name.zh.clone(), en: former.name.en.clone() }),
        from_date: former.from.clone(),
        to_date: former.to.clone(),
        mistaken: false,
    }
}

fn is_school(kind: OrganisationKind) -> bool {
    matches!(
        kind,
        OrganisationKind::HigherVocational
            | OrganisationKind::SpecialisedSecondary
            | OrganisationKind::VocationalHigh
    )
}

fn level(level: Level) -> LevelMessage {
    match level {
        Level::Secondary => LevelMessage::Secondary,
        Level::Higher => LevelMessage::Higher,
    }
}

/// Enters the experts into the panel.
pub(super) async fn reviewers(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &People,
    region: &Region,
) -> anyhow::Result<()> {
    let reviewers = region
        .reviewers
        .iter()
        .map(|reviewer| {
            Ok(ReviewerMessage {
                account_id: people.person(&reviewer.sign_in_name)?.account_id.clone(),
                name: reviewer.name.clone(),
                organisation_code: reviewer.employer.clone(),
                past_employers: reviewer.past_employers.iter().map(|code| left(code)).collect(),
                expertise: reviewer.expertise.clone(),
                max_load: reviewer.max_load,
                etag: String::new(),
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    tell.each("聘请专家 / the panel", reviewers, |reviewer| {
        let commission = people.commission().clone();
        async move {
            let request = RegisterReviewerRequest {
                request_id: request_id(&format!("reviewer {}", reviewer.account_id)),
                reviewer: Some(reviewer),
            };
            rpc!(commission, reviewers.register_reviewer(request))
        }
    })
    .await?;
    Ok(())
}

/// Imports every programme at once.
pub(super) async fn programmes(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &People,
    region: &Region,
) -> anyhow::Result<usize> {
    let total = region.programmes.len();
    let step = "登记专业 / programmes";
    tell.tell(step, 0, total);
    let request = ImportProgrammesRequest {
        request_id: request_id("programmes"),
        programmes: region.programmes.iter().map(programme).collect(),
        dry_run: false,
    };
    rpc!(people.commission(), programmes.import_programmes(request))?;
    tell.tell(step, total, total);
    Ok(total)
}

fn programme(programme: &Programme) -> ProgrammeMessage {
    ProgrammeMessage {
        organisation_code: programme.school.clone(),
        code: programme.code.clone(),
        name: Some(Text { zh: programme.name.zh.clone(), en: programme.name.en.clone() }),
        level: level(programme.level).into(),
        opened_year: programme.opened_year,
        withdrawn_year: programme.withdrawn_year,
        pilot: programme.pilot,
        pathway: programme.pathway.as_ref().map(|pathway| PathwayMessage {
            year: PLAN_YEAR,
            places: pathway.places,
            partner: pathway.partner.clone(),
            partner_programme: pathway.partner_programme.clone(),
            sequence: pathway.sequence,
        }),
        ..ProgrammeMessage::default()
    }
}
