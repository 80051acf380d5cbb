//! Every RPC of the contracts is under the policies: none is undeclared, and none answers whom it should not.

use http_body_util::BodyExt;
use tonic::{Code, Status, codegen::http};
use zhijian_proto::identity::v1::Role;
use zhijian_tests::{COMMISSION, House, create_account};

/// What anybody may call; everything else wants a token. Read against `policies/anyone.cedar`.
const PUBLIC: [&str; 23] = [
    "region.read",
    "organisation.read",
    "programme.read",
    "cycle.read",
    "catalogue.read",
    "scheme.read",
    "release.list",
    "release.read",
    "table.read",
    "edition.read",
    "trace.read",
    "map.read",
    "bundle.read",
    "bundle.key",
    "federation.read",
    "objection.lodge",
    "objection.follow",
    "objection.answers",
    "report.list",
    "report.read",
    "session.set_up",
    "session.sign_in",
    "session.keys",
];

/// What a reviewer without assignments may call besides.
const REVIEWER: [&str; 6] =
    ["session.read", "session.renew", "round.read", "assignment.list", "relation.declare", "relation.list"];

#[test]
fn every_rpc_of_the_descriptor_set_declares_an_action() {
    let undeclared: Vec<String> = zhijian_proto::actions()
        .into_iter()
        .filter(|(_, action)| action.is_none())
        .map(|(path, _)| path)
        .collect();
    assert!(undeclared.is_empty(), "RPCs without a declared action: {undeclared:#?}");
    assert!(zhijian_proto::actions().len() > 50, "the descriptor set was not walked");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_refuses_whom_the_policies_do_not_name() -> anyhow::Result<()> {
    let house = House::start(None).await?;
    let commission = house.set_up().await?;
    create_account(&commission, "reviewer-1", Role::Reviewer, COMMISSION).await?;
    let token = sign_in(&house, "reviewer-1").await?;
    let mut faults = vec![];
    for (path, action) in zhijian_proto::actions() {
        let action = action.unwrap_or_default();
        let mut want = |holds: bool, what: String| {
            if !holds {
                faults.push(format!("{path} {what}"));
            }
        };
        let code = call(&house, &path, None).await?;
        let public = PUBLIC.contains(&action.as_str());
        // Signing in refuses the empty name, which looks the same as refusing the caller.
        let refused = !public || action == "session.sign_in";
        want(refused == (code == Code::Unauthenticated), format!("without a token answers {code:?}"));
        let code = call(&house, &path, Some(&token)).await?;
        if !public && !REVIEWER.contains(&action.as_str()) {
            // A thing that does not exist may be reported as such before its owner can be known.
            let refused = matches!(code, Code::PermissionDenied | Code::NotFound);
            want(refused, format!("answers a reviewer with {code:?}"));
        }
        want(code != Code::Internal, "fails on an empty request".to_owned());
        let code = call(&house, &path, Some("v4.public.forged")).await?;
        want(code == Code::Unauthenticated, format!("with a forged token answers {code:?}"));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    house.stop().await
}

async fn sign_in(house: &House, name: &str) -> anyhow::Result<String> {
    let request = zhijian_proto::identity::v1::SignInRequest {
        sign_in_name: name.into(),
        password: "a long enough password".into(),
    };
    Ok(house.clients.sessions().sign_in(request).await?.into_inner().token)
}

/// Sends an empty message to `path` over the network; answers the status code.
async fn call(house: &House, path: &str, token: Option<&str>) -> anyhow::Result<Code> {
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .http2_only(true)
        .build_http::<http_body_util::Full<axum::body::Bytes>>();
    let mut request = http::Request::post(format!("http://{}{path}", house.grpc))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    // One gRPC frame: not compressed, no bytes.
    let response = client.request(request.body(axum::body::Bytes::from_static(&[0; 5]).into())?).await?;
    if let Some(status) = Status::from_header_map(response.headers()) {
        return Ok(status.code());
    }
    let trailers = response.into_body().collect().await?.trailers().cloned().unwrap_or_default();
    Ok(Status::from_header_map(&trailers).map_or(Code::Unknown, |status| status.code()))
}
