//! Why a release cannot make a move.

use zhijian_platform::{Error, written};

use super::{MAX_WORKING_DAYS, Notice, State};

/// Why a release cannot make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The public has seen the tables.
    #[error("the release is {0}")]
    Shown(State),
    /// There are no tables yet.
    #[error("the release has not been compiled")]
    NotCompiled,
    /// The notice is over the limit.
    #[error("a notice lasts at most {MAX_WORKING_DAYS} working days")]
    TooLong,
    /// The release has not been under notice.
    #[error("the release is {0}, not under notice")]
    NoNotice(State),
    /// The notice has not ended.
    #[error("the notice runs until {}", .0.end)]
    NoticeRuns(Notice),
    /// Objections wait for an answer.
    #[error("{0} objections wait for an answer")]
    ObjectionsOpen(u64),
    /// Somebody has proposed to publish.
    #[error("publication is proposed")]
    Proposed,
    /// Nobody has proposed to publish.
    #[error("publication has not been proposed")]
    NotProposed,
    /// Whoever proposes cannot confirm.
    #[error("the same person proposed the publication")]
    SamePerson,
    /// There is nothing to correct yet.
    #[error("the release is {0}, not published")]
    NotPublished(State),
    /// A correction is being prepared.
    #[error("a correction is being prepared")]
    CorrectionOpen,
    /// None is.
    #[error("no correction is being prepared")]
    NoCorrection,
    /// The correction's tables have not been computed.
    #[error("the correction has not been compiled")]
    CorrectionNotCompiled,
    /// A withdrawal has no tables.
    #[error("a withdrawal has no tables")]
    NothingToCompile,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::TooLong {
            return Self::invalid(
                "working_days",
                format!("公示期须为 0–{MAX_WORKING_DAYS} 个工作日。"),
                format!("A notice lasts 0–{MAX_WORKING_DAYS} working days."),
            );
        }
        let (zh, en) = words(refusal);
        Self::illegal_state("release", zh, en)
    }
}

fn words(refusal: Refusal) -> (String, String) {
    let fixed = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match refusal {
        Refusal::Shown(State::Withdrawn) => fixed(
            "发布已撤回，不能再改动；各版本仍可在原地址查阅。",
            "The release was withdrawn and can no longer be changed; its versions stay at their addresses.",
        ),
        Refusal::Shown(state) => {
            let name = state.name();
            (
                format!("发布{}，内容不能再改动：如需改动，请在发布之后另立更正。", name.zh),
                format!(
                    "The release is {}; it can no longer be changed. Once it is published, open a correction.",
                    name.en
                ),
            )
        }
        Refusal::NotCompiled => fixed(
            "发布还没有编制表格：请先编制，完成后再开始公示。",
            "The release has no tables yet: compile it first, then open the notice.",
        ),
        Refusal::TooLong => fixed("公示期太长。", "The notice is too long."),
        Refusal::NoNotice(state) => {
            let name = state.name();
            (
                format!("发布{}，尚未公示：请先公示，期满后再发布。", name.zh),
                format!(
                    "The release is {}: open the public notice first and publish when it has ended.",
                    name.en
                ),
            )
        }
        Refusal::NoticeRuns(notice) => {
            let end = written(notice.end);
            (
                format!("公示到{}为止：请在期满后发布。", end.zh),
                format!("The public notice runs through {}: publish after that.", end.en),
            )
        }
        Refusal::ObjectionsOpen(open) => (
            format!("还有 {open} 条异议没有答复：请逐条答复之后再发布。"),
            format!("{open} objections wait for an answer: answer each of them, then publish."),
        ),
        Refusal::Proposed => fixed(
            "已经有人提出发布：请由另一位发布人确认；要改动，请先撤回提议。",
            "Publication is proposed already: another publisher confirms it. To change anything, take the proposal back first.",
        ),
        Refusal::NotProposed => fixed(
            "还没有人提出发布：请一位发布人先提出，再由另一位确认。",
            "Nobody has proposed publication: one publisher proposes it, then another one confirms.",
        ),
        Refusal::SamePerson => fixed(
            "发布须由两个人完成：您已提出发布，请由另一位发布人确认。",
            "Publishing takes two people: you proposed it, so another publisher has to confirm.",
        ),
        Refusal::NotPublished(state) => {
            let name = state.name();
            (
                format!("发布{}，还没有发布过：发布之后才有更正。", name.zh),
                format!("The release is {}: corrections are for what has been published.", name.en),
            )
        }
        Refusal::CorrectionOpen => fixed(
            "已有一份更正在准备：请先发布或放弃它。",
            "A correction is being prepared already: publish it or give it up first.",
        ),
        Refusal::NoCorrection => fixed("现在没有在准备的更正。", "No correction is being prepared."),
        Refusal::CorrectionNotCompiled => fixed(
            "更正还没有重新编制表格：请先编制，核对差异之后再提出发布。",
            "The correction's tables have not been compiled: compile them and look over the differences, then propose.",
        ),
        Refusal::NothingToCompile => fixed(
            "撤回不需要编制表格：请直接提出发布。",
            "A withdrawal has no tables to compile: propose it as it is.",
        ),
    }
}
