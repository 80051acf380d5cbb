//! The rule lab: drafts of rules replayed over what was handed in.

use sea_orm::ConnectionTrait;
use tonic::{Code, Status};
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{firing::Change, replay::Revisions, replay_rule::Standing, *},
};

use crate::harness::*;

/// One rule is new, one lighter than in force, one falls away.
const DRAFT: &str = r#"
extends = 2025
remove = ["V03-SC03"]

[[rule]]
code = "V90-PLACED"
report_kinds = ["higher", "secondary"]
severity = "error"
expression = "SC02 >= 0.96 * SC01"
message = { zh = "落实率低于 96%。", en = "Below 96%." }
hint = { zh = "请核对。", en = "Check it." }
stage = "values"

[[rule]]
code = "V14-BAS05"
report_kinds = ["higher", "secondary"]
severity = "info"
when = "POL06 > 0"
expression = "BAS05 / POL06 >= 0.7"
message = { zh = "“双师”不到七成。", en = "Fewer than seven in ten." }
hint = { zh = "请核对。", en = "Check it." }
stage = "values"
"#;

fn request(rules_toml: &str) -> StartReplayRequest {
    StartReplayRequest {
        request_id: id(),
        name: "2026 年规则草案".into(),
        catalogue_year: 2025,
        cycle_years: vec![2025],
        revisions: Revisions::Unspecified.into(),
        rules_toml: rules_toml.into(),
    }
}

async fn start(world: &World, request: StartReplayRequest) -> Result<Replay, Status> {
    let answer = world.commission().lab().start_replay(request).await?;
    Ok(answer.into_inner().replay.expect("a replay"))
}

async fn get(world: &World, replay_id: &str) -> Replay {
    let request = GetReplayRequest { replay_id: replay_id.into() };
    world.commission().lab().get_replay(request).await.expect("read").into_inner().replay.expect("a replay")
}

/// Waits for a replay to end.
async fn ended(world: &World, replay_id: &str) -> Replay {
    let look = async || {
        let replay = get(world, replay_id).await;
        match replay.operation.as_ref().map(|operation| operation.state()) {
            Some(operation::State::Succeeded) => Some(replay),
            Some(operation::State::Failed) => panic!("{:?}", replay.operation),
            _ => None,
        }
    };
    world.test.until("the end of the replay", look).await
}

/// Starts what does the long work of this world.
fn work(world: &World) -> tokio::task::JoinHandle<()> {
    let operations = world.test.ctx.operations.clone();
    tokio::spawn(operations.work_until(world.test.ctx.shutdown.clone()))
}

async fn rules(world: &World, replay_id: &str) -> Vec<ReplayRule> {
    let request =
        ListReplayRulesRequest { replay_id: replay_id.into(), page_size: 1000, ..Default::default() };
    world.commission().lab().list_replay_rules(request).await.expect("read").into_inner().rules
}

async fn firings(world: &World, request: ListFiringsRequest) -> Vec<Firing> {
    let mut all = vec![];
    let mut page_token = String::new();
    loop {
        let request = ListFiringsRequest { page_size: 3, page_token, ..request.clone() };
        let page = world.commission().lab().list_firings(request).await.expect("read").into_inner();
        all.extend(page.firings);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn of(replay_id: &str, rule_code: &str) -> ListFiringsRequest {
    ListFiringsRequest {
        replay_id: replay_id.into(),
        rule_code: rule_code.into(),
        ..ListFiringsRequest::default()
    }
}

#[tokio::test]
async fn a_draft_shows_before_it_bites_how_often_it_fires_and_for_whom() {
    each(|world| async move {
        world.collecting(2025, None).await;
        // 950 of 1000 graduates: in order by the rules in force, and not by the draft.
        let college = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&college).await;
        // A warning by both: more teachers of specialised courses than teachers.
        world.put(&college, &[("BAS04", "120")]).await;
        world.hand_in(&college).await;
        world.accept(&college).await.expect("accepted");
        let school = world.submitted(2025, "secondary", SCHOOL, "").await;
        let draft = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        world.put(&draft, &[("SC01", "1000"), ("SC02", "1")]).await;
        let asked = request(DRAFT);
        let started = start(&world, asked.clone()).await.expect("started");
        assert_eq!(start(&world, asked).await.expect("the same").replay_id, started.replay_id);
        let early = ListReplayRulesRequest { replay_id: started.replay_id.clone(), ..Default::default() };
        let early = world.commission().lab().list_replay_rules(early).await.expect_err("not yet");
        assert_eq!(early.code(), Code::FailedPrecondition);

        let worker = work(&world);
        let replay = ended(&world, &started.replay_id).await;
        assert_eq!((replay.reports, replay.revisions_replayed, replay.reports_left_out), (2, 2, 0));
        assert_eq!(replay.rules_toml, DRAFT);
        assert!(replay.end_time.is_some() && !replay.author.is_empty());
        let operation = replay.operation.clone().expect("an operation");
        assert_eq!((operation.done, operation.total), (2, 2));

        let rules = rules(&world, &replay.replay_id).await;
        let rule = |code: &str| rules.iter().find(|rule| rule.rule_code == code).cloned().expect(code);
        let new = rule("V90-PLACED");
        assert_eq!((new.standing(), new.severity()), (Standing::New, Severity::Error));
        assert_eq!((new.reports, new.reports_fired, new.reports_fired_in_force), (2, 2, 0));
        assert_eq!((new.fires, new.newly_fires, new.unchanged, new.no_longer_fires), (2, 2, 0, 0));
        assert_eq!(new.organisations_fired, 2);
        let tighter = rule("V14-BAS05");
        assert_eq!(
            (tighter.standing(), tighter.newly_fires),
            (Standing::Changed, 2),
            "60 of 100 is below 0.7"
        );
        assert!(tighter.expression.contains("0.7"), "{tighter:?}");
        assert_eq!(rule("V10").standing(), Standing::Carried);
        assert_eq!((rule("V17-RATIO-H").reports, rule("V17-RATIO-S").reports), (1, 1));
        let removed = rules.last().expect("rules");
        assert_eq!((removed.rule_code.as_str(), removed.standing()), ("V03-SC03", Standing::Removed));
        assert_eq!(removed.severity_in_force(), Severity::Error);
        let sum = |part: fn(&ReplayRule) -> i64| rules.iter().map(part).sum::<i64>();
        assert_eq!(sum(|rule| rule.fires), replay.fires);
        assert_eq!(sum(|rule| rule.newly_fires), replay.newly_fires);
        assert_eq!(sum(|rule| rule.unchanged), replay.unchanged);
        assert_eq!(replay.unchanged, 1, "{replay:?}");
        let same = rule("V03-BAS04");
        assert_eq!((same.unchanged, same.reports_fired, same.reports_fired_in_force), (1, 1, 1));

        let whom = firings(&world, of(&replay.replay_id, "V90-PLACED")).await;
        let codes: Vec<&str> = whom.iter().map(|one| one.organisation_code.as_str()).collect();
        assert_eq!(codes, [SCHOOL, COLLEGE], "a draft that was never handed in is not replayed");
        assert!(
            whom.iter()
                .all(|one| one.computation == "950 < 0.96 × 1000 = 960" && one.change() == Change::New)
        );
        assert_eq!(whom[0].submission_id, school.submission_id);
        assert_eq!(whom[0].indicator_codes, ["SC01", "SC02"]);
        let same = ListFiringsRequest { change: Change::Same.into(), ..of(&replay.replay_id, "") };
        assert_eq!(firings(&world, same).await.len() as i64, replay.unchanged);

        let request = ListReplayOrganisationsRequest {
            replay_id: replay.replay_id.clone(),
            page_size: 1,
            ..Default::default()
        };
        let mut lab = world.commission().lab();
        let page = lab.list_replay_organisations(request.clone()).await.expect("read").into_inner();
        assert_eq!(page.organisations[0].organisation_code, SCHOOL);
        let next = ListReplayOrganisationsRequest { page_token: page.next_page_token, ..request };
        let next = lab.list_replay_organisations(next).await.expect("read").into_inner();
        let college = &next.organisations[0];
        assert_eq!(college.organisation_code, COLLEGE);
        assert_eq!((college.errors, college.errors_in_force, college.newly_fires), (1, 0, 2), "{college:?}");
        assert_eq!(next.next_page_token, "");
        worker.abort();
    })
    .await;
}

#[tokio::test]
async fn every_revision_can_be_replayed_and_what_no_longer_fires_is_told() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let report = world.submitted(2025, "higher", COLLEGE, "").await;
        world.send_back(&report, "请核对教师数").await.expect("returned");
        // As many teachers of specialised courses as there are teachers, and some: a warning in force.
        world.put(&report, &[("BAS04", "120")]).await;
        world.hand_in(&report).await;
        let worker = work(&world);
        let draft = "extends = 2025\nremove = [\"V03-BAS04\"]";
        let all = StartReplayRequest { revisions: Revisions::All.into(), ..request(draft) };
        let all = start(&world, all).await.expect("started");
        let all = ended(&world, &all.replay_id).await;
        assert_eq!((all.reports, all.revisions_replayed, all.no_longer_fires), (1, 2, 1));
        let gone = firings(&world, of(&all.replay_id, "V03-BAS04")).await;
        assert_eq!((gone.len(), gone[0].change(), gone[0].revision_number), (1, Change::Gone, 2));
        assert_eq!(gone[0].severity(), Severity::Unspecified);
        assert_eq!(gone[0].severity_in_force(), Severity::Warning);
        let latest = start(&world, request(draft)).await.expect("started");
        let latest = ended(&world, &latest.replay_id).await;
        assert_eq!(latest.revisions_replayed, 1);
        let mut lab = world.commission().lab();
        let listed = ListReplaysRequest { page_size: 1, ..Default::default() };
        let listed = lab.list_replays(listed).await.expect("read").into_inner();
        assert_eq!(listed.replays[0].replay_id, latest.replay_id, "newest first");
        assert_eq!(listed.replays[0].rules_toml, "", "drafts stay out of lists");
        let rest = ListReplaysRequest { page_size: 1, page_token: listed.next_page_token };
        let rest = lab.list_replays(rest).await.expect("read").into_inner();
        assert_eq!(rest.replays[0].replay_id, all.replay_id);
        worker.abort();
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_cannot_be_used_is_answered_with_line_and_key_and_leaves_nothing() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let refused = |draft: String| {
            let world = world.clone();
            async move {
                let status = start(&world, request(&draft)).await.expect_err("at fault");
                let violations = violations(&status);
                assert_eq!((violations.len(), violations[0].0.as_str()), (1, "rules_toml"), "{violations:?}");
                violations[0].1.clone()
            }
        };
        let syntax = refused(DRAFT.replace("code = \"V90-PLACED\"", "code = V90")).await;
        assert!(syntax.contains("第 6 行"), "{syntax}");
        let unknown = refused(DRAFT.replace("SC02 >= 0.96", "NOPE >= 0.96")).await;
        assert!(unknown.contains("第 9 行") && unknown.contains("rule V90-PLACED.expression"), "{unknown}");
        assert!(unknown.contains("NOPE"), "{unknown}");
        let removed = refused(DRAFT.replace("V03-SC03", "V99")).await;
        assert!(removed.contains("第 3 行") && removed.contains("V99"), "{removed}");
        let deep = format!("\"{}SC02{} > 0\"", "(".repeat(400), ")".repeat(400));
        let deep = refused(DRAFT.replace("\"SC02 >= 0.96 * SC01\"", &deep)).await;
        assert!(deep.contains("第 9 行"), "{deep}");
        refused("x".repeat(400_001)).await;
        refused(" ".into()).await;

        let wrong = StartReplayRequest { name: " ".into(), cycle_years: vec![2019], ..request(DRAFT) };
        let wrong = violations(&start(&world, wrong).await.expect_err("at fault"));
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["name", "cycle_years"]);
        let mut lab = world.commission().lab();
        let listed = lab.list_replays(ListReplaysRequest::default()).await.expect("read").into_inner();
        assert!(listed.replays.is_empty(), "nothing is kept of what was refused");
    })
    .await;
}

#[tokio::test]
async fn the_lab_is_the_commissions_and_gives_out_the_rules_in_force() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let mut school = world.school(COLLEGE).lab();
        let refused = school.start_replay(request(DRAFT)).await.expect_err("not a school's");
        assert_eq!(refused.code(), Code::PermissionDenied);
        let refused = school.list_replays(ListReplaysRequest::default()).await.expect_err("not a school's");
        assert_eq!(refused.code(), Code::PermissionDenied);
        let mut lab = world.commission().lab();
        let file = GetRulesFileRequest { catalogue_year: 2025 };
        let file = lab.get_rules_file(file).await.expect("read").into_inner().rules_toml;
        let started = start(&world, request(&file)).await.expect("the file in force is a draft");
        let worker = work(&world);
        let replay = ended(&world, &started.replay_id).await;
        assert_eq!((replay.reports, replay.fires, replay.no_longer_fires), (0, 0, 0));
        let rules = rules(&world, &replay.replay_id).await;
        assert!(rules.len() > 20 && rules.iter().all(|rule| rule.standing() == Standing::Carried));
        let missing = GetRulesFileRequest { catalogue_year: 1999 };
        assert_eq!(lab.get_rules_file(missing).await.expect_err("none").code(), Code::NotFound);
        let missing = GetReplayRequest { replay_id: "lab_0\0".into() };
        assert_eq!(lab.get_replay(missing).await.expect_err("none").code(), Code::NotFound);
        worker.abort();
    })
    .await;
}

#[tokio::test]
async fn a_replay_that_a_crash_interrupted_is_taken_up_and_counts_nothing_twice() {
    each(|world| async move {
        world.collecting(2025, None).await;
        world.submitted(2025, "higher", COLLEGE, "").await;
        world.submitted(2025, "secondary", SCHOOL, "").await;
        let worker = work(&world);
        let started = start(&world, request(DRAFT)).await.expect("started");
        let whole = ended(&world, &started.replay_id).await;
        let before = firings(&world, of(&whole.replay_id, "")).await;
        // What a process leaves behind that was killed after the last page was written and before the sums were.
        let left_behind = [
            "DELETE FROM submission_lab_rule",
            "UPDATE submission_lab_replay SET end_time = NULL",
            "UPDATE platform_operation SET state = 'running', done = 0, lease_until = '2020-01-01T00:00:00+00:00' \
             WHERE kind = 'submission.lab'",
        ];
        let crash = world.test.ctx.db.mutate_as_system("test", "test", move |tx| {
            tx.unchanged();
            Box::pin(async move {
                for sql in left_behind {
                    tx.conn().execute_unprepared(sql).await?;
                }
                Ok(())
            })
        });
        crash.await.expect("written");
        world.test.ctx.operations.wake();
        let again = ended(&world, &whole.replay_id).await;
        assert_eq!((again.reports, again.fires, again.unchanged), (whole.reports, whole.fires, whole.unchanged));
        assert_eq!(firings(&world, of(&whole.replay_id, "")).await, before);
        assert_eq!(rules(&world, &whole.replay_id).await.len(), 1 + catalogue_rules(&world).await);
        worker.abort();
    })
    .await;
}

async fn catalogue_rules(world: &World) -> usize {
    world.catalogue(2025).await.rules.len()
}
