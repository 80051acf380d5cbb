//! ObjectionService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, date_in_china, etag, id, objects};
use zhijian_proto::{
    common::v1::ErrorReason,
    publication::v1::{
        AnswerObjectionRequest, AnswerObjectionResponse, FollowObjectionRequest, FollowObjectionResponse,
        ListAnswersRequest, ListAnswersResponse, ListObjectionsRequest, ListObjectionsResponse,
        LodgeObjectionRequest, LodgeObjectionResponse, objection_service_server::ObjectionService,
    },
};

use super::{
    Releases, audit_name, changed,
    convert::{outcome, own_objection, public_objection, topic},
    resource,
};
use crate::{
    domain::{
        objection::{self, Sent},
        release::State,
    },
    store::{
        self,
        objection::{Answer, Objection},
    },
};

/// How many answers are told at most.
const MOST: u64 = 1000;

/// The letters of receipts: none that is taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A receipt that nobody can guess: 75 bits.
fn receipt() -> Result<String, Error> {
    let mut bytes = [0_u8; 15];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    let letters: Vec<u8> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    let groups: Vec<_> = letters.chunks(5).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    Ok(groups.join("-"))
}

/// A receipt as it is kept, however it was typed.
fn hash(receipt: &str) -> String {
    let letters: String = receipt
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    objects::sha256_of(letters.as_bytes())
}

fn not_under_notice() -> Error {
    Error::Precondition {
        reason: ErrorReason::IllegalState,
        violations: vec![zhijian_platform::Violation::new(
            "release",
            "现在不在公示期内，不能提出异议。",
            "The public notice does not stand now: objections are taken while it does.",
        )],
    }
}

#[tonic::async_trait]
impl ObjectionService for Releases {
    async fn lodge_objection(
        &self,
        request: Request<LodgeObjectionRequest>,
    ) -> Result<Response<LodgeObjectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        // To whoever may not read the release, it does not exist.
        let state = match store::release::find(self.ctx.db.reader(), year).await {
            Ok(release) => release.life.state,
            Err(Error::NotFound { .. }) => State::Draft,
            Err(error) => return Err(error.into()),
        };
        let grant = call.authorise(&resource(year, state)).map_err(|_| Error::not_found("release", year))?;
        let sent = Sent {
            topic: topic(input.topic()),
            reference: input.reference.trim().to_owned(),
            body: input.body.trim().to_owned(),
            name: input.name.trim().to_owned(),
            contact: input.contact.trim().to_owned(),
            client_key: input.client_key.clone(),
        };
        let topic = sent.check()?;
        let receipt = receipt()?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let release = store::release::find(tx.conn(), year).await?;
                    let (now, life) = (tx.now(), &release.life);
                    let runs = life.notice.is_some_and(|notice| !notice.has_ended(date_in_china(now)));
                    if life.state != State::Notice || !runs {
                        return Err(not_under_notice());
                    }
                    let lately = store::objection::lately(tx.conn(), now).await?;
                    let all: Vec<_> = lately.iter().map(|(time, _)| *time).collect();
                    let own = lately.iter().filter(|(_, key)| *key == sent.client_key);
                    let own: Vec<_> = own.map(|(time, _)| *time).collect();
                    if let Some(retry_after) = objection::wait(&own, &all, now) {
                        return Err(Error::TooManyAttempts { retry_after });
                    }
                    let objection = Objection {
                        id: id::new("obj"),
                        year,
                        receipt_hash: hash(&receipt),
                        topic,
                        reference: sent.reference,
                        body: sent.body,
                        name: sent.name,
                        contact: sent.contact,
                        client_key: sent.client_key,
                        create_time: now,
                        answer: None,
                        version: 1,
                    };
                    store::objection::insert(tx.conn(), &objection).await?;
                    let detail = json!({"objection": objection.id, "topic": topic.as_str()});
                    tx.audit(audit_name(year), detail);
                    Ok(LodgeObjectionResponse { objection: Some(own_objection(objection)), receipt })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn follow_objection(
        &self,
        request: Request<FollowObjectionRequest>,
    ) -> Result<Response<FollowObjectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("objection", ""))?;
        let found = store::objection::by_receipt(self.ctx.db.reader(), &hash(&input.receipt)).await?;
        let found = found.ok_or_else(|| Error::not_found("objection", "receipt"))?;
        Ok(Response::new(FollowObjectionResponse { objection: Some(own_objection(found)) }))
    }

    async fn list_objections(
        &self,
        request: Request<ListObjectionsRequest>,
    ) -> Result<Response<ListObjectionsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&changed(input.year))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.ctx.db.reader();
        let (found, next_page_token) = store::objection::list(conn, &page, input.year).await?;
        let objections = found.into_iter().map(Into::into).collect();
        Ok(Response::new(ListObjectionsResponse { objections, next_page_token }))
    }

    async fn answer_objection(
        &self,
        request: Request<AnswerObjectionRequest>,
    ) -> Result<Response<AnswerObjectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("objection", ""))?;
        let year = store::objection::find(self.ctx.db.reader(), &input.objection_id).await?.year;
        // The release's turn, so that nobody publishes while an answer is being given.
        let grant = call.authorise(&changed(year))?;
        let Some(outcome) = outcome(input.outcome()) else {
            return Err(Error::invalid(
                "outcome",
                "请选择采纳、部分采纳或不采纳。",
                "Say whether it is upheld, upheld in part, or not upheld.",
            )
            .into());
        };
        objection::check_reasons(&input.reasons)?;
        let (sent, account_id, name) = (input.clone(), call.actor_id(), call.display_name().to_owned());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut objection = store::objection::find(tx.conn(), &sent.objection_id).await?;
                    etag::check(&sent.etag, objection.version)?;
                    if objection.answer.is_some() {
                        return Err(Error::illegal_state(
                            format!("objection/{}", objection.id),
                            "这条异议已经答复，答复不能再改。",
                            "This objection has been answered; an answer is final.",
                        ));
                    }
                    let reasons = sent.reasons.trim().to_owned();
                    objection.answer = Some(Answer { outcome, reasons, account_id, name, time: tx.now() });
                    let objection = store::objection::update(tx.conn(), objection).await?;
                    let detail = json!({"objection": objection.id, "outcome": outcome.as_str()});
                    tx.audit(audit_name(objection.year), detail);
                    Ok(AnswerObjectionResponse { objection: Some(objection.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_answers(
        &self,
        request: Request<ListAnswersRequest>,
    ) -> Result<Response<ListAnswersResponse>, Status> {
        let call = Call::of(&request)?;
        let year = request.into_inner().year;
        let conn = self.ctx.db.reader();
        let release = store::release::find(conn, year).await?;
        call.authorise(&resource(year, release.life.state)).map_err(|_| Error::not_found("release", year))?;
        let count = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let answered = store::objection::answered(conn, year, MOST).await?;
        Ok(Response::new(ListAnswersResponse {
            answered: answered.into_iter().map(public_objection).collect(),
            open_count: count(store::objection::open_count(conn, year).await?),
            total_count: count(store::objection::total_count(conn, year).await?),
        }))
    }
}
