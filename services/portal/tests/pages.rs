//! The pages as a browser meets them, on services that answer what each test decides.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser,
    world::{number, people, refusal, released, reporting},
};
use http::{StatusCode, header};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    identity::v1::{SignInRequest, SignInResponse},
    submission::v1::{Cell, Conversion, SaveCellsRequest, SaveCellsResponse},
};

#[tokio::test]
async fn the_front_page_reads_in_both_languages_without_signing_in() {
    let browser = Browser::new(released().serve().await, "");
    let zh = browser.get("/").await;
    assert_eq!(zh.status, StatusCode::OK);
    assert!(zh.body.contains("<html lang=\"zh-CN\">") && zh.body.contains("北京市"), "{}", zh.body);
    assert!(zh.body.contains("B 类最多：68 个，占 37.4%"), "{}", zh.body);
    let en = browser.get("/?lang=en").await;
    assert!(en.body.contains("<html lang=\"en\">") && en.body.contains("Beijing"), "{}", en.body);
    let cookie = en.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.starts_with("zhijian_lang=en;"), "{cookie}");
}

#[tokio::test]
async fn a_published_release_bears_one_seal_and_the_mark_of_demonstration() {
    let browser = Browser::new(released().serve().await, "");
    let page = browser.get("/releases/2025").await;
    assert_eq!(page.body.matches("class=\"seal\"").count(), 1);
    assert!(page.body.contains("class=\"demo\""));
    assert!(page.body.contains("/releases/2025/editions/integrated/pdf"), "{}", page.body);
    assert!(page.body.contains("/open/v1/releases/2025/tables/2-2.csv"));
    let table = browser.get("/releases/2025/tables/2-2").await;
    assert!(table.body.contains("据 182 个专业的定级结果。"), "{}", table.body);
    assert_eq!(browser.get("/releases/2025/tables/9-9").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_allow_nothing_but_their_own_style_and_script() {
    let browser = Browser::new(released().serve().await, "");
    let page = browser.get("/").await;
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "inline style");
    assert!(!page.body.contains("onclick") && !page.body.contains("<script>"), "inline script");
    let at = page.body.find("/assets/zhijian.").expect("the style sheet");
    let href = page.body[at..].split('"').next().expect("an address");
    let asset = browser.get(href).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(asset.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn what_wants_a_sign_in_leads_there_and_back() {
    let browser = Browser::new(people().serve().await, "");
    let page = browser.get("/submissions/sub_1/cells/SC?x=1").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.location(), "/sign-in?next=%2Fsubmissions%2Fsub_1%2Fcells%2FSC%3Fx%3D1");
}

#[tokio::test]
async fn signing_in_goes_on_to_the_kept_address_but_never_to_another_site() {
    let fake = people().on("identity.v1.SessionService/SignIn", |request: tonic::Request<SignInRequest>| {
        match request.get_ref().password.as_str() {
            "right-password" => Ok(SignInResponse { token: "school".into(), ..SignInResponse::default() }),
            _ => Err(refusal(Code::Unauthenticated, "WRONG_CREDENTIALS", "用户名或密码不对。")),
        }
    });
    let browser = Browser::new(fake.serve().await, "");
    let fields = |password, next| [("sign_in_name", "school"), ("password", password), ("next", next)];
    let wrong = browser.post("/sign-in", &fields("wrong", "/desk")).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(
        wrong.body.contains("用户名或密码不对。") && wrong.body.contains("value=\"school\""),
        "{}",
        wrong.body
    );
    let right = browser.post("/sign-in", &fields("right-password", "/desk?year=2026")).await;
    assert_eq!(right.location(), "/desk?year=2026");
    let cookies: Vec<&str> =
        right.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("zhijian_session=school;")), "{cookies:?}");
    let away = browser.post("/sign-in", &fields("right-password", "//evil.example")).await;
    assert_eq!(away.location(), "/work");
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let browser = Browser::new(reporting(vec![]).serve().await, "school");
    let page = browser.post_from("cross-site", "/submissions/sub_1/cells/SC", &[("v.SC01", "1")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_post_after_the_session_has_ended_keeps_everything_that_was_typed() {
    let fake =
        reporting(vec![]).on("identity.v1.SessionService/SignIn", |_: tonic::Request<SignInRequest>| {
            Ok(SignInResponse { token: "school".into(), ..SignInResponse::default() })
        });
    let browser = Browser::new(fake.serve().await, "expired");
    let page = browser.post("/submissions/sub_1/cells/SC", &[("v.SC01", "1234"), ("request_id", "r1")]).await;
    assert!(page.body.contains("登录已过期"), "{}", page.body);
    assert_eq!(page.input("kept.v.SC01").as_deref(), Some("1234"));
    let fields = [
        ("sign_in_name", "a"),
        ("password", "b"),
        ("kept_for", "/submissions/sub_1/cells/SC"),
        ("kept.v.SC01", "1234"),
        ("kept.request_id", "r1"),
    ];
    let resumed = browser.post("/sign-in", &fields).await;
    assert!(resumed.body.contains("action=\"/submissions/sub_1/cells/SC\""), "{}", resumed.body);
    assert_eq!(resumed.input("v.SC01").as_deref(), Some("1234"));
    assert_eq!(resumed.input("request_id").as_deref(), Some("r1"));
}

fn stored() -> Vec<Cell> {
    let cell = |code: &str, value, etag: &str| Cell {
        indicator_code: code.into(),
        value,
        etag: etag.into(),
        last_value: number("4903"),
        ..Cell::default()
    };
    vec![cell("SC01", number("5000"), "v2"), cell("SC02", None, ""), cell("SC04", None, "")]
}

/// The ledger's form, filled in as the page gave it, with some fields typed over.
fn ledger(page: &common::Page, typed: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let names = [
        "request_id",
        "v.SC01",
        "r.SC01",
        "n.SC01",
        "e.SC01",
        "w.SC01",
        "v.SC02",
        "r.SC02",
        "n.SC02",
        "e.SC02",
        "w.SC02",
    ];
    let over = |name: &str| typed.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
    names.map(|name| (name, over(name).or_else(|| page.input(name)).expect(name))).into()
}

async fn save(browser: &Browser, page: &common::Page, typed: &[(&'static str, &str)]) -> common::Page {
    let fields = ledger(page, typed);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/submissions/sub_1/cells/SC", &fields).await
}

#[tokio::test]
async fn saving_a_table_sends_only_what_changed() {
    let seen: Arc<Mutex<Vec<SaveCellsRequest>>> = Arc::default();
    let record = seen.clone();
    let fake = reporting(stored()).on(
        "submission.v1.SubmissionService/SaveCells",
        move |request: tonic::Request<SaveCellsRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(SaveCellsResponse::default())
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("毕业生人数"), "{}", page.body);
    let saved = save(&browser, &page, &[("v.SC02", "4,700")]).await;
    assert_eq!(saved.location(), "/submissions/sub_1/cells/SC?done=saved");
    let request = seen.lock().expect("no panic").pop().expect("one call");
    assert_eq!(request.cells.len(), 1);
    assert_eq!(
        (request.cells[0].indicator_code.as_str(), &request.cells[0].value),
        ("SC02", &number("4700"))
    );
    assert_eq!(Some(request.request_id), page.input("request_id"));
    // Nothing typed, nothing sent.
    save(&browser, &page, &[]).await;
    assert!(seen.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn what_saving_converted_is_told_on_the_page_after() {
    let fake = reporting(stored()).on(
        "submission.v1.SubmissionService/SaveCells",
        |request: tonic::Request<SaveCellsRequest>| {
            let mut saved = request.into_inner().cells;
            assert_eq!(saved[0].value, number("0.5万人"), "the unit goes to the service as typed");
            saved[0].conversion = Some(Conversion {
                given: "0.5".into(),
                given_unit_code: "wan_person".into(),
                ..Conversion::default()
            });
            Ok(SaveCellsResponse { cells: saved, submission: None })
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    assert!(
        page.body.contains("数字后可以写单位") && page.body.contains("2025 年度已发布的年报"),
        "{}",
        page.body
    );
    let saved = save(&browser, &page, &[("v.SC01", "0.5万人")]).await;
    assert_eq!(saved.location(), "/submissions/sub_1/cells/SC?done=saved&converted=SC01~0.5~wan_person");
    let after = browser.get(saved.location()).await;
    assert!(after.body.contains("0.5 万人 = 5000 人"), "{}", after.body);
    let forged = browser.get("/submissions/sub_1/cells/SC?converted=SC01~0.7~wan_person").await;
    assert!(!forged.body.contains("万人 ="), "an address cannot tell what is not so");
}

#[tokio::test]
async fn a_derived_cell_says_what_it_waits_for() {
    let browser = Browser::new(reporting(stored()).serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    assert!(page.body.contains("还缺：") && page.body.contains("#f-v.SC02"), "{}", page.body);
    assert!(page.body.contains("还有 1 格没填"), "{}", page.body);
}

#[tokio::test]
async fn a_refused_cell_keeps_what_was_typed_beside_why() {
    let fake = reporting(stored()).on(
        "submission.v1.SubmissionService/SaveCells",
        |_: tonic::Request<SaveCellsRequest>| -> Result<SaveCellsResponse, Status> {
            let mut details = ErrorDetails::new();
            details.set_error_info("INVALID_FIELD", "zhijian", []);
            details.add_bad_request_violation("cells[0].value", "人数应为整数，不能为负数。");
            Err(Status::with_error_details(Code::InvalidArgument, "wrong", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    let refused = save(&browser, &page, &[("v.SC02", "-3"), ("n.SC02", "估计数")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.input("v.SC02").as_deref(), Some("-3"));
    assert_eq!(refused.input("n.SC02").as_deref(), Some("估计数"));
    assert!(refused.body.contains("href=\"#f-v.SC02\""), "{}", refused.body);
    assert_eq!(refused.body.matches("人数应为整数，不能为负数。").count(), 2);
    assert_ne!(refused.input("request_id"), page.input("request_id"));
}

#[tokio::test]
async fn a_conflict_shows_both_values_and_saves_the_one_that_is_left() {
    let seen: Arc<Mutex<Vec<SaveCellsRequest>>> = Arc::default();
    let record = seen.clone();
    let fake = reporting(stored()).on(
        "submission.v1.SubmissionService/SaveCells",
        move |request: tonic::Request<SaveCellsRequest>| {
            let request = request.into_inner();
            let stale = request.cells.iter().any(|cell| cell.indicator_code == "SC01" && cell.etag != "v2");
            record.lock().expect("no panic").push(request);
            if stale {
                Err(refusal(Code::Aborted, "ETAG_MISMATCH", "别人改过。"))
            } else {
                Ok(SaveCellsResponse::default())
            }
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    // The page was opened when SC01 was still 4800, in its first version.
    let opened = [("v.SC01", "4900"), ("e.SC01", "v1"), ("w.SC01", "v\t4800\t")];
    let conflict = save(&browser, &page, &opened).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert_eq!(conflict.input("v.SC01").as_deref(), Some("4900"), "mine stays in the field");
    assert!(
        conflict.body.contains("同事保存的值") && conflict.body.contains("<strong>5000</strong>"),
        "{}",
        conflict.body
    );
    let again = save(&browser, &conflict, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let last = seen.lock().expect("no panic").pop().expect("a call");
    assert_eq!((last.cells[0].etag.as_str(), &last.cells[0].value), ("v2", &number("4900")));
}

#[tokio::test]
async fn a_service_that_does_not_answer_leaves_the_form_to_be_sent_again() {
    let fake = people().on(
        "submission.v1.SubmissionService/GetSubmission",
        |_: tonic::Request<zhijian_proto::submission::v1::GetSubmissionRequest>|
            -> Result<zhijian_proto::submission::v1::GetSubmissionResponse, Status> {
            Err(Status::unavailable("gone"))
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.post("/submissions/sub_1/cells/SC", &[("v.SC01", "77"), ("request_id", "r9")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.input("v.SC01").as_deref(), Some("77"));
    assert_eq!(page.input("request_id").as_deref(), Some("r9"), "the same request, so it counts once");
    assert!(page.body.contains("action=\"/submissions/sub_1/cells/SC\""));
}

#[tokio::test]
async fn the_open_data_is_shared_tagged_and_explained() {
    let browser = Browser::new(released().serve().await, "");
    let csv = browser.get("/open/v1/releases/2025/tables/2-2.csv").await;
    assert_eq!(csv.body, "等级,数量\r\nA+,19\r\n");
    assert_eq!(csv.headers[header::ETAG], "\"c0ffee\"");
    assert_eq!(csv.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(csv.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/csv"));
    let same = browser.get_with("/open/v1/releases/2025/tables/2-2.csv", "if-none-match", "\"c0ffee\"").await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert!(same.body.is_empty());
    let json = browser.get("/open/v1/releases/2025/tables/2-2.json").await;
    let document: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(document["rows"][0]["count"]["value"], "19");
    assert_eq!(document["demonstration"], true);
    let tables = browser.get("/open/v1/releases/2025/tables").await;
    assert!(tables.body.contains("/open/v1/releases/2025/tables/2-2.csv"), "{}", tables.body);
    let missing = browser.get_with("/open/v1/releases/2031/tables/2-2.csv", "accept-language", "en").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(missing.body.contains("There is no such data"), "{}", missing.body);
    let odd = browser.get("/open/v1/releases/2025/tables/2-2.pdf").await;
    assert_eq!(odd.status, StatusCode::NOT_FOUND);
    let posted = browser.post("/open/v1/releases", &[]).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_words() {
    let browser = Browser::new(people().serve().await, "");
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("没有这个页面"), "{}", page.body);
    assert!(!page.body.contains("NOT_FOUND"));
}
