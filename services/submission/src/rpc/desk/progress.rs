//! Who is where: counts, lists, and the list as a file.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, BoxStream, StreamExt};
use tonic::Status;
use zhijian_platform::{Call, Error, Lang, Page, Resource, Text, time::timestamp};
use zhijian_proto::submission::v1::{
    CountProgressRequest, CountProgressResponse, ExportProgressRequest, ExportProgressResponse,
    ListProgressRequest, ListProgressResponse, Progress, ProgressCount, ProgressFilter,
    list_progress_request::Order, progress_filter::Condition, submission,
};

use super::{Desk, sheets};
use crate::{
    domain::{
        catalogue::Catalogue,
        deadline::Deadline,
        notice::NOT_BEGUN,
        roster::{self, Duty},
        submission::State,
        text::is_storable,
    },
    rpc::{convert, directory::Parties},
    store::{
        cycle as cycles,
        progress::{self, Filter, Line, Question},
    },
};

/// After how many days without a change a report counts as idle, unless the caller says.
const IDLE_DAYS: i32 = 7;
/// The longest that may be asked for.
const MAX_IDLE_DAYS: i32 = 90;
/// How many characters a search may have.
const MAX_SEARCH: usize = 60;
/// How many lines one query of a file fetches.
const PAGE: i32 = 1000;
/// How many bytes of a file go into one message.
pub const PIECE: usize = 256 * 1024;

/// A year with all that progress wants to know.
pub(super) struct Ground {
    pub cycle: cycles::Model,
    pub catalogue: Arc<Catalogue>,
    pub parties: Arc<Parties>,
    pub duties: Vec<Duty>,
    /// When it was asked.
    pub now: DateTime<Utc>,
}

impl Ground {
    pub fn question(&self, idle_days: i32) -> Result<Question<'_>, Error> {
        let days = match idle_days {
            0 => IDLE_DAYS,
            days if (1..=MAX_IDLE_DAYS).contains(&days) => days,
            _ => {
                return Err(Error::invalid(
                    "idle_days",
                    "停滞天数应在 1–90 天之间。",
                    "The days of standing still are 1–90.",
                ));
            }
        };
        Ok(Question {
            cycle_year: self.cycle.year,
            duties: &self.duties,
            due: self.cycle.due_time,
            now: self.now,
            idle_since: self.now - TimeDelta::days(days.into()),
        })
    }
}

impl Desk {
    /// What progress in a year is measured against. NOT_FOUND if the year has no cycle.
    pub(super) async fn ground(&self, year: i32) -> Result<Ground, Error> {
        let cycle = self.rpc.cycle(year).await?;
        let catalogue = self.rpc.catalogue(&cycle)?;
        let parties = self.directory.parties().await?;
        let duties = roster::duties(&catalogue, parties.all());
        let now = self.rpc.ctx.db.clock().now();
        Ok(Ground { cycle, catalogue, parties, duties, now })
    }

    pub(super) async fn count(
        &self,
        call: Call,
        input: CountProgressRequest,
    ) -> Result<CountProgressResponse, Error> {
        call.authorise(&Resource::region())?;
        let ground = self.ground(input.cycle_year).await?;
        let counts = progress::count(self.rpc.ctx.db.reader(), &ground.question(input.idle_days)?).await?;
        let counts = counts.into_iter().map(|count| {
            Ok(ProgressCount {
                state: state(&count.state)?.into(),
                report_kind: count.report_kind,
                district: count.district,
                count: small(count.count),
                late: small(count.late),
                idle: small(count.idle),
                filled_cells: count.filled_cells,
                required_cells: count.required_cells,
            })
        });
        Ok(CountProgressResponse { counts: counts.collect::<Result<_, Error>>()? })
    }

    pub(super) async fn list(
        &self,
        call: Call,
        input: ListProgressRequest,
    ) -> Result<ListProgressResponse, Error> {
        call.authorise(&Resource::region())?;
        let order = order(input.order());
        let given = input.filter.unwrap_or_default();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let ground = self.ground(given.cycle_year).await?;
        let question = ground.question(given.idle_days)?;
        let filter = filter(&given)?;
        let conn = self.rpc.ctx.db.reader();
        let total = progress::total(conn, &question, &filter).await?;
        let lines = progress::list(conn, &question, &filter, order, input.descending, &page).await?;
        let (lines, next_page_token) = page.finish(lines, Line::key);
        let progress = self.shown(&ground, lines).await?;
        Ok(ListProgressResponse { progress, next_page_token, total_size: small(total) })
    }

    /// Lines with the names and sections that belong to them.
    async fn shown(&self, ground: &Ground, lines: Vec<Line>) -> Result<Vec<Progress>, Error> {
        let begun: Vec<String> = lines.iter().filter_map(|line| line.submission_id.clone()).collect();
        let written = progress::written_sections(self.rpc.ctx.db.reader(), begun).await?;
        lines.into_iter().map(|line| shown(ground, &written, line)).collect()
    }

    pub(super) async fn export_list(
        &self,
        call: Call,
        input: ExportProgressRequest,
    ) -> Result<BoxStream<'static, Result<ExportProgressResponse, Status>>, Error> {
        call.authorise(&Resource::region())?;
        let lang = call.lang();
        let given = input.filter.clone().unwrap_or_default();
        let ground = self.ground(given.cycle_year).await?;
        let question = ground.question(given.idle_days)?;
        let filter = filter(&given)?;
        let order = order(input.order());
        let mut rows: Vec<Vec<sheets::Value>> = vec![];
        let mut page_token = String::new();
        loop {
            let page = Page::parse(PAGE, &page_token)?;
            let conn = self.rpc.ctx.db.reader();
            let lines = progress::list(conn, &question, &filter, order, input.descending, &page).await?;
            let (lines, next) = page.finish(lines, Line::key);
            for line in self.shown(&ground, lines).await? {
                rows.push(row(lang, &ground, line));
            }
            page_token = next;
            if page_token.is_empty() {
                break;
            }
        }
        let format = sheets::format(input.format())?;
        let name = lang.pick("填报进度", "Progress");
        let list = sheets::List { name: name.to_owned(), headings: headings(lang), rows };
        let file = sheets::single(format, list).await?;
        Ok(pieces(file, |data| ExportProgressResponse { data }))
    }
}

/// A file in pieces, each as a message.
pub(super) fn pieces<M: Send + 'static>(
    file: Vec<u8>,
    message: fn(Vec<u8>) -> M,
) -> BoxStream<'static, Result<M, Status>> {
    let pieces: Vec<Vec<u8>> = file.chunks(PIECE).map(<[u8]>::to_vec).collect();
    stream::iter(pieces).map(move |piece| Ok(message(piece))).boxed()
}

fn shown(ground: &Ground, written: &HashMap<String, i64>, line: Line) -> Result<Progress, Error> {
    let state = state(&line.state)?;
    let kind = ground.catalogue.kind(&line.report_kind);
    let required_sections =
        kind.map_or(0, |kind| kind.sections.iter().filter(|section| section.min_characters > 0).count());
    // Nothing is stored for a report that nobody has begun: it will ask for what its kind asks.
    let required_cells = match line.submission_id {
        Some(_) => line.required_cells,
        None => i32::try_from(ground.catalogue.required_of(&line.report_kind).count()).unwrap_or(i32::MAX),
    };
    let submission_id = line.submission_id.unwrap_or_default();
    let party = ground.parties.get(&line.organisation_code);
    let district = if line.district.is_empty() {
        party.map(|party| party.district.clone()).unwrap_or_default()
    } else {
        line.district
    };
    let deadline = Deadline::of(ground.cycle.due_time, line.own_due_time, ground.cycle.grace());
    Ok(Progress {
        organisation_name: Some(ground.parties.name(&line.organisation_code).into()),
        subject_name: Some(ground.parties.name(&line.subject_code).into()),
        district,
        state: state.into(),
        revision_number: line.revision_number,
        filled_cells: line.filled_cells,
        required_cells,
        written_sections: written.get(&submission_id).map_or(0, |count| small(*count)),
        required_sections: i32::try_from(required_sections).unwrap_or(i32::MAX),
        update_time: line.update_time.map(timestamp),
        late: line.late == 1,
        idle: line.idle == 1,
        demonstration: party.is_some_and(|party| party.demonstration),
        due_time: deadline.due.map(timestamp),
        grace_end_time: deadline.grace_end().map(timestamp),
        extended: deadline.own,
        submission_id,
        report_kind: line.report_kind,
        organisation_code: line.organisation_code,
        subject_code: line.subject_code,
    })
}

/// The state of this name on the wire; unspecified where nobody has begun.
fn state(name: &str) -> Result<submission::State, Error> {
    if name == NOT_BEGUN {
        return Ok(submission::State::Unspecified);
    }
    let state =
        State::parse(name).ok_or_else(|| Error::internal(format!("a report is in state {name:?}")))?;
    Ok(convert::state(state))
}

fn small(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn order(order: Order) -> progress::Order {
    match order {
        Order::Unspecified | Order::Organisation => progress::Order::Organisation,
        Order::District => progress::Order::District,
        Order::State => progress::Order::State,
        Order::Filled => progress::Order::Filled,
        Order::Update => progress::Order::Update,
    }
}

fn filter(given: &ProgressFilter) -> Result<Filter, Error> {
    let storable =
        [&given.report_kind, &given.district, &given.search].into_iter().all(|text| is_storable(text));
    if !storable || given.search.chars().count() > MAX_SEARCH {
        return Err(Error::invalid(
            "filter.search",
            "请用不超过 60 个字的名称或代码查找。",
            "Search by a part of a name or code, of at most 60 characters.",
        ));
    }
    let mut states: Vec<&'static str> =
        given.states().filter_map(convert::state_given).map(State::as_str).collect();
    let with_school = ["draft", "approved", "returned"];
    match given.condition() {
        Condition::NotBegun => states = vec![NOT_BEGUN],
        Condition::Open => {
            states = if states.is_empty() {
                [NOT_BEGUN].into_iter().chain(with_school).collect()
            } else {
                states.into_iter().filter(|state| with_school.contains(state)).collect()
            };
        }
        Condition::Unspecified | Condition::Idle | Condition::Late => {}
    }
    Ok(Filter {
        report_kind: given.report_kind.clone(),
        district: given.district.clone(),
        states,
        late: given.condition() == Condition::Late,
        idle: given.condition() == Condition::Idle,
        search: given.search.trim().to_owned(),
    })
}

fn headings(lang: Lang) -> Vec<String> {
    let headings = [
        ("年报种类", "Kind"),
        ("填报单位代码", "Submitted by (code)"),
        ("填报单位", "Submitted by"),
        ("报告对象代码", "About (code)"),
        ("报告对象", "About"),
        ("区", "District"),
        ("状态", "State"),
        ("版次", "Revision"),
        ("已填指标", "Indicators filled in"),
        ("应填指标", "Indicators asked for"),
        ("已写章节", "Sections written"),
        ("必写章节", "Sections asked for"),
        ("最近更新（UTC）", "Last change (UTC)"),
        ("截止（UTC）", "Due (UTC)"),
        ("宽限至（UTC）", "Grace until (UTC)"),
        ("准予延期", "Extended"),
        ("逾期", "Late"),
        ("停滞", "Standing still"),
    ];
    headings.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
}

fn row(lang: Lang, ground: &Ground, line: Progress) -> Vec<sheets::Value> {
    use sheets::Value::{Number, Text as Words};
    let pick = |text: &Text| Words(text.get(lang).to_owned());
    let kind = ground.catalogue.kind(&line.report_kind).map(|kind| kind.name.get(lang).to_owned());
    let state = match convert::state_given(line.state()) {
        Some(state) => state.text(),
        None => Text::new("未开始", "not begun"),
    };
    let yes = |is: bool| Words(if is { lang.pick("是", "yes").to_owned() } else { String::new() });
    let moment = |time: Option<prost_types::Timestamp>| {
        let time = time.and_then(zhijian_platform::time::datetime);
        Words(time.map(|time| time.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default())
    };
    vec![
        Words(kind.unwrap_or_else(|| line.report_kind.clone())),
        Words(line.organisation_code.clone()),
        pick(&ground.parties.name(&line.organisation_code)),
        Words(line.subject_code.clone()),
        pick(&ground.parties.name(&line.subject_code)),
        Words(line.district.clone()),
        pick(&state),
        Number(line.revision_number.into()),
        Number(line.filled_cells.into()),
        Number(line.required_cells.into()),
        Number(line.written_sections.into()),
        Number(line.required_sections.into()),
        moment(line.update_time),
        moment(line.due_time),
        moment(line.grace_end_time),
        yes(line.extended),
        yes(line.late),
        yes(line.idle),
    ]
}
