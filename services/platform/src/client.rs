//! The way to the other services: the generated clients, over an in-process channel or over the network.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    task::{Context as TaskContext, Poll},
};

use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{HeaderValue, header};
use tonic::{body::Body, transport::Endpoint};
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};
use zhijian_proto::{common::v1 as common, identity::v1 as identity, publication::v1 as publication};
use zhijian_proto::{review::v1 as review, submission::v1 as submission};

use crate::{Error, Lang, token::Tokens};

/// The largest message a client takes: a whole table or catalogue.
const MAX_MESSAGE: usize = 32 * 1024 * 1024;

/// A way to send one service its requests.
pub type Channel = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, BoxError>;

/// As whom a client calls.
#[derive(Clone)]
pub enum Credential {
    /// As anybody.
    Anonymous,
    /// As the person with this token.
    Token(Arc<str>),
    /// As one of our services.
    Service { name: &'static str, tokens: Tokens },
}

/// Clients of every service, as one caller; cheap to clone.
#[derive(Clone)]
pub struct Clients {
    channels: Arc<RwLock<HashMap<&'static str, Channel>>>,
    credential: Credential,
    lang: Lang,
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident -> $service:literal, $client:path;)*) => {
        impl Clients {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> $client {
                    <$client>::new(self.authorised($service)).max_decoding_message_size(MAX_MESSAGE)
                }
            )*
        }
    };
}

clients! {
    /// Describes the region.
    regions -> "identity", identity::region_service_client::RegionServiceClient<Authorised>;
    /// Keeps the register of organisations.
    organisations -> "identity", identity::organisation_service_client::OrganisationServiceClient<Authorised>;
    /// Takes in and gives out the register of organisations.
    registry -> "identity", identity::registry_service_client::RegistryServiceClient<Authorised>;
    /// Keeps accounts and roles.
    accounts -> "identity", identity::account_service_client::AccountServiceClient<Authorised>;
    /// Signs people in.
    sessions -> "identity", identity::session_service_client::SessionServiceClient<Authorised>;
    /// Reads the audit trail.
    audit -> "identity", identity::audit_service_client::AuditServiceClient<Authorised>;
    /// Runs the cycles.
    cycles -> "submission", submission::cycle_service_client::CycleServiceClient<Authorised>;
    /// Reads the rules of a year.
    catalogues -> "submission", submission::catalogue_service_client::CatalogueServiceClient<Authorised>;
    /// Keeps the register of programmes.
    programmes -> "submission", submission::programme_service_client::ProgrammeServiceClient<Authorised>;
    /// Keeps the files that go with reports.
    attachments -> "submission", submission::attachment_service_client::AttachmentServiceClient<Authorised>;
    /// Keeps the cases of reports.
    cases -> "submission", submission::case_service_client::CaseServiceClient<Authorised>;
    /// Takes texts out of documents and keeps what people decide about the proofreader's findings.
    narratives -> "submission", submission::narrative_service_client::NarrativeServiceClient<Authorised>;
    /// Takes in and gives out the register of programmes.
    programme_registry -> "submission", submission::programme_registry_service_client::ProgrammeRegistryServiceClient<Authorised>;
    /// Collects reports.
    submissions -> "submission", submission::submission_service_client::SubmissionServiceClient<Authorised>;
    /// Moves cells in and out of reports in bulk.
    transfers -> "submission", submission::transfer_service_client::TransferServiceClient<Authorised>;
    /// Keeps the remarks on reports.
    comments -> "submission", submission::comment_service_client::CommentServiceClient<Authorised>;
    /// Gives schools more time.
    extensions -> "submission", submission::extension_service_client::ExtensionServiceClient<Authorised>;
    /// Opens again what is in the results.
    corrections -> "submission", submission::correction_service_client::CorrectionServiceClient<Authorised>;
    /// Says who edits which part of a report.
    editors -> "submission", submission::editor_service_client::EditorServiceClient<Authorised>;
    /// Runs a collection: progress, differences, exports, burden.
    desk -> "submission", submission::desk_service_client::DeskServiceClient<Authorised>;
    /// Decides on explanations, and keeps where reports are public.
    explanations -> "submission", submission::explanation_service_client::ExplanationServiceClient<Authorised>;
    /// Keeps what the two platforms hold.
    platforms -> "submission", submission::platform_service_client::PlatformServiceClient<Authorised>;
    /// Tries drafts of rules on past reports.
    lab -> "submission", submission::rule_lab_service_client::RuleLabServiceClient<Authorised>;
    /// Shows reports to anybody.
    public_reports -> "submission", submission::public_report_service_client::PublicReportServiceClient<Authorised>;
    /// Reminds organisations of their reports.
    notices -> "submission", submission::notice_service_client::NoticeServiceClient<Authorised>;
    /// Reads the procedures.
    schemes -> "review", review::scheme_service_client::SchemeServiceClient<Authorised>;
    /// Keeps the panel.
    reviewers -> "review", review::reviewer_service_client::ReviewerServiceClient<Authorised>;
    /// Takes in and gives out the panel as files.
    panel -> "review", review::panel_service_client::PanelServiceClient<Authorised>;
    /// Keeps what experts declare.
    relations -> "review", review::relation_service_client::RelationServiceClient<Authorised>;
    /// Shows and rules on conflicts.
    conflicts -> "review", review::conflict_service_client::ConflictServiceClient<Authorised>;
    /// Keeps panels whole.
    staffing -> "review", review::staffing_service_client::StaffingServiceClient<Authorised>;
    /// Gives out what rounds were graded from.
    scores -> "review", review::score_service_client::ScoreServiceClient<Authorised>;
    /// Runs rounds.
    rounds -> "review", review::round_service_client::RoundServiceClient<Authorised>;
    /// Runs procedures.
    procedures -> "review", review::procedure_service_client::ProcedureServiceClient<Authorised>;
    /// Moves what is brought to procedures.
    items -> "review", review::item_service_client::ItemServiceClient<Authorised>;
    /// Takes scores.
    assignments -> "review", review::assignment_service_client::AssignmentServiceClient<Authorised>;
    /// Works out differentiated funding.
    funding -> "review", review::funding_service_client::FundingServiceClient<Authorised>;
    /// Follows low grades.
    rectifications -> "review", review::rectification_service_client::RectificationServiceClient<Authorised>;
    /// Lets panels talk.
    discussions -> "review", review::discussion_service_client::DiscussionServiceClient<Authorised>;
    /// Brings what schools reported to reviewers.
    evidence -> "review", review::evidence_service_client::EvidenceServiceClient<Authorised>;
    /// Opens the files of reports to reviewers.
    evidence_files -> "review", review::evidence_file_service_client::EvidenceFileServiceClient<Authorised>;
    /// Lays beside the rubric what a machine finds.
    assistance -> "review", review::assistance_service_client::AssistanceServiceClient<Authorised>;
    /// Tells who looked at sealed results.
    seals -> "review", review::seal_service_client::SealServiceClient<Authorised>;
    /// Tells schools what panels thought.
    feedback -> "review", review::feedback_service_client::FeedbackServiceClient<Authorised>;
    /// Hears appeals.
    appeals -> "review", review::appeal_service_client::AppealServiceClient<Authorised>;
    /// Releases results.
    releases -> "publication", publication::release_service_client::ReleaseServiceClient<Authorised>;
    /// Reads released tables.
    tables -> "publication", publication::table_service_client::TableServiceClient<Authorised>;
    /// Hands out signed copies of what is published.
    bundles -> "publication", publication::bundle_service_client::BundleServiceClient<Authorised>;
    /// Rolls several regions up.
    federation -> "publication", publication::federation_service_client::FederationServiceClient<Authorised>;
    /// Reads the editions of releases.
    editions -> "publication", publication::edition_service_client::EditionServiceClient<Authorised>;
    /// Follows published numbers back to where they come from.
    traces -> "publication", publication::trace_service_client::TraceServiceClient<Authorised>;
    /// Corrects what has been published.
    release_corrections -> "publication", publication::release_correction_service_client::ReleaseCorrectionServiceClient<Authorised>;
    /// Takes objections to what is under notice.
    objections -> "publication", publication::objection_service_client::ObjectionServiceClient<Authorised>;
    /// Looks at institutions among their peers.
    diagnosis -> "publication", publication::diagnosis_service_client::DiagnosisServiceClient<Authorised>;
    /// Matches programmes with industries and districts.
    map -> "publication", publication::map_service_client::MapServiceClient<Authorised>;
    /// Follows the long work of the publication service.
    operations -> "publication", common::operation_service_client::OperationServiceClient<Authorised>;
}

impl Clients {
    pub(crate) fn new() -> Self {
        Self { channels: Arc::default(), credential: Credential::Anonymous, lang: Lang::default() }
    }

    /// Clients that reach the named services at these addresses ("http://host:50051"), as anybody.
    ///
    /// # Errors
    /// If an address is not a URL.
    pub fn at(
        addresses: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Self, tonic::transport::Error> {
        let clients = Self::new();
        for (service, address) in addresses {
            clients.connect(service, address)?;
        }
        Ok(clients)
    }

    /// The same services, called as somebody else and in that person's language.
    pub fn with(&self, credential: Credential, lang: Lang) -> Self {
        Self { channels: self.channels.clone(), credential, lang }
    }

    /// The same services, called with this token.
    pub fn with_token(&self, token: &str) -> Self {
        self.with(Credential::Token(token.into()), self.lang)
    }

    pub(crate) fn connect(
        &self,
        service: &'static str,
        address: String,
    ) -> Result<(), tonic::transport::Error> {
        let channel = Endpoint::from_shared(address)?.connect_lazy();
        self.insert(service, BoxCloneSyncService::new(channel.map_err(BoxError::from)));
        Ok(())
    }

    pub(crate) fn insert(&self, service: &'static str, channel: Channel) {
        self.channels.write().unwrap_or_else(PoisonError::into_inner).insert(service, channel);
    }

    pub(crate) fn knows(&self, service: &str) -> bool {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).contains_key(service)
    }

    /// Fetches the identity service's public keys into `tokens`.
    pub(crate) async fn learn_keys(&self, tokens: &Tokens) -> Result<(), Error> {
        if !self.knows("identity") {
            return Ok(());
        }
        let anybody = self.with(Credential::Anonymous, self.lang);
        let answer = anybody
            .sessions()
            .list_verification_keys(identity::ListVerificationKeysRequest {})
            .await?
            .into_inner();
        for key in answer.keys {
            if let Ok(key) = ed25519_compact::PublicKey::from_slice(&key.public_key) {
                tokens.learn(key);
            }
        }
        Ok(())
    }

    fn authorised(&self, service: &'static str) -> Authorised {
        let channel = self.channels.read().unwrap_or_else(PoisonError::into_inner).get(service).cloned();
        Authorised { service, channel, credential: self.credential.clone(), lang: self.lang }
    }
}

/// A channel that adds the caller's token and language to every request.
#[derive(Clone)]
pub struct Authorised {
    service: &'static str,
    channel: Option<Channel>,
    credential: Credential,
    lang: Lang,
}

impl Authorised {
    fn authorisation(&self) -> Result<Option<HeaderValue>, BoxError> {
        let token = match &self.credential {
            Credential::Anonymous => return Ok(None),
            Credential::Token(token) => token.to_string(),
            Credential::Service { name, tokens } => tokens.issue_service(name)?,
        };
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

impl Service<http::Request<Body>> for Authorised {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let Some(channel) = self.channel.clone() else {
            let service = self.service;
            return async move { Err(format!("no address is configured for the {service} service").into()) }
                .boxed();
        };
        match self.authorisation() {
            Ok(Some(value)) => {
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
            Ok(None) => {}
            Err(error) => return futures::future::ready(Err(error)).boxed(),
        }
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(self.lang.tag()));
        channel.oneshot(request).map_err(Into::into).boxed()
    }
}
