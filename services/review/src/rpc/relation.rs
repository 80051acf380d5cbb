//! RelationService: what experts declare about themselves.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource, id, time::timestamp};
use zhijian_proto::review::v1::{
    self as wire, DeclareRelationRequest, DeclareRelationResponse, ListRelationsRequest,
    ListRelationsResponse, WithdrawRelationRequest, WithdrawRelationResponse,
    relation_service_server::RelationService,
};

use super::{Review, hidden, upstream};
use crate::{
    domain::relation::{Kind, MOST, Relation},
    store,
};

#[tonic::async_trait]
impl RelationService for Review {
    async fn declare_relation(
        &self,
        request: Request<DeclareRelationRequest>,
    ) -> Result<Response<DeclareRelationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let sent = input.relation.clone().unwrap_or_default();
        let account_id = match sent.reviewer_account_id.is_empty() {
            true => call.actor_id(),
            false => sent.reviewer_account_id.clone(),
        };
        let grant = call.authorise(&Resource::new("reviewer", &account_id).owner(&account_id))?;
        let by_self = account_id == call.actor_id();
        let relation = read(&sent, account_id, by_self)?;
        let known = upstream::organisations(&self.ctx.clients, [&relation.organisation_code]).await?;
        if known.is_empty() {
            let code = &relation.organisation_code;
            return Err(Error::invalid(
                "relation.organisation_code",
                format!("单位 {code} 尚未登记，请核对代码。"),
                format!("Organisation {code} is not registered: check the code."),
            )
            .into());
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    if store::reviewer::find(conn, &relation.account_id).await?.is_none() {
                        return Err(Error::not_found("reviewer", &relation.account_id));
                    }
                    if store::relation::count(conn, &relation.account_id).await? >= MOST {
                        return Err(Error::illegal_state(
                            "relations",
                            format!("最多申报 {MOST} 条关系，请先撤回不再需要的。"),
                            format!("At most {MOST} relations: withdraw those that no longer hold."),
                        ));
                    }
                    let relation = Relation { declare_time: tx.now(), ..relation };
                    store::relation::insert(conn, std::slice::from_ref(&relation)).await?;
                    tx.audit(format!("reviewer/{}", relation.account_id), told("declared", &relation));
                    Ok(DeclareRelationResponse { relation: Some(shown(relation)) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn withdraw_relation(
        &self,
        request: Request<WithdrawRelationRequest>,
    ) -> Result<Response<WithdrawRelationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let id = input.relation_id.clone();
        // First whether the caller declares anything at all: others learn nothing about ids.
        call.authorise(&Resource::new("reviewer", "").owner(call.actor_id()))?;
        let found = store::relation::find(self.ctx.db.reader(), &id).await?;
        // A repeated request finds nothing any more, and is answered as before.
        let account_id = found.map_or_else(|| call.actor_id(), |relation| relation.account_id);
        let grant = call
            .authorise(&Resource::new("reviewer", &account_id).owner(&account_id))
            .map_err(|error| hidden(error, "relation", &id))?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let found = store::relation::find(tx.conn(), &id).await?;
                    let relation = found.ok_or_else(|| Error::not_found("relation", &id))?;
                    store::relation::remove(tx.conn(), &id).await?;
                    tx.audit(format!("reviewer/{}", relation.account_id), told("withdrawn", &relation));
                    Ok(WithdrawRelationResponse {})
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_relations(
        &self,
        request: Request<ListRelationsRequest>,
    ) -> Result<Response<ListRelationsResponse>, Status> {
        let call = Call::of(&request)?;
        let asked = request.into_inner().reviewer_account_id;
        let account_id = if asked.is_empty() { call.actor_id() } else { asked };
        call.authorise(&Resource::new("reviewer", &account_id).owner(&account_id))?;
        let relations = store::relation::of_account(self.ctx.db.reader(), &account_id).await?;
        Ok(Response::new(ListRelationsResponse { relations: relations.into_iter().map(shown).collect() }))
    }
}

fn read(sent: &wire::Relation, account_id: String, by_self: bool) -> Result<Relation, Error> {
    let kind = kind(sent.kind()).ok_or_else(|| {
        Error::invalid("relation.kind", "请选择是什么关系。", "Choose what the relation is.")
    })?;
    let relation = Relation {
        id: id::new("rel"),
        account_id,
        kind,
        organisation_code: sent.organisation_code.trim().to_owned(),
        programme_code: sent.programme_code.trim().to_owned(),
        note: sent.note.trim().to_owned(),
        ended_on: sent.ended_on.trim().to_owned(),
        by_self,
        declare_time: Default::default(),
    };
    Ok(relation.check()?)
}

fn told(what: &str, relation: &Relation) -> serde_json::Value {
    json!({
        "relation": what,
        "relation_id": relation.id,
        "kind": relation.kind.as_str(),
        "organisation": relation.organisation_code,
        "programme": relation.programme_code,
        "ended_on": relation.ended_on,
    })
}

fn shown(relation: Relation) -> wire::Relation {
    wire::Relation {
        kind: wire_kind(relation.kind).into(),
        relation_id: relation.id,
        reviewer_account_id: relation.account_id,
        organisation_code: relation.organisation_code,
        programme_code: relation.programme_code,
        note: relation.note,
        ended_on: relation.ended_on,
        by_self: relation.by_self,
        declare_time: Some(timestamp(relation.declare_time)),
    }
}

fn kind(kind: wire::relation::Kind) -> Option<Kind> {
    use wire::relation::Kind as Wire;
    Some(match kind {
        Wire::Unspecified => return None,
        Wire::Kin => Kind::Kin,
        Wire::CoAuthor => Kind::CoAuthor,
        Wire::ProjectPartner => Kind::ProjectPartner,
        Wire::Teacher => Kind::Teacher,
        Wire::Adviser => Kind::Adviser,
        Wire::Interest => Kind::Interest,
        Wire::Other => Kind::Other,
    })
}

/// A kind on the wire.
pub fn wire_kind(kind: Kind) -> wire::relation::Kind {
    use wire::relation::Kind as Wire;
    match kind {
        Kind::Kin => Wire::Kin,
        Kind::CoAuthor => Wire::CoAuthor,
        Kind::ProjectPartner => Wire::ProjectPartner,
        Kind::Teacher => Wire::Teacher,
        Kind::Adviser => Wire::Adviser,
        Kind::Interest => Wire::Interest,
        Kind::Other => Wire::Other,
    }
}
