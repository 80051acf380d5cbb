//! One file a gRPC service: authorise, parse, call, answer.

mod appeal;
mod assignment;
mod assistance;
mod compulsory;
mod conflict;
mod convert;
mod discussion;
mod evidence;
mod evidence_file;
mod feedback;
mod files;
mod fresh;
mod funding;
mod hearing;
mod mend;
mod panel_file;
mod procedure;
mod recheck;
mod rectification;
mod relation;
mod reminding;
mod reviewer;
mod round;
mod scheme;
mod scores;
mod seal;
mod sheet;
mod staffing;
mod upstream;

use std::sync::Arc;

use tonic::service::Routes;
use zhijian_platform::{Call, Context, Error, Resource, StartError};
use zhijian_proto::review::v1::{
    appeal_service_server::AppealServiceServer, assignment_service_server::AssignmentServiceServer,
    assistance_service_server::AssistanceServiceServer, conflict_service_server::ConflictServiceServer,
    discussion_service_server::DiscussionServiceServer,
    evidence_file_service_server::EvidenceFileServiceServer, evidence_service_server::EvidenceServiceServer,
    feedback_service_server::FeedbackServiceServer, funding_service_server::FundingServiceServer,
    item_service_server::ItemServiceServer, panel_service_server::PanelServiceServer,
    procedure_service_server::ProcedureServiceServer,
    rectification_service_server::RectificationServiceServer, relation_service_server::RelationServiceServer,
    reviewer_service_server::ReviewerServiceServer, round_service_server::RoundServiceServer,
    scheme_service_server::SchemeServiceServer, score_service_server::ScoreServiceServer,
    seal_service_server::SealServiceServer, staffing_service_server::StaffingServiceServer,
};

use self::assistance::Model;
use crate::domain::{funding::Policies, scheme::Schemes};

/// What every handler works with.
#[derive(Clone)]
pub struct Review {
    ctx: Context,
    schemes: Arc<Schemes>,
    funding: Arc<Policies>,
    /// The language model that is asked for suggestions, if there is one.
    model: Option<Arc<Model>>,
}

impl Review {
    /// Puts the service together.
    ///
    /// # Errors
    /// If the configured language model cannot be asked like that.
    pub fn new(ctx: Context, schemes: Schemes, funding: Policies) -> Result<Self, StartError> {
        let model = ctx.assistant.as_ref().map(Model::open).transpose()?.map(Arc::new);
        let review = Self { ctx, schemes: Arc::new(schemes), funding: Arc::new(funding), model };
        staffing::handle(&review);
        review.ask_again();
        review.remind_hourly();
        Ok(review)
    }
}

/// Every gRPC service of this package.
pub fn routes(review: Review) -> Routes {
    Routes::new(SchemeServiceServer::new(review.clone()))
        .add_service(ReviewerServiceServer::new(review.clone()))
        .add_service(PanelServiceServer::new(review.clone()))
        .add_service(RelationServiceServer::new(review.clone()))
        .add_service(ConflictServiceServer::new(review.clone()))
        .add_service(StaffingServiceServer::new(review.clone()))
        .add_service(RoundServiceServer::new(review.clone()))
        .add_service(AssignmentServiceServer::new(review.clone()))
        .add_service(FundingServiceServer::new(review.clone()))
        .add_service(ProcedureServiceServer::new(review.clone()))
        .add_service(ItemServiceServer::new(review.clone()))
        .add_service(DiscussionServiceServer::new(review.clone()))
        .add_service(EvidenceServiceServer::new(review.clone()))
        .add_service(EvidenceFileServiceServer::new(review.clone()))
        .add_service(AssistanceServiceServer::new(review.clone()))
        .add_service(SealServiceServer::new(review.clone()))
        .add_service(ScoreServiceServer::new(review.clone()))
        .add_service(FeedbackServiceServer::new(review.clone()))
        .add_service(AppealServiceServer::new(review.clone()))
        .add_service(RectificationServiceServer::new(review))
}

/// Whether the policies let the caller do this to everybody's things; if not, perhaps to the caller's own.
///
/// # Errors
/// UNAUTHENTICATED if nobody has signed in.
fn for_all(call: &Call, kind: &str) -> Result<bool, Error> {
    match call.authorise(&Resource::new(kind, "")) {
        Ok(_) => Ok(true),
        Err(Error::NotAllowed { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// What the caller may not see does not exist for the caller.
fn hidden(error: Error, kind: &str, id: &str) -> Error {
    match error {
        Error::NotAllowed { .. } => Error::not_found(kind, id),
        other => other,
    }
}
