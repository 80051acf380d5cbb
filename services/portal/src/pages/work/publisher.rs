//! The publisher's tasks: closed years to be compiled, put on notice and published.

use maud::html;
use zhijian_proto::{
    publication::v1::{ListReleasesRequest, Release, release},
    submission::v1::cycle,
};

use super::Task;
use crate::{
    pages::{lookup::cycles, releases::release_title},
    say,
    web::{
        components::{Mark, Sign, Tone},
        error::Failure,
        format,
        i18n::words,
        session::Visitor,
        states,
    },
};

pub async fn tasks(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListReleasesRequest { page_size: 1000, page_token: String::new() };
    let releases = visitor.clients().releases().list_releases(request).await?.into_inner().releases;
    let mut tasks: Vec<Task> = releases.iter().filter_map(|release| step(visitor, release)).collect();
    for cycle in cycles(visitor).await?.into_iter().filter(|cycle| cycle.state() == cycle::State::Closed) {
        let year = cycle.year;
        if releases.iter().all(|release| release.year != year) {
            tasks.push(Task {
                title: say!(lang, "{year} 年结果还没有立稿", "The results of {year} have no draft yet"),
                href: format!("/publish/{year}"),
                mark: Mark::new(Sign::Empty, Tone::Need, t("待立稿", "To be drafted")),
                way: html! { (t("填报已截止，可以开始编制。", "Reporting has closed; compiling can begin.")) },
                due: None,
                action: Some(t("立稿", "Draft the release")),
            });
        }
    }
    Ok(tasks)
}

fn step(visitor: &Visitor, release: &Release) -> Option<Task> {
    use release::State;
    let lang = visitor.lang();
    let t = words(lang);
    let today = format::day(visitor.now());
    let ended = release.notice_end.parse().is_ok_and(|end: chrono::NaiveDate| end < today);
    let (action, way) = match release.state() {
        State::Draft | State::Unspecified => {
            (Some(t("编制", "Compile")), t("还没有编制出数据表。", "No tables have been compiled yet."))
        }
        State::Compiled => (
            Some(t("开始公示", "Open the notice")),
            t("数据表已编制，请核对。", "The tables are compiled; look them over."),
        ),
        _ if release.proposal.is_some() => {
            let own = visitor.account().map(|account| account.account_id.as_str());
            let proposer = release.proposal.as_ref().map(|proposal| proposal.account_id.as_str());
            if own == proposer {
                (None, t("等待另一位发布人确认。", "Waiting for another publisher to confirm."))
            } else {
                (
                    Some(t("确认发布", "Confirm")),
                    t("已有人提出发布，请核对。", "Publication is proposed; look it over."),
                )
            }
        }
        State::Notice if ended => {
            (Some(t("提出发布", "Propose publication")), t("公示期已满。", "The notice has ended."))
        }
        State::Notice => (None, t("公示期未满。", "The notice still stands.")),
        State::Published | State::Corrected if release.correction.is_some() => {
            (Some(t("继续更正", "Go on")), t("有一份更正在准备。", "A correction is being prepared."))
        }
        State::Published | State::Corrected | State::Withdrawn => return None,
    };
    Some(Task {
        title: release_title(lang, release),
        href: format!("/publish/{}", release.year),
        mark: states::release(lang, release.state()),
        way: html! { (way) },
        due: None,
        action,
    })
}
