//! The gRPC services: authorise, parse into domain types, call, answer. No rules here.

mod catalogue;
mod comment;
mod convert;
mod convert_catalogue;
mod corpus;
mod correction;
mod cycle;
mod desk;
mod directory;
mod editor;
mod errors;
mod extension;
mod known;
mod lab;
mod meter;
mod names;
mod notice;
mod peers;
mod platform;
mod programme;
mod programme_registry;
mod public;
mod submission;
mod transfer;
mod upstream;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tonic::service::Routes;
use zhijian_platform::{Call, Context, Error, Mail, StartError};
use zhijian_proto::submission::v1::{
    attachment_service_server::AttachmentServiceServer, case_service_server::CaseServiceServer,
    catalogue_service_server::CatalogueServiceServer, comment_service_server::CommentServiceServer,
    correction_service_server::CorrectionServiceServer, cycle_service_server::CycleServiceServer,
    desk_service_server::DeskServiceServer, editor_service_server::EditorServiceServer,
    explanation_service_server::ExplanationServiceServer, extension_service_server::ExtensionServiceServer,
    narrative_service_server::NarrativeServiceServer, notice_service_server::NoticeServiceServer,
    platform_service_server::PlatformServiceServer,
    programme_registry_service_server::ProgrammeRegistryServiceServer,
    programme_service_server::ProgrammeServiceServer,
    public_report_service_server::PublicReportServiceServer, rule_lab_service_server::RuleLabServiceServer,
    submission_service_server::SubmissionServiceServer, transfer_service_server::TransferServiceServer,
};

use crate::{
    domain::{
        attachment::{AttachmentRules, MOST_MEBIBYTES},
        catalogue::{Catalogue, Catalogues},
        narrative::Synonyms,
        notice::Reminders,
        proofread::Proofs,
        workflow::Workflow,
    },
    store::{cycle as cycles, event::Deed},
};

/// The largest request taken: a section of 200,000 characters, or 2,000 programmes, with room to spare.
const MAX_REQUEST: usize = 8 * 1024 * 1024;

/// How many mebibytes of files are held at once while they arrive; further files wait for their turn.
const FILES_AT_ONCE: u64 = 2 * MOST_MEBIBYTES;

/// What answers the RPCs of this service.
#[derive(Clone)]
struct Rpc {
    ctx: Context,
    catalogues: Arc<Catalogues>,
    files: Arc<Files>,
    names: names::Names,
    corpora: corpus::Corpora,
    known: known::Known,
    workflow: Workflow,
    meter: meter::Meter,
    peers: peers::Peers,
}

/// The rules besides the catalogues.
pub struct Rules {
    pub workflow: Workflow,
    pub attachments: AttachmentRules,
    pub synonyms: Synonyms,
    pub reminders: Reminders,
}

/// What taking files needs.
struct Files {
    rules: AttachmentRules,
    /// Other headings of sections.
    synonyms: Synonyms,
    /// Files are held in memory while they arrive: a permit for each mebibyte.
    arriving: Semaphore,
    /// What the proofreader said of texts lately.
    proofs: Proofs,
}

impl Rpc {
    /// The rules in force in a cycle.
    fn catalogue(&self, cycle: &cycles::Model) -> Result<Arc<Catalogue>, Error> {
        catalogue_of(&self.catalogues, cycle)
    }

    /// The catalogue of `year`, which the cycle of `cycle_year` uses.
    fn catalogue_of_year(&self, cycle_year: i32, year: i32) -> Result<Arc<Catalogue>, Error> {
        catalogue_of_year(&self.catalogues, cycle_year, year)
    }

    /// The cycle of a year.
    async fn cycle(&self, year: i32) -> Result<cycles::Model, Error> {
        cycles::find(self.ctx.db.reader(), year).await?.ok_or_else(|| Error::not_found("cycle", year))
    }
}

fn catalogue_of(catalogues: &Catalogues, cycle: &cycles::Model) -> Result<Arc<Catalogue>, Error> {
    catalogue_of_year(catalogues, cycle.year, cycle.catalogue_year)
}

/// The catalogue of `year`, which the cycle of `cycle_year` uses.
fn catalogue_of_year(catalogues: &Catalogues, cycle_year: i32, year: i32) -> Result<Arc<Catalogue>, Error> {
    catalogues.get(year).cloned().ok_or_else(|| {
        Error::illegal_state(
            format!("catalogue/{year}"),
            format!("{cycle_year} 年度使用的 {year} 年指标目录已不在规则目录中，请管理员恢复。"),
            format!(
                "The catalogue of {year}, used by {cycle_year}, is gone from the rules directory; put it back.",
            ),
        )
    })
}

/// Who acts, for the events of a change.
#[derive(Debug, Clone)]
struct Actor {
    action: String,
    account_id: String,
    account_name: String,
}

impl Actor {
    fn of(call: &Call) -> Self {
        Self {
            action: call.action().to_owned(),
            account_id: call.actor_id(),
            account_name: call.display_name().to_owned(),
        }
    }

    fn at(self, time: DateTime<Utc>) -> Deed {
        let Self { action, account_id, account_name } = self;
        Deed { action, account_id, account_name, time }
    }
}

/// The services, ready to be served. What they do by themselves begins too, and ends with the process.
pub fn routes(ctx: &Context, catalogues: Catalogues, rules: Rules) -> Routes {
    let files = Files {
        rules: rules.attachments,
        synonyms: rules.synonyms,
        arriving: Semaphore::new(usize::try_from(FILES_AT_ONCE).unwrap_or(usize::MAX)),
        proofs: Proofs::default(),
    };
    let rpc = Rpc {
        ctx: ctx.clone(),
        catalogues: Arc::new(catalogues),
        files: Arc::new(files),
        names: names::Names::default(),
        corpora: corpus::Corpora::default(),
        known: known::Known::default(),
        workflow: rules.workflow,
        meter: meter::Meter::default(),
        peers: peers::Peers::default(),
    };
    submission::after::register(&rpc);
    let directory = directory::Directory::new(ctx.clients.clone());
    let public = public::Public { rpc: rpc.clone(), directory: directory.clone() };
    let desk = desk::Desk { rpc: rpc.clone(), directory: directory.clone() };
    let notices = notice::Notices { rpc: rpc.clone(), directory, reminders: Arc::new(rules.reminders) };
    let lab = lab::Lab { rpc: rpc.clone() };
    lab::handle(&lab);
    desk::handle(&desk);
    notice::handle(&notices);
    ctx.tasks.spawn(tend(notices.clone()));
    Routes::new(CycleServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(CatalogueServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(ProgrammeServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(ProgrammeRegistryServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(TransferServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(AttachmentServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(CaseServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(NarrativeServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(CommentServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(ExtensionServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(CorrectionServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(EditorServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(ExplanationServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(PlatformServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(DeskServiceServer::new(desk).max_decoding_message_size(MAX_REQUEST))
        .add_service(PublicReportServiceServer::new(public).max_decoding_message_size(MAX_REQUEST))
        .add_service(RuleLabServiceServer::new(lab).max_decoding_message_size(MAX_REQUEST))
        .add_service(NoticeServiceServer::new(notices).max_decoding_message_size(MAX_REQUEST))
        .add_service(SubmissionServiceServer::new(rpc).max_decoding_message_size(MAX_REQUEST))
}

/// Whether mail can be configured like this.
///
/// # Errors
/// Says what is wrong.
pub fn check_mail(mail: &Mail) -> Result<(), StartError> {
    notice::mail::Post::open(mail).map(drop)
}

/// How often the service looks after what nobody asks for.
const TEND: Duration = Duration::from_secs(5);
/// After so many looks it drafts reminders and clears expired exports away.
const SELDOM: u32 = 120;

/// Sums up the work in reports, mails what has waited for a working day, drafts what the rules say, and clears away expired
/// exports, until the process stops. Each can be done by several processes at once.
async fn tend(notices: notice::Notices) {
    let ctx = &notices.rpc.ctx;
    let mut looks = 0_u32;
    while tokio::time::timeout(TEND, ctx.shutdown.cancelled()).await.is_err() {
        looks = looks.wrapping_add(1);
        let mut outcomes = vec![desk::fold(&notices.rpc).await.map(|_| ()), notice::wake_due(&notices).await];
        if looks.is_multiple_of(SELDOM) {
            outcomes.push(notices.draft_all().await);
            outcomes.push(desk::sweep(ctx).await);
        }
        for error in outcomes.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "the desk's housekeeping was put off");
        }
    }
    if let Err(error) = desk::fold(&notices.rpc).await {
        tracing::debug!(%error, "the last counts of work were not written");
    }
}
