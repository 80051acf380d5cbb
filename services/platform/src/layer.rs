//! What stands before every RPC: the caller's token, the declared action, the caller's language, and one line of log.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use chrono::{DateTime, Utc};
use http::{HeaderValue, StatusCode};
use tonic::{Code, Status};

use crate::{Call, Error, Lang, Principal, authz::Authority, client::Clients, token::Tokens};

/// What the layer needs.
#[derive(Clone)]
pub(crate) struct Gate {
    pub authority: Arc<Authority>,
    pub tokens: Tokens,
    pub clients: Clients,
}

pub(crate) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let lang = request
        .headers()
        .get(http::header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(Lang::from_accept_language)
        .unwrap_or_default();
    lang.scope(answer(gate, lang, request, next)).await
}

async fn answer(gate: Gate, lang: Lang, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let path = request.uri().path().to_owned();
    let Some(action) = gate.authority.action_of(&path).map(str::to_owned) else {
        return refuse(Status::unimplemented(format!(
            "{path} is not an RPC of this server, or declares no action"
        )));
    };
    let authorisation = request.headers().get(http::header::AUTHORIZATION).cloned();
    let (principal, expiry) = match caller(&gate, authorisation).await {
        Ok(caller) => caller,
        Err(error) => return refuse(error.into()),
    };
    let actor = principal.actor_id();
    let call = Call::new(principal, &action, gate.authority, lang).until(expiry);
    request.extensions_mut().insert(call.clone());
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return refuse(Status::unimplemented(format!("{path} is offered by another service")));
    }
    let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
    let response = if code == Code::Ok && !call.has_asked() {
        refuse(Error::internal(format!("{path} answered without asking the policies")).into())
    } else {
        response
    };
    tracing::info!(
        rpc.path = path,
        rpc.code = ?code,
        rpc.action = action,
        caller = actor,
        elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "rpc {path} {code:?}",
    );
    response
}

fn refuse(status: Status) -> Response {
    status.into_http::<Body>()
}

async fn caller(
    gate: &Gate,
    authorisation: Option<HeaderValue>,
) -> Result<(Arc<Principal>, Option<DateTime<Utc>>), Error> {
    let Some(value) = authorisation else {
        return Ok((Arc::new(Principal::Anonymous), None));
    };
    let token =
        value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).ok_or(Error::SignInRequired)?;
    match gate.tokens.verify(token) {
        Ok((principal, expiry)) => return Ok((principal, Some(expiry))),
        Err(crate::token::Refusal::Bad) => return Err(Error::SignInRequired),
        Err(crate::token::Refusal::UnknownKey) => {}
    }
    gate.clients.learn_keys(&gate.tokens).await?;
    let (principal, expiry) = gate.tokens.verify(token).map_err(|_| Error::SignInRequired)?;
    Ok((principal, Some(expiry)))
}
