//! The demonstration, loaded for real: interrupted, resumed, and looked at through the services.

use std::{collections::BTreeSet, net::SocketAddr, path::Path};

use tokio::sync::Notify;
use zhijian::{
    cli::{Place, Upstreams},
    demo::{self, PASSWORD, Progress, Report},
    run::House,
};
use zhijian_platform::{Clients, testing::fresh_postgres};
use zhijian_proto::{
    identity::v1::{GetRegionRequest, SignInRequest},
    publication::v1::{GetEditionRequest, GetTableRequest, get_edition_request::Form},
    review::v1::{
        ListAssignmentsRequest, ListRectificationsRequest, ListRoundsRequest, assignment, rectification,
        round,
    },
    submission::v1::{
        CheckSubmissionRequest, CountSubmissionsRequest, GetCycleRequest, ListPlatformLoadsRequest,
        ListSubmissionsRequest, RuleStage, Severity, cycle, submission,
    },
};

const SET_UP_CODE: &str = "set-up-code-of-tests";

fn place(data: &Path, database_url: Option<String>) -> Place {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    Place {
        data: data.to_owned(),
        listen: anywhere,
        grpc_listen: anywhere,
        database_url,
        objects: None,
        smtp: None,
        assistant: None,
        assistant_model: None,
        assistant_key: None,
        smtp_from: None,
        rules: None,
        service_key_file: None,
        set_up_code: Some(SET_UP_CODE.into()),
        upstreams: Upstreams {
            identity_url: None,
            submission_url: None,
            review_url: None,
            publication_url: None,
        },
    }
}

/// Loads until so many of a step are done, then drops the load.
async fn load_until(clients: &Clients, step: &str, done: usize) {
    let reached = Notify::new();
    let watch = |progress: Progress| {
        if progress.step.contains(step) && progress.done >= done {
            reached.notify_one();
        }
    };
    tokio::select! {
        loaded = demo::load(clients, SET_UP_CODE, watch) => panic!("{step} was never reached: {loaded:?}"),
        () = reached.notified() => {}
    }
}

async fn sign_in(clients: &Clients, name: &str) -> Clients {
    let request = SignInRequest { sign_in_name: name.into(), password: PASSWORD.into() };
    let token = clients.sessions().sign_in(request).await.expect("signed in").into_inner().token;
    clients.with_token(&token)
}

/// A published table as records.
async fn table(clients: &Clients, number: &str) -> Vec<Vec<String>> {
    let request = GetTableRequest { year: 2025, number: number.into(), ..GetTableRequest::default() };
    let table = clients.tables().get_table(request).await.expect("published").into_inner().table;
    records(&table.expect("a table").csv)
}

/// A printed table as records.
fn printed(number: &str) -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-data/beijing-2025");
    records(&std::fs::read_to_string(folder.join(format!("t{number}.csv"))).expect("the file is there"))
}

fn records(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|row| row.expect("CSV").iter().map(str::to_owned).collect()).collect()
}

fn column(rows: &[Vec<String>], place: usize) -> Vec<String> {
    rows.iter().map(|row| row[place].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_load_goes_on_and_brings_everything() {
    let mut databases = vec![None];
    match std::env::var("ZHIJIAN_TEST_POSTGRES_URL") {
        Ok(server) => databases.push(Some(fresh_postgres(&server).await)),
        Err(_) => eprintln!("NOT RUN on PostgreSQL: set ZHIJIAN_TEST_POSTGRES_URL"),
    }
    for database in databases {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let house = House::open(&place(directory.path(), database)).await.expect("it opens");
        let (clients, shutdown) = (house.ctx.clients.clone(), house.ctx.shutdown.clone());
        let serving = tokio::spawn(house.serve());

        load_until(&clients, "accounts", 40).await;
        load_until(&clients, "reports of 2025", 60).await;
        load_until(&clients, "scores of 2025", 100).await;
        load_until(&clients, "release of 2025", 2).await;
        let report = demo::load(&clients, SET_UP_CODE, |_| {}).await.expect("the load goes on to its end");
        println!("{report}");
        look_at(&clients, &report).await;
        let again =
            demo::load(&clients, SET_UP_CODE, |_| panic!("nothing is left to do")).await.expect("looked");
        assert!(again.already_loaded);

        shutdown.cancel();
        serving.await.expect("no panic").expect("it ends well");
    }
}

async fn look_at(clients: &Clients, report: &Report) {
    assert_eq!((report.organisations, report.accounts, report.reviewers), (1 + 17 + 6 + 76 + 96, 157, 60));
    assert!(
        report.submissions > 76 + 189 + 100 && report.cells > 5_000 && report.scores > 7_000,
        "{report:?}"
    );
    assert_eq!(report.tables % 10, 3, "2025 has ten tables, 2024 its three: {report:?}");
    let region = clients.regions().get_region(GetRegionRequest {}).await.expect("read").into_inner().region;
    let region = region.expect("a region");
    assert!(region.demonstration && region.demonstration_load_time.is_some());
    assert_eq!(region.name.expect("named").zh, "演示市");

    // What was released is what was printed. The report forces some shares to add up; the counts decide.
    for number in ["2-1", "3-1", "3-2", "5-1", "6-1", "6-2"] {
        assert_eq!(table(clients, number).await, printed(number), "table {number}");
    }
    for number in ["2-2", "2-3"] {
        let (ours, theirs) = (table(clients, number).await, printed(number));
        assert_eq!((column(&ours, 0), column(&ours, 1)), (column(&theirs, 0), column(&theirs, 1)));
    }
    let (mut ours, mut theirs) = (column(&table(clients, "2-4").await, 2), column(&printed("2-4"), 2));
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    let (ours, theirs) = (table(clients, "2-5").await, printed("2-5"));
    for place in [0, 3, 4, 6] {
        assert_eq!(column(&ours, place), column(&theirs, place));
    }

    for (year, state) in
        [(2024, cycle::State::Released), (2025, cycle::State::Released), (2026, cycle::State::Collecting)]
    {
        let cycle =
            clients.cycles().get_cycle(GetCycleRequest { year }).await.expect("read").into_inner().cycle;
        assert_eq!(cycle.expect("a cycle").state(), state);
    }
    let commission = sign_in(clients, "commission").await;
    let counts = async |year| {
        let request = CountSubmissionsRequest { cycle_year: year };
        commission.submissions().count_submissions(request).await.expect("counted").into_inner().counts
    };
    for (year, expected) in [(2024, 76), (2025, 189)] {
        let counts = counts(year).await;
        assert!(counts.iter().all(|count| count.state() == submission::State::Published), "{counts:?}");
        assert_eq!(counts.iter().map(|count| count.count).sum::<i32>(), expected);
    }
    let states: BTreeSet<_> = counts(2026).await.iter().map(|count| count.state()).collect();
    assert_eq!(states.len(), 6, "{states:?}");

    look_at_editions(clients).await;
    look_at_checks(&commission).await;
    look_as_people(clients).await;
}

/// The region's editions of 2025 tell schools' cases, and the proofreader finds nothing in them.
async fn look_at_editions(clients: &Clients) {
    for (code, cases) in [("integrated", 4), ("secondary", 2), ("higher", 2)] {
        let request = GetEditionRequest {
            year: 2025,
            code: code.into(),
            form: Form::Markdown.into(),
            ..GetEditionRequest::default()
        };
        let text = clients.editions().get_edition(request).await.expect("published").into_inner().content;
        assert_eq!(text.matches("> <strong>案例").count(), cases, "{code}: {text}");
        assert_eq!(text.matches("来源：学校提供").count(), cases, "{code}");
        let findings = zhijian_proofreader::check(&text, &zhijian_proofreader::Options::default());
        let told: Vec<String> =
            findings.iter().map(|one| format!("{}: {} {}", one.line, one.rule, one.message_zh)).collect();
        assert!(told.is_empty(), "{code}: {}", told.join("\n"));
    }
}

/// Both platforms' snapshots are there, and the checks of the running year find what differs from them.
async fn look_at_checks(commission: &Clients) {
    for year in [2025, 2026] {
        let request = ListPlatformLoadsRequest { cycle_year: year };
        let loads =
            commission.platforms().list_platform_loads(request).await.expect("read").into_inner().loads;
        assert_eq!(loads.len(), 2, "{year}");
        assert!(loads.iter().all(|load| load.created > 100 && load.file_name.contains("演示")), "{loads:?}");
    }
    let request = ListSubmissionsRequest {
        page_size: 1000,
        cycle_year: 2026,
        report_kind: "secondary".into(),
        ..Default::default()
    };
    let reports =
        commission.submissions().list_submissions(request).await.expect("read").into_inner().submissions;
    let (mut stages, mut carried) = (BTreeSet::new(), 0);
    for report in reports.iter().filter(|report| report.revision_number > 0) {
        let request = CheckSubmissionRequest { submission_id: report.submission_id.clone() };
        let findings =
            commission.submissions().check_submission(request).await.expect("checked").into_inner().findings;
        assert!(findings.iter().all(|finding| finding.severity() != Severity::Error), "{findings:?}");
        stages.extend(findings.iter().map(|finding| finding.stage));
        carried += findings.iter().filter(|finding| finding.carried_from == 2025).count();
    }
    assert!(stages.contains(&RuleStage::Platform.into()), "{stages:?}");
    assert!(carried > 0, "some explanations of 2025 answered again");
}

/// The accounts that visitors use find something to do.
async fn look_as_people(clients: &Clients) {
    let chair = sign_in(clients, "chair").await;
    let request = ListRoundsRequest { cycle_year: 2026, ..Default::default() };
    let rounds = chair.rounds().list_rounds(request).await.expect("read").into_inner().rounds;
    assert_eq!(rounds.iter().map(|round| round.state()).collect::<Vec<_>>(), [round::State::Scoring]);

    let reviewer = sign_in(clients, "reviewer").await;
    let request = ListAssignmentsRequest {
        round_id: rounds[0].round_id.clone(),
        page_size: 1000,
        ..Default::default()
    };
    let own = reviewer.assignments().list_assignments(request).await.expect("read").into_inner().assignments;
    let scored = |one: &&zhijian_proto::review::v1::Assignment| {
        one.scores.iter().any(|score| !score.points.is_empty())
    };
    let open: Vec<_> = own.iter().filter(|one| one.state() == assignment::State::Open).collect();
    assert!(open.iter().any(scored) && open.iter().any(|one| !scored(one)) && open.len() < own.len());

    let school = sign_in(clients, "school").await;
    let request = ListRectificationsRequest::default();
    let mine =
        school.rectifications().list_rectifications(request).await.expect("read").into_inner().rectifications;
    assert!(mine.iter().any(|one| one.state() == rectification::State::Opened));

    // As many rectifications as programmes graded C and C-.
    let request = ListRectificationsRequest { page_size: 1000, ..Default::default() };
    let all =
        chair.rectifications().list_rectifications(request).await.expect("read").into_inner().rectifications;
    assert_eq!(all.len(), 20 + 8);
    assert!(all.iter().any(|one| one.state() == rectification::State::Planned));
}
