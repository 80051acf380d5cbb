//! The editions of a release and the derivations of their numbers, as readers get them.

use std::collections::BTreeSet;

use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proofreader::{Options, check};
use zhijian_proto::publication::v1::{
    DownloadEditionRequest, Edition, GetEditionRequest, GetTableRequest, GetTraceRequest,
    ListEditionsRequest, Trace, download_edition_request, get_edition_request::Form,
};

use crate::{
    collect::CASES,
    printed, region,
    region::{Region, SCHOOLS},
};

const TABLES: [&str; 10] = ["2-1", "2-2", "2-3", "2-4", "2-5", "3-1", "3-2", "5-1", "6-1", "6-2"];
const CHARTS: [&str; 7] = ["1-1", "1-2", "2-26", "2-32", "2-37", "2-38", "7-17"];

/// Looks at the published editions of 2025.
pub async fn are_read_and_traced(region: &Region) {
    let editions = list(&region.anybody, "").await;
    let codes: Vec<&str> = editions.iter().map(|edition| edition.code.as_str()).collect();
    assert_eq!(codes[..3], ["integrated", "secondary", "higher"]);
    assert_eq!(codes.len(), 3 + SCHOOLS.len());
    let found = list(&region.anybody, SCHOOLS[0].0).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].organisation_code, SCHOOLS[0].0);
    everything_is_in_the_integrated_edition(region, &editions[0]).await;
    cases_are_told_and_marked_as_the_schools(region).await;
    the_proofreader_finds_nothing(region, &editions).await;
    every_number_leads_back(region, &editions).await;
    a_sum_is_traced_to_its_reports(region).await;
    grades_are_traced_without_names(region).await;
    what_is_not_published_has_no_trace(region).await;
}

/// What a version told is followed back to what it was computed from, not to what a correction made of it.
pub async fn old_versions_keep_their_derivations(region: &Region) {
    let mut totals = Vec::new();
    for version in [1, 2] {
        let request = GetTableRequest { year: 2025, number: "2-5".to_owned(), version, draft: false };
        let table = region.anybody.tables().get_table(request).await.expect("public").into_inner().table;
        let table = table.expect("there");
        let place = table.columns.iter().position(|column| column.key == "places").expect("a column");
        let lines = table.rows.iter().filter(|row| !row.total);
        let total: rust_decimal::Decimal =
            lines.filter_map(|row| row.cells[place].value.parse::<rust_decimal::Decimal>().ok()).sum();
        let request = GetTraceRequest {
            year: 2025,
            trace_id: "2025.table.2-5.places".to_owned(),
            version,
            ..Default::default()
        };
        let answer = region.anybody.traces().get_trace(request).await.expect("public").into_inner();
        assert_eq!(answer.trace.expect("there").value, total.to_string(), "version {version}");
        totals.push(total);

        let request = GetEditionRequest {
            year: 2025,
            code: "integrated".to_owned(),
            form: Form::Html.into(),
            version,
            draft: false,
        };
        let html = region.anybody.editions().get_edition(request).await.expect("public").into_inner().content;
        let links: Vec<&str> = html.split("href=\"/releases/2025/trace/").skip(1).collect();
        let end = format!("?version={version}");
        let lead = |link: &&str| link.split_once('"').is_some_and(|(link, _)| link.ends_with(&end));
        assert!(!links.is_empty() && links.iter().all(lead), "version {version}");
    }
    assert_ne!(totals[0], totals[1]);
    let standing = text(&region.anybody, "integrated", Form::Html).await.expect("public");
    assert!(!standing.contains("?version="), "what stands is followed to what stands");
}

/// An edition that is not public yet does not exist for anybody.
pub async fn are_hidden(region: &Region) {
    let clients = &region.anybody;
    let request = ListEditionsRequest { year: 2025, ..Default::default() };
    assert_eq!(clients.editions().list_editions(request).await.expect_err("hidden").code(), Code::NotFound);
    assert_eq!(text(clients, "integrated", Form::Html).await.expect_err("hidden"), Code::NotFound);
    assert_eq!(trace(clients, "2025.higher.sum.SVC06").await.expect_err("hidden"), Code::NotFound);
    assert!(!list(&region.publisher, "").await.is_empty());
}

async fn list(clients: &Clients, query: &str) -> Vec<Edition> {
    let request = ListEditionsRequest { year: 2025, query: query.to_owned(), ..Default::default() };
    clients.editions().list_editions(request).await.expect("listed").into_inner().editions
}

async fn text(clients: &Clients, code: &str, form: Form) -> Result<String, Code> {
    let request =
        GetEditionRequest { year: 2025, code: code.to_owned(), form: form.into(), ..Default::default() };
    let answer = clients.editions().get_edition(request).await.map_err(|status| status.code())?;
    Ok(answer.into_inner().content)
}

async fn trace(clients: &Clients, id: &str) -> Result<Trace, Code> {
    let request = GetTraceRequest { year: 2025, trace_id: id.to_owned(), ..Default::default() };
    let answer = clients.traces().get_trace(request).await.map_err(|status| status.code())?;
    Ok(answer.into_inner().trace.expect("there"))
}

async fn everything_is_in_the_integrated_edition(region: &Region, edition: &Edition) {
    assert_eq!((edition.table_count, edition.figure_count), (10, 7));
    let markdown = text(&region.anybody, "integrated", Form::Markdown).await.expect("public");
    for number in TABLES {
        assert!(markdown.contains(&format!("表{number} ")), "table {number} is not in {markdown}");
    }
    for number in CHARTS {
        assert!(markdown.contains(&format!("图{number} ")), "figure {number} is not in {markdown}");
    }
    // What is printed stands in the text, and what follows from it is computed.
    let service = printed::table("3-1");
    for cell in &service[1][1..] {
        assert!(markdown.contains(cell.as_str()), "{cell} is not in {markdown}");
    }
    assert!(markdown.contains("379个") && markdown.contains("增加14个"), "{markdown}");
    let mut file = region
        .anybody
        .editions()
        .download_edition(DownloadEditionRequest {
            year: 2025,
            code: "integrated".to_owned(),
            form: download_edition_request::Form::Markdown.into(),
            ..Default::default()
        })
        .await
        .expect("public")
        .into_inner();
    let head = file.message().await.expect("sent").expect("there");
    assert_eq!(head.file_name, "2025-integrated.md");
    let mut whole = Vec::new();
    while let Some(part) = file.message().await.expect("sent") {
        whole.extend(part.part);
    }
    assert_eq!(String::from_utf8(whole).expect("UTF-8"), markdown);
}

/// What schools told of 2025 stands in the editions, by turns of the schools, and leads to no person.
async fn cases_are_told_and_marked_as_the_schools(region: &Region) {
    let markdown = async |code: &str| text(&region.anybody, code, Form::Markdown).await.expect("public");
    let (first, third) = (SCHOOLS[0], SCHOOLS[2]);
    let integrated = markdown("integrated").await;
    let told = format!(
        "> <strong>案例4-2 {}</strong>\n>\n> {}\n>\n> 退休技师带来用过的工具，每件配一张说明。\n>\n> 学生照着复原当年的工序。\n>\n> 来源：学校提供；",
        CASES[0].2, first.2
    );
    assert!(integrated.contains(&told), "{told}\n{integrated}");
    assert!(
        integrated.contains(&format!("> <strong>案例4-1 {}</strong>\n>\n> {}\n", CASES[3].2, third.2)),
        "{integrated}"
    );
    assert!(!integrated.contains(CASES[1].2), "no school tells two before every one has told one");
    let higher = markdown("higher").await;
    assert!(higher.contains("案例2-1 把车间搬进课表") && higher.contains("共完成37单"), "{higher}");
    assert!(!markdown("secondary").await.contains("案例"), "it does without, and its heading too");

    let own = markdown(&format!("institution-{}", first.0)).await;
    for (number, (_, _, title, _)) in (1..).zip(&CASES[..3]) {
        assert!(own.contains(&format!("> <strong>案例1-{number} {title}</strong>\n>\n")), "{own}");
    }
    assert!(own.contains("本校案例") && own.contains("（已隐去）") && !own.contains("13800138000"), "{own}");
    let none = markdown(&format!("institution-{}", SCHOOLS[1].0)).await;
    assert!(!none.contains("案例"), "{none}");
    let html = text(&region.anybody, "integrated", Form::Html).await.expect("public");
    assert!(html.contains("<section class=\"case\" id=\"case-4-1\">"), "{html}");
}

async fn the_proofreader_finds_nothing(region: &Region, editions: &[Edition]) {
    for edition in editions {
        let markdown = text(&region.anybody, &edition.code, Form::Markdown).await.expect("public");
        let findings = check(&markdown, &Options::default());
        let told: Vec<String> = findings
            .iter()
            .map(|found| format!("{}:{} {} {}", edition.code, found.line, found.rule, found.message_zh))
            .collect();
        assert!(told.is_empty(), "{}\n{markdown}", told.join("\n"));
    }
}

async fn every_number_leads_back(region: &Region, editions: &[Edition]) {
    let mut ids = BTreeSet::new();
    for edition in editions {
        let html = text(&region.anybody, &edition.code, Form::Html).await.expect("public");
        let links: Vec<&str> = html
            .split("href=\"/releases/2025/trace/")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('"')?.0))
            .collect();
        assert!(links.len() >= usize::try_from(edition.value_count).expect("a count"), "{}", edition.code);
        ids.extend(links.into_iter().map(|id| id.replace("%2B", "+")));
    }
    for number in TABLES {
        let table = crate::table(&region.anybody, 2025, number).await.expect("public");
        let cells = table.rows.into_iter().flat_map(|row| row.cells);
        ids.extend(cells.map(|cell| cell.trace_id).filter(|id| !id.is_empty()));
    }
    assert!(ids.len() > 100, "{}", ids.len());
    for id in ids {
        let found = trace(&region.anybody, &id).await.unwrap_or_else(|code| panic!("{id}: {code:?}"));
        assert!(found.formula.is_some() && found.name.is_some(), "{found:?}");
        assert!(!found.value.is_empty() || found.withheld_count > 0, "{found:?}");
    }
}

async fn a_sum_is_traced_to_its_reports(region: &Region) {
    let id = "2025.higher.sum.SVC06";
    let public = trace(&region.anybody, id).await.expect("public");
    assert_eq!(public.value, printed::table("3-1")[1][1]);
    assert_eq!(public.tables, ["3-1"]);
    assert!(!public.full);
    assert_eq!(public.contribution_count, 2);
    for report in &public.contributions {
        assert!(!report.submission_id.is_empty() && report.revision_number >= 1, "{report:?}");
        assert!(report.accept_time.is_some() && report.organisation_name.is_some(), "{report:?}");
        assert!(report.cells[0].parse::<rust_decimal::Decimal>().is_ok(), "{report:?}");
    }
    let staff = trace(&region.publisher, id).await.expect("seen");
    assert!(staff.full);
    assert_eq!(staff.contributions, public.contributions);

    // A page after the other comes to the same reports.
    let mut traces = region.anybody.traces();
    let mut request =
        GetTraceRequest { year: 2025, trace_id: id.to_owned(), page_size: 1, ..Default::default() };
    let mut paged = Vec::new();
    loop {
        let answer = traces.get_trace(request.clone()).await.expect("public").into_inner();
        paged.extend(answer.trace.expect("there").contributions);
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(paged, public.contributions);

    let school = region.school(region::SCHOOLS[0].0);
    assert_eq!(trace(&school, id).await.expect("public").value, public.value);
}

async fn grades_are_traced_without_names(region: &Region) {
    let found = trace(&region.anybody, "2025.grade.new-programme-monitoring.A+").await.expect("public");
    assert_eq!(found.value, "1");
    let grade = found.grade.expect("of grades");
    assert_eq!((grade.entries, grade.sheets), (4, 12));
    let counted: Vec<&str> =
        grade.bands.iter().filter(|band| band.counted).map(|band| band.grade.as_str()).collect();
    assert_eq!(counted, ["A+"]);
    assert!(found.contributions.is_empty());
}

async fn what_is_not_published_has_no_trace(region: &Region) {
    for id in [
        "",
        "2025.higher.sum.SC01@9999999999",
        "2025.higher.sum.POL05",
        "2025.grade.none.A+",
        "2025.table.9-9.count",
        "2025.published.none",
        "2025.institutions.NONE",
        "2019.higher.sum.SVC06",
        "../../etc/passwd",
    ] {
        assert_eq!(trace(&region.anybody, id).await.expect_err(id), Code::NotFound, "{id}");
    }
    let code = text(&region.anybody, "institution-0", Form::Html).await.expect_err("there is none");
    assert_eq!(code, Code::NotFound);
    let code = text(&region.anybody, "integrated", Form::Unspecified).await.expect_err("no form");
    assert_eq!(code, Code::InvalidArgument);
}
