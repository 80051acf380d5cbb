//! Loads the demonstration through the services' own RPCs, as the people of the region would.
//!
//! Every call carries a `request_id` derived from the name of its step, and every step that moves a state looks first
//! whether the move was made: a load that was interrupted goes on where it stopped.

mod collect;
mod federation;
mod funding;
mod graded;
mod material;
mod people;
mod platforms;
mod procedures;
mod public;
mod register;
mod release;
mod work;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use chrono::Utc;
use tonic::Code;
use zhijian_platform::{Clients, id, time::timestamp};
use zhijian_proto::{
    common::v1::Text,
    identity::v1::{GetRegionRequest, Region as RegionMessage, UpdateRegionRequest},
};

use self::{
    collect::Collected,
    graded::Graded,
    people::People,
    work::{Tell, rpc},
};
use super::{
    Region,
    region::{NEW_PROGRAMMES, PILOTS, REGION_NAME, REGION_NOTE},
};

/// The password of every demonstration account.
pub const PASSWORD: &str = "zhijian-demo-2026";

/// The sign-in names that a visitor is told of, with what each is for.
pub const SIGN_INS: [(&str, &str, &str); 6] = [
    ("school", "学校：填报、核对、提交、整改", "a school: fill in, check, submit, mend"),
    ("reviewer", "评审专家：评分", "a reviewer: score programmes"),
    ("chair", "评审组长：组织评审", "the chair: run the rounds"),
    ("publisher", "发布人：编制、提出发布", "a publisher: compile, propose to publish"),
    ("publisher-2", "另一位发布人：确认发布", "another publisher: confirm"),
    ("commission", "市教委：年度、审核、账号", "the commission: cycles, acceptance, accounts"),
];

/// Where a load is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// What is being done, for a person.
    pub step: String,
    /// So many are done…
    pub done: usize,
    /// …of so many.
    pub total: usize,
}

/// What a load brought in. Counts include what an earlier, interrupted load had brought in already.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The demonstration was there; nothing was done, and nothing was counted.
    pub already_loaded: bool,
    /// Organisations registered, the commission included.
    pub organisations: usize,
    /// Accounts opened, the commission's included.
    pub accounts: usize,
    /// Experts entered into the panel.
    pub reviewers: usize,
    /// Programmes registered.
    pub programmes: usize,
    /// Reports begun, in all years.
    pub submissions: usize,
    /// Cells filled in.
    pub cells: usize,
    /// Sections written.
    pub sections: usize,
    /// Explanations of findings.
    pub explanations: usize,
    /// Programmes under review, in all rounds.
    pub entries: usize,
    /// Assignments, in all rounds.
    pub assignments: usize,
    /// Single scores, drafts included.
    pub scores: usize,
    /// Plans for programmes graded low.
    pub plans: usize,
    /// Published tables.
    pub tables: usize,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    fn add_collected(&mut self, collected: &Collected) {
        self.submissions += collected.submissions;
        self.cells += collected.cells;
        self.sections += collected.sections;
        self.explanations += collected.explanations;
    }

    fn add_graded(&mut self, graded: &Graded) {
        self.entries += graded.entries;
        self.assignments += graded.assignments;
        self.scores += graded.scores;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.already_loaded {
            return write!(f, "演示数据已在，无需装载 / the demonstration is loaded already");
        }
        write!(
            f,
            "演示数据装载完成 / loaded in {:.1} s: 机构 organisations {}, 账号 accounts {}, 专业 programmes {}, \
             年报 reports {} (指标 cells {}, 章节 sections {}), 评审 entries {} (分配 assignments {}, 评分 scores {}), \
             整改方案 plans {}, 发布表格 tables {}",
            self.elapsed.as_secs_f64(),
            self.organisations,
            self.accounts,
            self.programmes,
            self.submissions,
            self.cells,
            self.sections,
            self.entries,
            self.assignments,
            self.scores,
            self.plans,
            self.tables,
        )
    }
}

/// The sign-ins as lines for a terminal.
pub fn sign_ins() -> String {
    let mut lines = format!("登录 / sign in (密码 password: {PASSWORD})");
    for (name, zh, en) in SIGN_INS {
        lines.push_str(&format!("\n  {name:<12}{zh} / {en}"));
    }
    lines
}

/// Loads the demonstration, unless it is there. `set_up_code` is the one that the server wrote down at its first start;
/// `progress` is told of every step.
///
/// # Errors
/// If the region is in use for something else, or a call fails. Calling again goes on where it stopped.
pub async fn load(
    clients: &Clients,
    set_up_code: &str,
    progress: impl Fn(Progress),
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let present = present_region(clients).await?;
    if let Some(region) = &present {
        if region.demonstration_load_time.is_some() {
            return Ok(Report { already_loaded: true, ..Report::default() });
        }
        anyhow::ensure!(
            region.demonstration,
            "this installation is in use and is no demonstration: load the demonstration into an empty one",
        );
    }
    let region = Arc::new(Region::generate().context("the demonstration region cannot be generated")?);
    let tell = Tell::new(&progress);
    let commission = people::commission(clients, &region, set_up_code, present.is_none()).await?;

    let organisations = register::organisations(&tell, &commission, &region).await?;
    let people = people::accounts(&tell, clients, commission, &region).await?;
    let people = Arc::new(people);
    register::reviewers(&tell, &people, &region).await?;
    let programmes = register::programmes(&tell, &people, &region).await?;
    let mut report = Report {
        organisations,
        programmes,
        accounts: people.len(),
        reviewers: region.reviewers.len(),
        ..Report::default()
    };

    for year in [2024, 2025, 2026] {
        collect::open(&people, year).await?;
        platforms::load(&tell, people.commission(), &region, year).await?;
        report.add_collected(&collect::year(&tell, &people, &region, year).await?);
        if year == 2026 {
            report.add_graded(&graded::round(&tell, &people, &region, year, NEW_PROGRAMMES).await?);
            break;
        }
        collect::close(&people, year).await?;
        if year == 2025 {
            for scheme in [NEW_PROGRAMMES, PILOTS] {
                report.add_graded(&graded::round(&tell, &people, &region, year, scheme).await?);
            }
        }
        report.tables += release::publish(&tell, &people, year).await?;
    }
    report.plans = graded::plans(&tell, &people, &region).await?;
    funding::inputs(&tell, &people, &region).await?;
    procedures::open(&tell, &people, &region).await?;
    federation::regions(&tell, &people).await?;

    finish(&people).await?;
    report.elapsed = started.elapsed();
    Ok(report)
}

/// The region as it stands; `None` before the set-up.
async fn present_region(clients: &Clients) -> anyhow::Result<Option<RegionMessage>> {
    match rpc!(clients, regions.get_region(GetRegionRequest {})) {
        Ok(found) => Ok(found.region),
        Err(error) if work::is(&error, Code::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Marks the demonstration as completely loaded.
async fn finish(people: &People) -> anyhow::Result<()> {
    let commission = people.commission();
    let present = rpc!(commission, regions.get_region(GetRegionRequest {}))?.region.unwrap_or_default();
    let region =
        RegionMessage { demonstration_load_time: Some(timestamp(Utc::now())), ..described(present.etag) };
    let request = UpdateRegionRequest { request_id: request_id("finish"), region: Some(region) };
    rpc!(commission, regions.update_region(request))?;
    Ok(())
}

/// The region's description, not yet marked as loaded.
fn described(etag: String) -> RegionMessage {
    RegionMessage {
        name: Some(text(REGION_NAME)),
        demonstration: true,
        note: Some(text(REGION_NOTE)),
        demonstration_load_time: None,
        etag,
    }
}

fn text((zh, en): (&str, &str)) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// The request id of a step: the same at every load.
fn request_id(step: &str) -> String {
    id::derived_request_id(&format!("demonstration/{step}"))
}
