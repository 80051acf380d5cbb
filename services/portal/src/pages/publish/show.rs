//! The page of one year's release, stage by stage.

use axum::response::Response;
use chrono::NaiveDate;
use maud::{Markup, html};
use zhijian_proto::{
    common::v1::{GetOperationRequest, Operation, operation},
    identity::v1::Role,
    publication::v1::{GetReleaseRequest, ListTablesRequest, Release, Table, VersionKind, release},
    submission::v1::{Cycle, cycle},
};

use super::{agree, correct};
use crate::{
    pages::{lookup, releases::release_title},
    say,
    web::{
        components::{Field, Form, Kind, button, empty, hidden, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

/// How often a page that waits asks for itself again where no script runs, in seconds.
const REFRESH: u32 = 2;

struct Shown {
    cycle: Cycle,
    release: Option<Release>,
    tables: Vec<Table>,
    operation: Option<Operation>,
}

/// The page, or the page again with a step that was refused.
pub async fn page(visitor: &Visitor, year: i32, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let cycle = lookup::cycle(visitor, year).await?;
    let release = find(visitor, year).await?;
    let (mut tables, mut operation) = (vec![], None);
    if let Some(release) = &release {
        operation = operation_of(visitor, release).await?;
        tables = visitor.clients().tables().list_tables(working(year)).await?.into_inner().tables;
    }
    Ok(render(visitor, &Shown { cycle, release, tables, operation }, attempt))
}

/// Asks for the tables that were compiled last.
fn working(year: i32) -> ListTablesRequest {
    ListTablesRequest { year, version: 0, draft: true }
}

/// The release of a year; nothing if it has none.
pub async fn find(visitor: &Visitor, year: i32) -> Result<Option<Release>, Failure> {
    match visitor.clients().releases().get_release(GetReleaseRequest { year }).await {
        Ok(answer) => Ok(answer.into_inner().release),
        Err(status) if status.code() == tonic::Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// The newest compilation of a release; nothing before the first.
pub async fn operation_of(visitor: &Visitor, release: &Release) -> Result<Option<Operation>, Failure> {
    if release.compile_operation_id.is_empty() {
        return Ok(None);
    }
    let request = GetOperationRequest { operation_id: release.compile_operation_id.clone() };
    Ok(visitor.clients().operations().get_operation(request).await?.into_inner().operation)
}

/// The operation, while it is under way.
pub fn running(operation: Option<&Operation>) -> Option<&Operation> {
    operation.filter(|one| matches!(one.state(), operation::State::Queued | operation::State::Running))
}

fn render(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let year = shown.cycle.year;
    let title = shown.release.as_ref().map_or_else(
        || say!(lang, "{year} 年结果", "Results of {year}"),
        |release| release_title(lang, release),
    );
    let address = format!("/publish/{year}");
    let running = running(shown.operation.as_ref());
    let content = html! {
        (trail(lang, &[("/publish", t("编制发布", "Publish"))]))
        div.head {
            div {
                h1 { (title) }
                p.lead {
                    @match &shown.release {
                        Some(release) => (states::release(lang, release.state())),
                        None => (states::cycle(lang, shown.cycle.state())),
                    }
                }
            }
            div.actions { @if running.is_none() { (one_click(visitor, shown, attempt)) } }
        }
        (steps(visitor, shown.release.as_ref()))
        (refusal(lang, attempt))
        @if let Some(operation) = running { (waiting(visitor, year, operation)) }
        @else { (failed(visitor, shown.operation.as_ref())) }
        @match &shown.release {
            None => (draft_form(visitor, shown, attempt)),
            Some(release) if running.is_none() => (stage(visitor, release, attempt)),
            Some(_) => {},
        }
        @if let Some(release) = &shown.release { (agree::owed(visitor, release)) }
        @if let Some(release) = &shown.release {
            @if !shown.tables.is_empty() { (tables(visitor, release, &shown.tables)) }
            @if visitor.has(Role::Commission) {
                p.ways { a href={ "/publish/" (year) "/reads" } { (t("公开前的查阅记录", "Who looked before it was public")) } }
            }
        }
    };
    let page = Page { refresh: running.map(|_| REFRESH), ..Page::work(&title, &address, Place::Publish) };
    workplace(visitor, page, attempt, content)
}

pub fn step(release: &Release, attempt: &Attempt, verb: &str, label: &str, primary: bool) -> Markup {
    let action = format!("/publish/{}/{verb}", release.year);
    button(&action, attempt, &[("etag", &release.etag)], label, primary)
}

/// The next step where it is a single button.
fn one_click(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Markup {
    use release::State;
    let t = words(visitor.lang());
    let Some(release) = &shown.release else { return html! {} };
    html! {
        @match release.state() {
            State::Draft | State::Unspecified => (step(release, attempt, "compile", t("编制", "Compile"), true)),
            State::Compiled => (step(release, attempt, "compile", t("重新编制", "Compile again"), false)),
            State::Notice => (agree::next(visitor, release, attempt)),
            State::Published | State::Corrected | State::Withdrawn => {
                a.button href={ "/releases/" (release.year) } { (t("看发布的页面", "See the public page")) }
                @if let Some(correction) = &release.correction {
                    @if visitor.has(Role::Publisher) && release.proposal.is_none() && correction.kind() != VersionKind::Withdrawal {
                        (step(release, attempt, "compile", if correction.compiled { t("重新编制", "Compile again") } else { t("编制", "Compile") }, !correction.compiled))
                    }
                    (agree::next(visitor, release, attempt))
                }
            },
        }
    }
}

/// Whether the public notice has ended. One of no working days is over at once.
pub fn notice_over(visitor: &Visitor, release: &Release) -> bool {
    release.notice_working_days == 0
        || release.notice_end.parse().is_ok_and(|end: NaiveDate| end < format::day(visitor.now()))
}

fn steps(visitor: &Visitor, release: Option<&Release>) -> Markup {
    use release::State;
    let t = words(visitor.lang());
    let at = match release.map(Release::state) {
        None => 0,
        Some(State::Draft | State::Unspecified) => 1,
        Some(State::Compiled) => 2,
        Some(State::Notice) => 3,
        Some(State::Published | State::Corrected | State::Withdrawn) => 4,
    };
    let names = [
        t("立稿", "Draft"),
        t("编制", "Compile"),
        t("核对", "Look over"),
        t("公示", "Notice"),
        t("发布", "Publish"),
    ];
    html! {
        ol.steps {
            @for (index, name) in names.iter().enumerate() {
                li class=[(index < at).then_some("past")] aria-current=[(index == at).then_some("step")] { (name) }
            }
        }
    }
}

/// Work under way, with its progress; the page asks again by itself.
fn waiting(visitor: &Visitor, year: i32, operation: &Operation) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (done, total) = (operation.done, operation.total);
    html! {
        div.banner role="status" data-operation={ "/publish/" (year) "/operation" } {
            h2 { (t("正在编制", "Compiling")) }
            p {
                progress.wide value=[(total > 0).then_some(done)] max=(total.max(1)) aria-label=(t("编制进度", "Progress")) {}
            }
            p data-note { (note(visitor, operation)) }
            p.hint { (t("可以离开这一页，编制会继续。", "You may leave this page; the work goes on.")) }
        }
    }
}

/// What is being done, in words.
pub fn note(visitor: &Visitor, operation: &Operation) -> String {
    let lang = visitor.lang();
    let (done, total) = (operation.done, operation.total);
    match (lang.pick(&operation.note_zh, &operation.note_en), total) {
        ("", 0) => lang.pick("准备中", "preparing").to_owned(),
        ("", _) => say!(lang, "第 {done} 步，共 {total} 步", "step {done} of {total}"),
        (note, 0) => note.to_owned(),
        (note, _) => say!(lang, "{note}（{done}/{total}）", "{note} ({done}/{total})"),
    }
}

fn failed(visitor: &Visitor, operation: Option<&Operation>) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if let Some(operation) = operation.filter(|one| one.state() == operation::State::Failed) {
            div.banner.wrong role="alert" {
                h2 { (t("上一次编制没有完成", "The last compilation failed")) }
                p { (visitor.lang().pick(&operation.note_zh, &operation.note_en)) }
                p { (t("补齐之后可以重新编制；之前的数据表没有改动。", "Mend it and compile again; earlier tables were not touched.")) }
            }
        }
    }
}

fn draft_form(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let year = shown.cycle.year;
    if shown.cycle.state() != cycle::State::Closed {
        return empty(
            t("这一年还不能编制", "This year cannot be compiled yet"),
            html! { (t("由教育主管部门截止填报之后，就可以立稿。", "It can be drafted once the commission has closed it.")) },
        );
    }
    let region = name_or(lang, visitor.region().name.as_ref(), "").to_owned();
    let (zh, en) = match &visitor.region().name {
        Some(name) => (name.zh.clone(), name.en.clone()),
        None => (region.clone(), region),
    };
    let title_zh = format!("{zh}职业教育质量年度结果（{year}）");
    let title_en = format!("Vocational education quality results, {en} {year}");
    let action = format!("/publish/{year}/create");
    html! {
        (Form { action: &action, attempt, keep: "release" }.around(html! {
            (Field::new(Kind::Text, "title.zh", t("中文标题", "Title in Chinese"), attempt, &title_zh))
            (Field::new(Kind::Text, "title.en", t("英文标题", "Title in English"), attempt, &title_en))
            div.actions { button.primary type="submit" { (t("立稿", "Draft the release")) } }
        }))
    }
}

/// What belongs to the present state.
fn stage(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Markup {
    use release::State;
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let version = release.version;
    html! {
        @match release.state() {
            State::Draft | State::Unspecified => {
                p { (t("编制从已接收的年报和已定级的评审轮次计算全部数据表，随时可以重来。", "Compiling computes every table from accepted reports and finalised rounds; it can be repeated.")) }
            },
            State::Compiled => (notice_form(visitor, release, attempt)),
            State::Notice => {
                dl.facts {
                    dt { (t("公示开始", "Notice from")) } dd { (format::exact_day(lang, &release.notice_start, now)) }
                    dt { (t("公示结束", "Notice until")) } dd { (format::deadline_day(lang, &release.notice_end, now)) }
                    dt { (t("公示页面", "Public page")) } dd { a href={ "/releases/" (release.year) } { "/releases/" (release.year) } }
                }
                (agree::standing(visitor, release))
                p.ways { a href={ "/publish/" (release.year) "/objections" } { (t("异议", "Objections")) } }
                @if !notice_over(visitor, release) {
                    p.grey { (t("公示期满之后才能发布。", "It can be published once the notice has ended.")) }
                }
            },
            State::Published | State::Corrected | State::Withdrawn => {
                (agree::standing(visitor, release))
                @if let Some(time) = format::moment(release.publish_time.as_ref()) {
                    p {
                        (say!(lang, "现行第 {version} 版，发布于 ", "Version {version} stands, published "))
                        (format::happened(lang, time, now)) (t("。", "."))
                    }
                }
                (correct::standing(visitor, release, attempt))
            },
        }
    }
}

fn notice_form(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let action = format!("/publish/{}/notice", release.year);
    html! {
        h2 { (t("公示", "Public notice")) }
        p { (t("请先核对下面的数据表。公示开始之后，任何人都能看到。", "Look over the tables below first: once the notice opens, anybody can see them.")) }
        (Form { action: &action, attempt, keep: "" }.around(html! {
            (hidden("etag", &release.etag))
            (Field::new(Kind::Whole, "working_days", t("公示几个工作日", "Working days of notice"), attempt, "5")
                .hint(t("0–60；起止日期会随结果一起发布。", "0–60; the dates are published with the results.")))
            div.actions { button.primary type="submit" { (t("开始公示", "Open the notice")) } }
        }))
    }
}

fn tables(visitor: &Visitor, release: &Release, tables: &[Table]) -> Markup {
    let (lang, year) = (visitor.lang(), release.year);
    // What is compiled for a correction is not what the public page shows.
    let draft = if release.correction.is_some() { "?draft=1" } else { "" };
    let t = words(lang);
    html! {
        div.table-head { h2 { (t("数据表", "Tables")) } span.hint { (t("指纹是 CSV 的 SHA-256", "the fingerprint is the SHA-256 of the CSV")) } }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("编号", "Number")) }
                th scope="col" { (t("标题", "Title")) }
                th scope="col" { (t("指纹", "Fingerprint")) }
            } }
            tbody { @for table in tables { tr {
                td.code { (table.number) }
                th scope="row" { a href={ "/releases/" (year) "/tables/" (link::segment(&table.number)) (draft) } { (text(lang, table.title.as_ref())) } }
                td { code.small title=(table.content_hash) { (table.content_hash.get(..16).unwrap_or_default()) } }
            } } }
        } }
    }
}
