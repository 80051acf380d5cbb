//! CaseService.

use std::collections::{BTreeSet, HashMap};

use futures::stream::BoxStream;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Tx, etag, id};
use zhijian_proto::submission::v1::{
    CreateCaseRequest, CreateCaseResponse, DeleteCaseRequest, DeleteCaseResponse, ListCasesRequest,
    ListCasesResponse, OrderCasesRequest, OrderCasesResponse, StreamAcceptedCasesRequest,
    StreamAcceptedCasesResponse, UpdateCaseRequest, UpdateCaseResponse, case_service_server::CaseService,
};

use super::{Moving, audited, begin, finish, material, standing::work_on, working::kind_of};
use crate::{
    domain::{
        attachment::Purpose,
        case::{Case, MAX_CASES},
        parts::Part,
        submission::Move,
        text::characters,
    },
    rpc::{Actor, Rpc},
    store::{attachment, case, material as materials, report},
};

/// How much of a case's current text an error carries: details travel in headers.
const SHOWN_BODY: usize = 500;

#[tonic::async_trait]
impl CaseService for Rpc {
    type StreamAcceptedCasesStream = BoxStream<'static, Result<StreamAcceptedCasesResponse, Status>>;

    async fn list_cases(
        &self,
        request: Request<ListCasesRequest>,
    ) -> Result<Response<ListCasesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.cases(call, request.into_inner()).await?))
    }

    async fn create_case(
        &self,
        request: Request<CreateCaseRequest>,
    ) -> Result<Response<CreateCaseResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.create_case(call, request.into_inner()).await?))
    }

    async fn update_case(
        &self,
        request: Request<UpdateCaseRequest>,
    ) -> Result<Response<UpdateCaseResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.update_case(call, request.into_inner()).await?))
    }

    async fn delete_case(
        &self,
        request: Request<DeleteCaseRequest>,
    ) -> Result<Response<DeleteCaseResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.delete_case(call, request.into_inner()).await?))
    }

    async fn order_cases(
        &self,
        request: Request<OrderCasesRequest>,
    ) -> Result<Response<OrderCasesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.order_cases(call, request.into_inner()).await?))
    }

    async fn stream_accepted_cases(
        &self,
        request: Request<StreamAcceptedCasesRequest>,
    ) -> Result<Response<Self::StreamAcceptedCasesStream>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.accepted_cases(call, request.into_inner()).await?))
    }
}

impl Rpc {
    async fn cases(&self, call: Call, input: ListCasesRequest) -> Result<ListCasesResponse, Error> {
        let (row, _) = self.admitted(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let cases = if input.revision_number == 0 {
            let rows = case::load(conn, &row.submission_id).await?;
            rows.into_iter().map(material::case).collect::<Result<_, _>>()?
        } else {
            let frozen = materials::revision(conn, &row.submission_id, input.revision_number).await?;
            frozen.cases.into_iter().map(material::frozen_case).collect()
        };
        let most = kind_of(&catalogue, &row)?.max_case_characters;
        Ok(ListCasesResponse { cases, max_characters: i32::try_from(most).unwrap_or(i32::MAX) })
    }

    /// A case as it may stand in this report, but for its pictures.
    async fn read_case(
        &self,
        row: &report::Model,
        given: Option<zhijian_proto::submission::v1::Case>,
    ) -> Result<Case, Error> {
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let case = material::case_given(given.unwrap_or_default());
        case.read(kind_of(&catalogue, row)?).map_err(Error::Invalid)
    }

    async fn create_case(&self, call: Call, input: CreateCaseRequest) -> Result<CreateCaseResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let given = self.read_case(&row, input.case.clone()).await?;
        let given = Case { case_id: id::new("cas"), ..given };
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { mut row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let part = [Part::Section(given.section_code.clone())].into();
                    work_on(&mut row, &catalogue, &part, &actor, tx.now())?;
                    let present = case::load(tx.conn(), &row.submission_id).await?;
                    if present.len() >= MAX_CASES {
                        return Err(Error::illegal_state(
                            "cases",
                            format!("一份年报最多 {MAX_CASES} 个案例。"),
                            format!("A report has at most {MAX_CASES} cases."),
                        ));
                    }
                    check_pictures(tx, &row, &given).await?;
                    let place = present.last().map_or(0, |last| last.place + 1);
                    let stored = case::Model::of(given, &row.submission_id, place, 1, tx.now())?;
                    case::insert(tx.conn(), stored.clone()).await?;
                    tx.audit(audited(&row.submission_id), detail(&stored));
                    finish(tx, row, next, actor, "").await?;
                    Ok(CreateCaseResponse { case: Some(material::case(stored)?) })
                })
            })
            .await
    }

    async fn update_case(&self, call: Call, input: UpdateCaseRequest) -> Result<UpdateCaseResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let given = self.read_case(&row, input.case.clone()).await?;
        let etag = input.case.as_ref().map(|case| case.etag.clone()).unwrap_or_default();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { mut row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let part = [Part::Section(given.section_code.clone())].into();
                    work_on(&mut row, &catalogue, &part, &actor, tx.now())?;
                    let stored = case::get(tx.conn(), &row.submission_id, &given.case_id).await?;
                    check_etag(&etag, &stored)?;
                    check_pictures(tx, &row, &given).await?;
                    let stored = case::Model::of(
                        given,
                        &row.submission_id,
                        stored.place,
                        stored.version + 1,
                        tx.now(),
                    )?;
                    case::save(tx.conn(), stored.clone()).await?;
                    tx.audit(audited(&row.submission_id), detail(&stored));
                    finish(tx, row, next, actor, "").await?;
                    Ok(UpdateCaseResponse { case: Some(material::case(stored)?) })
                })
            })
            .await
    }

    async fn delete_case(&self, call: Call, input: DeleteCaseRequest) -> Result<DeleteCaseResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let actor = Actor::of(&call);
        let given = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let stored = case::get(tx.conn(), &row.submission_id, &given.case_id).await?;
                    check_etag(&given.etag, &stored)?;
                    case::delete(tx.conn(), &stored.case_id).await?;
                    let detail = json!({ "case": stored.case_id, "deleted": stored.title });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(DeleteCaseResponse {})
                })
            })
            .await
    }

    async fn order_cases(&self, call: Call, input: OrderCasesRequest) -> Result<OrderCasesResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let actor = Actor::of(&call);
        let order = input.case_ids.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let present = case::load(tx.conn(), &row.submission_id).await?;
                    let known: BTreeSet<&str> = present.iter().map(|case| case.case_id.as_str()).collect();
                    let named: BTreeSet<&str> = order.iter().map(String::as_str).collect();
                    if known != named || order.len() != present.len() {
                        let current: Vec<&str> = present.iter().map(|case| case.case_id.as_str()).collect();
                        let current = HashMap::from([("current_case_ids".to_owned(), current.join(","))]);
                        return Err(Error::EtagMismatch { current });
                    }
                    let mut by_id: HashMap<String, case::Model> =
                        present.into_iter().map(|case| (case.case_id.clone(), case)).collect();
                    let mut ordered = Vec::with_capacity(order.len());
                    for (place, case_id) in (0_i32..).zip(&order) {
                        let Some(mut case) = by_id.remove(case_id) else { continue };
                        // The order is not part of a case: who edits one is not disturbed by it.
                        if case.place != place {
                            case.place = place;
                            case::save(tx.conn(), case.clone()).await?;
                        }
                        ordered.push(material::case(case)?);
                    }
                    tx.audit(audited(&row.submission_id), json!({ "cases": order }));
                    finish(tx, row, next, actor, "").await?;
                    Ok(OrderCasesResponse { cases: ordered })
                })
            })
            .await
    }
}

async fn check_pictures(tx: &Tx<'_>, row: &report::Model, case: &Case) -> Result<(), Error> {
    if case.pictures.is_empty() {
        return Ok(());
    }
    let present = attachment::load(tx.conn(), &row.submission_id).await?;
    let pictures = present.into_iter().filter(|row| row.purpose == Purpose::Picture.as_str());
    let missing = case.without(&pictures.map(|row| row.attachment_id).collect());
    if missing.is_empty() { Ok(()) } else { Err(Error::Invalid(missing)) }
}

fn check_etag(given: &str, stored: &case::Model) -> Result<(), Error> {
    match etag::check(given, stored.version) {
        Err(Error::EtagMismatch { mut current }) => {
            current.insert("case_id".to_owned(), stored.case_id.clone());
            current.insert("current_title".to_owned(), stored.title.clone());
            current.insert("current_value".to_owned(), stored.body.chars().take(SHOWN_BODY).collect());
            Err(Error::EtagMismatch { current })
        }
        other => other,
    }
}

fn detail(stored: &case::Model) -> serde_json::Value {
    json!({
        "case": stored.case_id,
        "section": stored.section_code,
        "title": stored.title,
        "characters": characters(&stored.body),
        "version": stored.version,
    })
}
