//! A language model suggests points: beside the human's, after them, and harmless whatever it does.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use serde_json::{Value, json};
use tonic::Code;
use zhijian_platform::{Assistant, testing::contexts};
use zhijian_proto::review::v1::*;

use crate::{reports::accept_report, world::*};

/// How the stand-in behaves.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Mood {
    Well,
    Silent,
    Refusing,
    Failing,
    Nonsense,
    Empty,
    WrongNumbers,
    Endless,
}

/// A local server that stands in for a language model.
#[derive(Clone)]
struct StandIn {
    mood: Arc<Mutex<Mood>>,
    /// What was sent: the bearer token and the body.
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl StandIn {
    async fn start() -> (Self, String) {
        let own = Self { mood: Arc::new(Mutex::new(Mood::Well)), heard: Arc::default() };
        let app = Router::new().route("/v1/chat/completions", post(Self::answer)).with_state(own.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/v1", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (own, address)
    }

    async fn answer(State(own): State<Self>, headers: HeaderMap, body: String) -> axum::response::Response {
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        own.heard.lock().expect("sound").push((token.to_owned(), body));
        let said = |content: &str| {
            Json(json!({"choices": [{"message": {"role": "assistant", "content": content}}]})).into_response()
        };
        let mood = *own.mood.lock().expect("sound");
        match mood {
            Mood::Well => said(
                &json!({"scores": [
                    {"mark": "faculty", "points": 78.5, "reason": "双师型教师占比过半"},
                    {"mark": "practice", "points": 90, "reason": "实训基地齐全"},
                ]})
                .to_string(),
            ),
            Mood::Silent => std::future::pending().await,
            Mood::Refusing => {
                let message = json!({"role": "assistant", "content": null, "refusal": "I cannot."});
                Json(json!({"choices": [{"message": message}]})).into_response()
            }
            Mood::Failing => (axum::http::StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
            Mood::Nonsense => said("我觉得都挺好的，给 100 分！"),
            Mood::Empty => "<html>".into_response(),
            Mood::WrongNumbers => said(r#"{"scores":[{"mark":"faculty","points":1000}]}"#),
            Mood::Endless => said(&"长".repeat(1 << 20)),
        }
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().expect("sound") = mood;
    }

    fn heard(&self) -> Vec<(String, String)> {
        self.heard.lock().expect("sound").clone()
    }
}

const SECRETS: [&str; 5] =
    ["王建国", "13812345678", "wang@example.edu.cn", "110101199003071234", "6222021234567890123"];

fn spoken(section: &str) -> String {
    match section {
        "development" => format!(
            "全区专任教师 4993 人，双师型教师与行业导师结构合理，联系人：{}，电话 {}，邮箱 {}，身份证 {}，账号 {}。\n\n\
             各校建成校内实训基地 42 个，岗位实习全部落实，实践学时充足。",
            SECRETS[0], SECRETS[1], SECRETS[2], SECRETS[3], SECRETS[4],
        ),
        _ => "本节为演示文字，介绍本区基本的情况，各项事业平稳。".to_owned(),
    }
}

async fn suggestions(world: &World, one: &Assignment) -> Vec<Suggestion> {
    let request = GetAssistanceRequest { assignment_id: one.assignment_id.clone() };
    let work = world.as_reviewer(&one.reviewer_account_id);
    ok(work.assistance().get_assistance(request).await).suggestions
}

/// The suggestions for a sheet, once the model was asked.
async fn settled(world: &World, one: &Assignment) -> Vec<Suggestion> {
    let waits = |one: &Suggestion| one.absent.as_ref().is_some_and(|why| why.zh.contains("正在"));
    let settled = async || {
        let found = suggestions(world, one).await;
        (!found.is_empty() && !found.iter().any(waits)).then_some(found)
    };
    world.test.until("what the model says", settled).await
}

fn of<'a>(found: &'a [Suggestion], mark: &str) -> &'a Suggestion {
    found.iter().find(|one| one.mark_code == mark).expect("every mark has one")
}

async fn in_each_assisted_world<F: AsyncFn(World, StandIn)>(test: F) {
    for context in contexts().await {
        let (model, address) = StandIn::start().await;
        let assistant = Assistant {
            address,
            model: "stand-in".into(),
            key: Some("k-demo".into()),
            timeout: Duration::from_millis(500),
        };
        test(World::with_assistant(context, 1, 3, Some(assistant)).await, model).await;
    }
}

#[tokio::test]
async fn a_suggestion_follows_the_humans_points_and_its_agreement_is_told() {
    in_each_assisted_world(async |world, model| {
        world.programmes(DISTRICT, &["710201"], "").await;
        world.reviewers(3).await;
        accept_report(&world, spoken).await;
        let round = world.open_round().await;
        let seats = world.assignments(&round.round_id).await;
        assert!(suggestions(&world, &seats[0]).await.is_empty() && model.heard().is_empty(), "nobody is led");

        let handed_in = world.submit(&seats[0], "75").await;
        let found = settled(&world, &seats[0]).await;
        assert_eq!(found.len(), 10, "every element: {found:?}");
        let faculty = of(&found, "faculty");
        assert_eq!((faculty.points.as_str(), faculty.human_points.as_str()), ("78.5", "75"));
        assert_eq!((faculty.reason.as_str(), faculty.model.as_str()), ("双师型教师占比过半", "stand-in"));
        let absent = of(&found, "textbook");
        assert!(absent.points.is_empty() && absent.absent.is_some());
        let get = GetAssignmentRequest { assignment_id: seats[0].assignment_id.clone() };
        let work = world.as_reviewer(&seats[0].reviewer_account_id);
        let now = ok(work.assignments().get_assignment(get).await).assignment.expect("there");
        assert_eq!(now, handed_in, "a suggestion changes no score");

        // What left the house.
        let heard = model.heard();
        let [(token, body)] = heard.as_slice() else { panic!("asked {} times", heard.len()) };
        assert_eq!(token, "Bearer k-demo");
        for secret in SECRETS {
            assert!(!body.contains(secret), "{secret} left in {body}");
        }
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["model"], "stand-in");
        let question = body["messages"][1]["content"].as_str().expect("a question");
        assert!(
            question.contains("【faculty】师资队伍") && question.contains("双师型教师与行业导师"),
            "{question}"
        );
        assert!(question.contains("〔姓名〕") && question.contains("〔电话〕"), "{question}");

        // The rest of the panel: what is known of the programme is not asked again.
        world.submit(&seats[1], "80").await;
        assert_eq!(of(&settled(&world, &seats[1]).await, "faculty").points, "78.5");
        assert_eq!(model.heard().len(), 1);
        let other = world.as_reviewer(&seats[2].reviewer_account_id);
        let get = GetAssistanceRequest { assignment_id: seats[0].assignment_id.clone() };
        refused(other.assistance().get_assistance(get).await, Code::NotFound);
        assert!(suggestions(&world, &seats[2]).await.is_empty(), "not before one's own sheet is in");

        let request = || GetSuggestionAgreementRequest { round_id: round.round_id.clone() };
        let told = ok(world.chair.assistance().get_suggestion_agreement(request()).await);
        assert_eq!((told.asked, told.models.clone()), (20, vec!["stand-in".to_owned()]));
        let faculty = told.marks.iter().find(|one| one.mark_code == "faculty").expect("compared");
        // 3.5 above the one, 1.5 below the other.
        assert_eq!((faculty.pairs, faculty.within), (2, 2));
        assert_eq!((faculty.mean_difference.as_str(), faculty.mean_distance.as_str()), ("1", "2.5"));
        let whole = told.whole.expect("four pairs");
        // Of practice, 15 and 10 above.
        assert_eq!((whole.pairs, whole.within, whole.mean_difference.as_str()), (4, 2, "6.75"));
        assert_eq!(told.absent.iter().map(|one| one.count).sum::<i32>(), 16);
        for caller in [world.as_reviewer(&seats[0].reviewer_account_id), world.as_school(DISTRICT)] {
            refused(caller.assistance().get_suggestion_agreement(request()).await, Code::PermissionDenied);
        }

        world.submit(&seats[2], "75").await;
        ok(world.try_finalise(&round.round_id).await);
        let entries = world.entries(&world.chair, &round.round_id).await;
        assert_eq!(entries[0].result.as_ref().expect("graded").total, "75", "the panel's median alone");
    })
    .await;
}

#[tokio::test]
async fn whatever_the_model_does_scores_come_in_and_points_are_absent_with_a_reason() {
    in_each_assisted_world(async |world, model| {
        let codes = ["710201", "710202", "710203", "710204", "710205", "710206", "710207", "710208"];
        world.programmes(DISTRICT, &codes, "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let mut seats = world.assignments(&round.round_id).await;
        // One seat an entry, so that nothing is known beforehand.
        seats.dedup_by_key(|one| one.entry.as_ref().expect("an entry").entry_id.clone());
        let unread = seats.pop().expect("eight");
        world.submit(&unread, "75").await;
        let found = settled(&world, &unread).await;
        assert!(
            found.iter().all(|one| one.absent.as_ref().is_some_and(|why| why.zh.contains("没有可供阅读")))
        );
        assert!(model.heard().is_empty(), "nothing to read, nothing asked");

        accept_report(&world, spoken).await;
        let moods = [
            (Mood::Silent, "规定时间"),
            (Mood::Refusing, "拒绝"),
            (Mood::Failing, "拒绝"),
            (Mood::Nonsense, "不合格式"),
            (Mood::Empty, "不合格式"),
            (Mood::WrongNumbers, "0–100"),
            (Mood::Endless, "过长"),
        ];
        for (seat, (mood, why)) in seats.iter().zip(moods) {
            model.set(mood);
            let handed_in = world.submit(seat, "75").await;
            assert_eq!(handed_in.state(), assignment::State::Submitted, "{mood:?}");
            let found = settled(&world, seat).await;
            let faculty = of(&found, "faculty");
            assert!(faculty.points.is_empty() && faculty.reason.is_empty(), "{mood:?}: {faculty:?}");
            let told = faculty.absent.as_ref().expect("a reason");
            assert!(told.zh.contains(why) && !told.en.is_empty(), "{mood:?}: {told:?}");
        }
        assert_eq!(model.heard().len(), moods.len());
        let request = GetSuggestionAgreementRequest { round_id: round.round_id.clone() };
        let told = ok(world.chair.assistance().get_suggestion_agreement(request).await);
        assert!(told.whole.is_none() && told.marks.is_empty());
        assert_eq!(told.asked, 80);
        assert_eq!(told.absent.iter().map(|one| one.count).sum::<i32>(), 80);
    })
    .await;
}
