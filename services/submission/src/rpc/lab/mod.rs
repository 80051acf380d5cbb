//! RuleLabService.

mod replay;
mod start;
mod wire;

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource};
use zhijian_proto::common::v1::operation::State;
use zhijian_proto::submission::v1::{
    Firing, GetReplayRequest, GetReplayResponse, GetRulesFileRequest, GetRulesFileResponse,
    ListFiringsRequest, ListFiringsResponse, ListReplayOrganisationsRequest, ListReplayOrganisationsResponse,
    ListReplayRulesRequest, ListReplayRulesResponse, ListReplaysRequest, ListReplaysResponse, Replay,
    StartReplayRequest, StartReplayResponse, rule_lab_service_server::RuleLabService,
};

use super::Rpc;
use crate::{
    domain::catalogue::{STACK, rules_text},
    store::lab::{self, firing, rule},
};
pub use replay::handle;

/// What answers the rule lab.
#[derive(Clone)]
pub struct Lab {
    pub rpc: Rpc,
}

#[tonic::async_trait]
impl RuleLabService for Lab {
    async fn get_rules_file(
        &self,
        request: Request<GetRulesFileRequest>,
    ) -> Result<Response<GetRulesFileResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let year = request.into_inner().catalogue_year;
        let text = rules_text(self.rpc.ctx.rules_dir(), year).map_err(Error::internal)?;
        let rules_toml = text.ok_or_else(|| Error::not_found("catalogue", year))?;
        Ok(Response::new(GetRulesFileResponse { rules_toml }))
    }

    async fn start_replay(
        &self,
        request: Request<StartReplayRequest>,
    ) -> Result<Response<StartReplayResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.start(call, request.into_inner()).await?))
    }

    async fn get_replay(
        &self,
        request: Request<GetReplayRequest>,
    ) -> Result<Response<GetReplayResponse>, Status> {
        let call = Call::of(&request)?;
        let replay_id = request.into_inner().replay_id;
        call.authorise(&Resource::new("replay", &replay_id))?;
        let row = lab::get(self.rpc.ctx.db.reader(), &replay_id).await?;
        let draft = row.rules_toml.clone();
        let replay = Replay { rules_toml: draft, ..self.with_operation(row).await? };
        Ok(Response::new(GetReplayResponse { replay: Some(replay) }))
    }

    async fn list_replays(
        &self,
        request: Request<ListReplaysRequest>,
    ) -> Result<Response<ListReplaysResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::new("replay", ""))?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let rows = lab::list(self.rpc.ctx.db.reader(), &page).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.replay_id.clone());
        let mut replays = vec![];
        for row in rows {
            replays.push(self.with_operation(row).await?);
        }
        Ok(Response::new(ListReplaysResponse { replays, next_page_token }))
    }

    async fn list_replay_rules(
        &self,
        request: Request<ListReplayRulesRequest>,
    ) -> Result<Response<ListReplayRulesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        self.finished(&call, &input.replay_id).await?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let rows = rule::list(self.rpc.ctx.db.reader(), &page, &input.replay_id).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.position.to_string());
        let rules = rows.into_iter().map(wire::rule).collect::<Result<_, _>>()?;
        Ok(Response::new(ListReplayRulesResponse { rules, next_page_token }))
    }

    async fn list_replay_organisations(
        &self,
        request: Request<ListReplayOrganisationsRequest>,
    ) -> Result<Response<ListReplayOrganisationsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        self.finished(&call, &input.replay_id).await?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.rpc.ctx.db.reader();
        let rows = firing::by_organisation(conn, &page, &input.replay_id, &input.rule_code).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.organisation_code.clone());
        let organisations = rows.into_iter().map(wire::organisation).collect();
        Ok(Response::new(ListReplayOrganisationsResponse { organisations, next_page_token }))
    }

    async fn list_firings(
        &self,
        request: Request<ListFiringsRequest>,
    ) -> Result<Response<ListFiringsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        self.finished(&call, &input.replay_id).await?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = firing::Filter {
            change: wire::change_given(input.change()),
            rule_code: input.rule_code,
            organisation_code: input.organisation_code,
        };
        let rows = firing::list(self.rpc.ctx.db.reader(), &page, &input.replay_id, &filter).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.position.to_string());
        let firings: Vec<Firing> = rows.into_iter().map(wire::firing).collect::<Result<_, _>>()?;
        Ok(Response::new(ListFiringsResponse { firings, next_page_token }))
    }
}

/// Does what drafts need, away from the threads that answer requests and with the stack that it may take.
async fn deep<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (answer, done) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("rule-lab".to_owned()).stack_size(STACK);
    // Nobody listens any more if the caller is gone.
    thread.spawn(move || drop(answer.send(work()))).map_err(Error::internal)?;
    done.await.map_err(Error::internal)
}

impl Lab {
    /// A replay whose result the caller may see and which has one.
    async fn finished(&self, call: &Call, replay_id: &str) -> Result<(), Error> {
        call.authorise(&Resource::new("replay", replay_id))?;
        let row = lab::get(self.rpc.ctx.db.reader(), replay_id).await?;
        if row.end_time.is_none() {
            return Err(Error::illegal_state(
                format!("replay/{replay_id}"),
                "回放还没有完成，请稍候再看结果。",
                "The replay is not finished yet; look a little later.",
            ));
        }
        Ok(())
    }

    async fn with_operation(&self, row: lab::Model) -> Result<Replay, Error> {
        let operation = self.rpc.ctx.operations.find(&row.operation_id).await?;
        let succeeded = operation.as_ref().is_some_and(|one| one.state() == State::Succeeded);
        // It may have ended between the two reads: who sees the end sees the result.
        let row = if succeeded && row.end_time.is_none() {
            lab::get(self.rpc.ctx.db.reader(), &row.replay_id).await?
        } else {
            row
        };
        Ok(wire::replay(row, operation))
    }
}
