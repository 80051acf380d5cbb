//! Starting a report.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Tx, Violation, id};
use zhijian_proto::submission::v1::{CreateSubmissionRequest, CreateSubmissionResponse};

use super::{audited, standing::situation};
use crate::{
    domain::{
        catalogue::{Catalogue, OrganisationKind, ReportKind, Subject},
        submission::{Move, State},
    },
    rpc::{Actor, Rpc, catalogue_of, convert, upstream},
    store::{cycle as cycles, event, extension, report},
};

impl Rpc {
    pub(super) async fn create(
        &self,
        call: Call,
        input: CreateSubmissionRequest,
    ) -> Result<CreateSubmissionResponse, Error> {
        let grant = call.authorise(&Resource::for_organisation(&input.organisation_code))?;
        let subject =
            if input.subject_code.is_empty() { &input.organisation_code } else { &input.subject_code }
                .clone();
        let codes = [input.organisation_code.clone(), subject.clone()].into();
        let registered = upstream::organisations(&self.ctx.clients, codes).await?;
        let parties = Parties {
            bound_to: registered.get(&subject).map(|one| one.parent_code.clone()).unwrap_or_default(),
            subject,
            submitter: input.organisation_code.clone(),
            kinds: registered
                .into_iter()
                .map(|(code, organisation)| (code, upstream::kind(&organisation)))
                .collect(),
        };
        let actor = Actor::of(&call);
        let catalogues = Arc::clone(&self.catalogues);
        let (year, kind) = (input.cycle_year, input.report_kind.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let cycle = cycles::hold(tx.conn(), year).await?;
                    cycle.state()?.collecting()?;
                    let catalogue = catalogue_of(&catalogues, &cycle)?;
                    let kind = parties.check(&catalogue, &kind)?;
                    let mut row = new(tx, &cycle, &catalogue, kind, parties.submitter, parties.subject);
                    // A school that was given more time has it for reports that it has not begun, too.
                    row.own_due_time = extension::latest(tx.conn(), year, &row.organisation_code).await?;
                    situation(&row, &cycle)?.after(Move::Edit, tx.now())?;
                    report::insert(tx.conn(), &row).await?;
                    event::insert(tx.conn(), &actor.at(tx.now()), &row.submission_id, State::Draft, "")
                        .await?;
                    let detail = json!({
                        "state": row.state,
                        "cycle_year": row.cycle_year,
                        "report_kind": row.report_kind,
                        "organisation_code": row.organisation_code,
                        "subject_code": row.subject_code,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    Ok(CreateSubmissionResponse { submission: Some(convert::submission(row)?) })
                })
            })
            .await
    }
}

/// Who submits and whom the report is about, as far as they are registered.
struct Parties {
    submitter: String,
    subject: String,
    /// Under whom the subject is registered: the school that an enterprise is bound to.
    bound_to: String,
    kinds: BTreeMap<String, Option<OrganisationKind>>,
}

impl Parties {
    /// The kind of report, if these parties may have one.
    fn check<'a>(&self, catalogue: &'a Catalogue, code: &str) -> Result<&'a ReportKind, Error> {
        let kind = catalogue.kind(code).ok_or_else(|| {
            let known: Vec<&str> = catalogue.kinds.iter().map(|kind| kind.code.as_str()).collect();
            Error::invalid(
                "report_kind",
                format!("没有 {code:?} 这类年报，可用：{}。", known.join("、")),
                format!("There is no kind of report {code:?}; there are {}.", known.join(", ")),
            )
        })?;
        let mut violations = Vec::new();
        match self.kinds.get(&self.submitter) {
            None => violations.push(unregistered("organisation_code", &self.submitter)),
            Some(submitter) if !submitter.is_some_and(|submitter| kind.submitters.contains(&submitter)) => {
                violations.push(Violation::new(
                    "organisation_code",
                    format!("{} 这类机构不提交“{}”。", self.submitter, kind.name.zh),
                    format!(
                        "An organisation like {} does not submit a report of kind {code:?}.",
                        self.submitter
                    ),
                ));
            }
            Some(_) => {}
        }
        violations.extend(self.subject_at_fault(kind));
        if violations.is_empty() { Ok(kind) } else { Err(Error::Invalid(violations)) }
    }

    fn subject_at_fault(&self, kind: &ReportKind) -> Option<Violation> {
        match (kind.subject, self.kinds.get(&self.subject)) {
            (Subject::Submitter, _) if self.subject == self.submitter => None,
            (Subject::Submitter, _) => Some(Violation::new(
                "subject_code",
                format!("“{}”写的是提交者自己，请留空。", kind.name.zh),
                "This kind of report is about its submitter: leave it empty.",
            )),
            (Subject::Enterprise, None) => Some(unregistered("subject_code", &self.subject)),
            (Subject::Enterprise, Some(Some(OrganisationKind::Enterprise)))
                if self.bound_to == self.submitter =>
            {
                None
            }
            (Subject::Enterprise, Some(Some(OrganisationKind::Enterprise))) => Some(Violation::new(
                "subject_code",
                format!("企业 {} 没有登记为本校的合作企业，请先请教育主管部门在机构库中登记。", self.subject),
                format!(
                    "The enterprise {} is not registered as bound to this school; ask the commission to register it first.",
                    self.subject
                ),
            )),
            (Subject::Enterprise, Some(_)) => Some(Violation::new(
                "subject_code",
                "请填写企业的机构代码。",
                "Give the code of the enterprise that the report is about.",
            )),
        }
    }
}

fn unregistered(field: &str, code: &str) -> Violation {
    Violation::new(
        field,
        format!("机构代码 {code} 没有登记，请先登记机构。"),
        format!("No organisation is registered under {code}; register it first."),
    )
}

fn new(
    tx: &Tx<'_>,
    cycle: &cycles::Model,
    catalogue: &Catalogue,
    kind: &ReportKind,
    organisation_code: String,
    subject_code: String,
) -> report::Model {
    report::Model {
        submission_id: id::new("sub"),
        cycle_year: cycle.year,
        report_kind: kind.code.clone(),
        organisation_code,
        subject_code,
        state: State::Draft.as_str().to_owned(),
        revision_number: 0,
        filled_cells: 0,
        required_cells: i32::try_from(catalogue.required_of(&kind.code).count()).unwrap_or(i32::MAX),
        declaration_name: String::new(),
        declaration_office: String::new(),
        declaration_time: None,
        return_comment: String::new(),
        create_time: tx.now(),
        update_time: tx.now(),
        version: 1,
        accepted_revision: 0,
        correction_id: String::new(),
        correction_from: String::new(),
        own_due_time: None,
        editing_plan: String::new(),
        last_edits: String::new(),
    }
}
