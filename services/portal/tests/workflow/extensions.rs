//! More time: asked for by the school or on its behalf, and decided by the commission.

use http::StatusCode;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    submission::v1::*,
};

use crate::{
    Calls, LATER, at,
    common::{
        Browser, Fake,
        world::{SCHOOL, at_the_front, people, text},
    },
    recorded, taken,
};

fn extensions(listed: Vec<Extension>) -> Fake {
    at_the_front(people())
        .on("submission.v1.CycleService/ListCycles", |_: Request<ListCyclesRequest>| {
            Ok(ListCyclesResponse::default())
        })
        .on("submission.v1.CycleService/GetCycle", |_: Request<GetCycleRequest>| {
            let cycle = Cycle {
                year: 2026,
                state: cycle::State::Collecting.into(),
                due_time: at(LATER - 86_400),
                ..Cycle::default()
            };
            Ok(GetCycleResponse { cycle: Some(cycle) })
        })
        .on(
            "identity.v1.OrganisationService/ListOrganisations",
            |request: Request<ListOrganisationsRequest>| {
                let asked = request.into_inner();
                let school = |code: &str, zh: &str| Organisation {
                    code: code.into(),
                    name: text(zh, zh),
                    ..Organisation::default()
                };
                let mut organisations =
                    vec![school(SCHOOL, "演示松石学院"), school("4111000002", "演示青竹学院")];
                organisations.retain(|one| {
                    let name = &one.name.as_ref().expect("named").zh;
                    asked.codes.contains(&one.code)
                        || (!asked.query.is_empty()
                            && (one.code.contains(&asked.query) || name.contains(&asked.query)))
                });
                Ok(ListOrganisationsResponse { organisations, next_page_token: String::new() })
            },
        )
        .on("submission.v1.ExtensionService/ListExtensions", move |_: Request<ListExtensionsRequest>| {
            Ok(ListExtensionsResponse { extensions: listed.clone(), next_page_token: String::new() })
        })
}

#[tokio::test]
async fn a_school_asks_for_more_time_with_a_reason_and_a_date() {
    let (fake, calls) = recorded::<RequestExtensionRequest, RequestExtensionResponse>(
        extensions(vec![]),
        "submission.v1.ExtensionService/RequestExtension",
    );
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [
        ("concerns", SCHOOL),
        ("cycle_year", "2026"),
        ("organisation_code", SCHOOL),
        ("reason", "系统迁移"),
        ("wanted_time", "下周"),
    ];
    let page = browser.post("/extensions", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("系统迁移</textarea>") && page.body.contains("value=\"下周\""),
        "{}",
        page.body
    );
    let fields = [fields[1], fields[2], fields[3], ("wanted_time", "2030-04-04T10:00")];
    let sent = browser.post("/extensions", &fields).await;
    assert_eq!(sent.location(), "/extensions?year=2026&done=asked");
    let call = taken(&calls);
    assert_eq!((call.cycle_year, call.wanted_time, call.reason.as_str()), (2026, at(LATER), "系统迁移"));
}

#[tokio::test]
async fn the_commission_grants_the_date_or_another() {
    let asked = Extension {
        extension_id: "ext_1".into(),
        cycle_year: 2026,
        organisation_code: SCHOOL.into(),
        reason: "系统迁移".into(),
        wanted_time: at(LATER),
        state: extension::State::Requested.into(),
        etag: "x1".into(),
        ..Extension::default()
    };
    let (fake, calls) = recorded::<GrantExtensionRequest, GrantExtensionResponse>(
        extensions(vec![asked]),
        "submission.v1.ExtensionService/GrantExtension",
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/extensions?year=2026").await;
    assert_eq!(page.input("granted_time").as_deref(), Some("2030-04-04T10:00"), "the date asked for");
    assert!(page.body.contains("系统迁移") && page.body.contains("2030年4月4日 10:00"), "{}", page.body);
    let fields =
        [("concerns", "ext_1"), ("cycle_year", "2026"), ("etag", "x1"), ("granted_time", "2030-04-04T10:00")];
    let sent = browser.post("/extensions/ext_1/grant", &fields).await;
    assert_eq!(sent.location(), "/extensions?year=2026&done=granted");
    assert_eq!(taken(&calls).granted_time, at(LATER));
}

/// The form that the commission fills in for a school.
const FOR_THE_SCHOOL: [(&str, &str); 6] = [
    ("request_id", "0190f3d2-0000-7000-8000-000000000001"),
    ("concerns", "behalf"),
    ("cycle_year", "2026"),
    ("organisation_code", SCHOOL),
    ("reason", "校长 3 月 30 日来电：停电"),
    ("wanted_time", "2030-04-04T10:00"),
];

#[tokio::test]
async fn the_commission_gives_a_school_more_time_that_did_not_ask_in_the_pages() {
    let asked: Calls<RequestExtensionRequest> = Calls::default();
    let record = asked.clone();
    let fake = extensions(vec![]).on(
        "submission.v1.ExtensionService/RequestExtension",
        move |request: Request<RequestExtensionRequest>| {
            let input = request.into_inner();
            record.lock().expect("no panic").push(input.clone());
            let extension = Extension {
                extension_id: "ext_7".into(),
                etag: "x1".into(),
                wanted_time: input.wanted_time,
                ..Extension::default()
            };
            Ok(RequestExtensionResponse { extension: Some(extension) })
        },
    );
    let (fake, granted) = recorded::<GrantExtensionRequest, GrantExtensionResponse>(
        fake,
        "submission.v1.ExtensionService/GrantExtension",
    );
    let browser = Browser::new(fake.serve().await, "commission");

    // Several schools match a part of a name; one is chosen by its code.
    let page = browser.get("/extensions?year=2026&school=%E6%BC%94%E7%A4%BA").await;
    assert!(page.body.contains("是哪一所？"), "{}", page.body);
    let choice = format!("/extensions?year=2026&amp;school={SCHOOL}#behalf");
    assert!(page.body.contains(&choice), "{}", page.body);
    assert!(page.input("wanted_time").is_none(), "not before it is clear for whom");
    let page = browser.get(&format!("/extensions?year=2026&school={SCHOOL}")).await;
    assert_eq!(page.input("organisation_code").as_deref(), Some(SCHOOL));
    assert!(browser.get("/extensions?year=2026&school=999").await.body.contains("没有找到这样的学校"));

    let mut without_date = FOR_THE_SCHOOL;
    without_date[5].1 = "下周";
    let page = browser.post("/extensions/given", &without_date).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("停电</textarea>") && page.body.contains("请写日期和时间"), "{}", page.body);

    // A repeated post repeats both calls, each under its own request id.
    for _ in 0..2 {
        let sent = browser.post("/extensions/given", &FOR_THE_SCHOOL).await;
        assert_eq!(sent.location(), "/extensions?year=2026&done=granted");
    }
    let (first, again) = (taken(&asked), taken(&asked));
    assert_eq!((first.organisation_code.as_str(), first.wanted_time), (SCHOOL, at(LATER)));
    assert_eq!(first, again);
    let (first, again) = (taken(&granted), taken(&granted));
    assert_eq!((first.extension_id.as_str(), first.etag.as_str()), ("ext_7", "x1"));
    assert_eq!(first.granted_time, at(LATER));
    assert_ne!(first.request_id, FOR_THE_SCHOOL[0].1);
    assert_eq!(first, again);
}

#[tokio::test]
async fn what_is_asked_on_a_schools_behalf_may_also_wait() {
    let (fake, asked) = recorded::<RequestExtensionRequest, RequestExtensionResponse>(
        extensions(vec![]),
        "submission.v1.ExtensionService/RequestExtension",
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let sent = browser.post("/extensions", &FOR_THE_SCHOOL).await;
    assert_eq!(sent.location(), "/extensions?year=2026&done=asked");
    assert_eq!(taken(&asked).reason, "校长 3 月 30 日来电：停电");
    assert!(browser.get(sent.location()).await.body.contains("等您决定"));

    // A school whose request waits is decided upon, not asked for twice.
    let waiting = Extension {
        extension_id: "ext_1".into(),
        organisation_code: SCHOOL.into(),
        state: extension::State::Requested.into(),
        ..Extension::default()
    };
    let browser = Browser::new(extensions(vec![waiting]).serve().await, "commission");
    let page = browser.get(&format!("/extensions?year=2026&school={SCHOOL}")).await;
    assert!(page.body.contains("已有一项申请在等您决定"), "{}", page.body);
    assert!(page.input("wanted_time").is_none());
}

#[tokio::test]
async fn a_refusal_on_a_schools_behalf_keeps_what_was_typed_and_for_whom() {
    let fake = extensions(vec![]).on(
        "submission.v1.ExtensionService/RequestExtension",
        |_: Request<RequestExtensionRequest>| {
            let mut details = ErrorDetails::new();
            details.add_bad_request_violation("wanted_time", "要晚于现在的截止时间。");
            Err::<RequestExtensionResponse, _>(Status::with_error_details(
                Code::InvalidArgument,
                "no",
                details,
            ))
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.post("/extensions/given", &FOR_THE_SCHOOL).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("要晚于现在的截止时间") && page.body.contains("停电</textarea>"));
    assert_eq!(page.input("organisation_code").as_deref(), Some(SCHOOL));
}

#[tokio::test]
async fn a_school_acts_for_no_other() {
    let browser = Browser::new(extensions(vec![]).serve().await, "school");
    let page = browser.get("/extensions?year=2026&school=4111000002").await;
    assert!(!page.body.contains("代学校办理") && !page.body.contains("4111000002"), "{}", page.body);
}
