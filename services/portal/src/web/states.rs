//! States as words with a mark.

use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    publication::v1::{VersionKind, release},
    review::v1::{Appeal, appeal, assignment, rectification, round},
    submission::v1::{RuleStage, RuleStanding, Severity, correction, cycle, extension, submission},
};

use super::{
    components::{Mark, Sign, Tone},
    i18n::words,
};

/// A submission's state.
pub fn submission(lang: Lang, state: submission::State) -> Mark {
    use submission::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Draft => Mark::new(Sign::Empty, Tone::Need, t("草稿", "Draft")),
        State::Approved => {
            Mark::new(Sign::Half, Tone::Need, t("已审定，待提交", "Approved, to be submitted"))
        }
        State::Submitted => Mark::new(Sign::Wait, Tone::Go, t("已提交", "Submitted")),
        State::UnderReview => Mark::new(Sign::Wait, Tone::Go, t("审核中", "Under review")),
        State::Returned => Mark::new(Sign::Back, Tone::Need, t("已退回", "Returned")),
        State::Accepted => Mark::new(Sign::Tick, Tone::Done, t("已接收", "Accepted")),
        State::Published => Mark::new(Sign::Public, Tone::Done, t("已发布", "Published")),
        State::Corrected => Mark::new(Sign::Public, Tone::Done, t("已更正", "Corrected")),
    }
}

/// All states of a submission, in the order in which it passes them.
pub const SUBMISSION_STATES: [submission::State; 8] = [
    submission::State::Draft,
    submission::State::Returned,
    submission::State::Approved,
    submission::State::Submitted,
    submission::State::UnderReview,
    submission::State::Accepted,
    submission::State::Published,
    submission::State::Corrected,
];

/// A state's short name in addresses.
pub fn submission_key(state: submission::State) -> &'static str {
    use submission::State;
    match state {
        State::Unspecified => "",
        State::Draft => "draft",
        State::Approved => "approved",
        State::Submitted => "submitted",
        State::UnderReview => "under-review",
        State::Returned => "returned",
        State::Accepted => "accepted",
        State::Published => "published",
        State::Corrected => "corrected",
    }
}

/// The state of that short name.
pub fn submission_from_key(key: &str) -> Option<submission::State> {
    SUBMISSION_STATES.into_iter().find(|state| submission_key(*state) == key)
}

/// Where a request for more time stands.
pub fn extension(lang: Lang, state: extension::State) -> Mark {
    use extension::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Requested => {
            Mark::new(Sign::Wait, Tone::Go, t("等教育主管部门决定", "Waits for a decision"))
        }
        State::Granted => Mark::new(Sign::Tick, Tone::Done, t("已同意", "Granted")),
        State::Refused => Mark::new(Sign::Cross, Tone::Quiet, t("未同意", "Refused")),
        State::Withdrawn => Mark::new(Sign::Back, Tone::Quiet, t("已撤回", "Withdrawn")),
    }
}

/// Where a correction stands.
pub fn correction(lang: Lang, state: correction::State) -> Mark {
    use correction::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Requested => {
            Mark::new(Sign::Wait, Tone::Go, t("等教育主管部门决定", "Waits for a decision"))
        }
        State::Refused => Mark::new(Sign::Cross, Tone::Quiet, t("未同意", "Refused")),
        State::Withdrawn => Mark::new(Sign::Back, Tone::Quiet, t("已撤回", "Withdrawn")),
        State::Open => Mark::new(Sign::Half, Tone::Need, t("正在更正", "Under way")),
        State::Cancelled => Mark::new(Sign::Back, Tone::Quiet, t("已取消", "Given up")),
        State::Done => Mark::new(Sign::Tick, Tone::Done, t("已更正", "Done")),
    }
}

/// A cycle's state.
pub fn cycle(lang: Lang, state: cycle::State) -> Mark {
    use cycle::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Draft => {
            Mark::new(Sign::Empty, Tone::Need, t("尚未开始", "Not open yet"))
        }
        State::Collecting => Mark::new(Sign::Half, Tone::Go, t("正在填报", "Collecting")),
        State::Closed => Mark::new(Sign::Wait, Tone::Quiet, t("已截止", "Closed")),
        State::Released => Mark::new(Sign::Public, Tone::Done, t("已发布", "Released")),
    }
}

/// A round's state.
pub fn round(lang: Lang, state: round::State) -> Mark {
    use round::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Draft => {
            Mark::new(Sign::Empty, Tone::Need, t("待分配", "To be assigned"))
        }
        State::Assigned => Mark::new(Sign::Half, Tone::Need, t("已分配，待开放", "Assigned, to be opened")),
        State::Scoring => Mark::new(Sign::Half, Tone::Go, t("评分中", "Scoring")),
        State::Finalised => Mark::new(Sign::Tick, Tone::Done, t("已定级", "Finalised")),
        State::Revealed => Mark::new(Sign::Public, Tone::Done, t("已向学校发布", "Shown to schools")),
    }
}

/// An assignment's state.
pub fn assignment(lang: Lang, state: assignment::State) -> Mark {
    let t = words(lang);
    match state {
        assignment::State::Submitted => Mark::new(Sign::Tick, Tone::Done, t("已提交", "Submitted")),
        assignment::State::Abstained => Mark::new(Sign::Cross, Tone::Quiet, t("已退出", "Given back")),
        _ => Mark::new(Sign::Empty, Tone::Need, t("待评分", "To be scored")),
    }
}

/// An appeal's state.
pub fn appeal(lang: Lang, appeal: &Appeal) -> Mark {
    use appeal::State;
    let t = words(lang);
    match appeal.state() {
        State::Unspecified | State::Filed => Mark::new(Sign::Wait, Tone::Need, t("待受理", "To be taken up")),
        State::Hearing => Mark::new(Sign::Half, Tone::Go, t("复评中", "Being heard")),
        State::Decided if appeal.upheld => Mark::new(Sign::Tick, Tone::Done, t("已支持，改评", "Upheld")),
        State::Decided => Mark::new(Sign::Cross, Tone::Quiet, t("已驳回", "Dismissed")),
        State::Withdrawn => Mark::new(Sign::Back, Tone::Quiet, t("已撤回", "Withdrawn")),
    }
}

/// A rectification's state.
pub fn rectification(lang: Lang, state: rectification::State) -> Mark {
    let t = words(lang);
    match state {
        rectification::State::Unspecified | rectification::State::Opened => {
            Mark::new(Sign::Warn, Tone::Need, t("待提交方案", "Plan due"))
        }
        rectification::State::Planned => Mark::new(Sign::Half, Tone::Need, t("方案已提交", "Plan handed in")),
        rectification::State::Mending => Mark::new(Sign::Half, Tone::Need, t("整改中", "Mending")),
        rectification::State::Claimed => Mark::new(Sign::Half, Tone::Need, t("待复查", "To be re-checked")),
        rectification::State::Rechecking => {
            Mark::new(Sign::Half, Tone::Need, t("复查中", "Being re-checked"))
        }
        rectification::State::Closed => Mark::new(Sign::Tick, Tone::Done, t("已结束", "Closed")),
    }
}

/// A release's state.
pub fn release(lang: Lang, state: release::State) -> Mark {
    use release::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Draft => {
            Mark::new(Sign::Empty, Tone::Need, t("草稿，待编制", "Draft, to be compiled"))
        }
        State::Compiled => {
            Mark::new(Sign::Half, Tone::Need, t("已编制，待公示", "Compiled, to go on notice"))
        }
        State::Notice => Mark::new(Sign::Wait, Tone::Go, t("公示中", "On public notice")),
        State::Published => Mark::new(Sign::Public, Tone::Done, t("已发布", "Published")),
        State::Corrected => Mark::new(Sign::Public, Tone::Done, t("已发布，有更正", "Published, corrected")),
        State::Withdrawn => Mark::new(Sign::Back, Tone::Need, t("已撤回", "Withdrawn")),
    }
}

/// What sort of version a release has.
pub fn version_kind(lang: Lang, kind: VersionKind) -> &'static str {
    let t = words(lang);
    match kind {
        VersionKind::Original | VersionKind::Unspecified => t("首次发布", "First publication"),
        VersionKind::Erratum => t("勘误", "Erratum"),
        VersionKind::Revision => t("修订", "Revision"),
        VersionKind::Addition => t("补充", "Addition"),
        VersionKind::Withdrawal => t("撤回", "Withdrawal"),
    }
}

/// How much a finding weighs. An explained warning no longer stands in the way.
pub fn severity(lang: Lang, severity: Severity, explained: bool) -> Mark {
    let t = words(lang);
    match severity {
        Severity::Error => Mark::new(Sign::Cross, Tone::Wrong, t("错误，须改正", "Error: must be mended")),
        Severity::Warning if explained => {
            Mark::new(Sign::Tick, Tone::Done, t("提醒，已说明", "Warning, explained"))
        }
        Severity::Warning => Mark::new(Sign::Warn, Tone::Need, t("提醒，须说明", "Warning: explain or mend")),
        Severity::Info | Severity::Unspecified => Mark::new(Sign::Empty, Tone::Quiet, t("提示", "Note")),
    }
}

/// How a check stands to the year before.
pub fn standing(lang: Lang, standing: RuleStanding) -> Mark {
    let t = words(lang);
    match standing {
        RuleStanding::New => Mark::new(Sign::Public, Tone::Go, t("新增", "New")),
        RuleStanding::Changed => Mark::new(Sign::Half, Tone::Need, t("有变动", "Changed")),
        RuleStanding::Carried | RuleStanding::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, t("沿用", "Carried over"))
        }
    }
}

/// What the checks of a stage look at.
pub fn stage(lang: Lang, stage: RuleStage) -> &'static str {
    let t = words(lang);
    match stage {
        RuleStage::Form => t("一、写法", "1. How it is written"),
        RuleStage::Structure => t("二、完整性", "2. Whether all is there"),
        RuleStage::Values => t("三、数值", "3. The values of a table"),
        RuleStage::Across => t("四、表间关系", "4. Across tables"),
        RuleStage::LastYear => t("五、与上年比较", "5. Against last year"),
        RuleStage::Platform => t("六、与平台数据比较", "6. Against the platforms"),
        RuleStage::Peers => t("七、与同类院校比较", "7. Against the peers"),
        RuleStage::Unspecified => t("其他", "Others"),
    }
}

/// A role's name.
pub fn role(lang: Lang, role: Role) -> &'static str {
    let t = words(lang);
    match role {
        Role::Unspecified => "",
        Role::School => t("填报单位", "School"),
        Role::Reviewer => t("评审专家", "Reviewer"),
        Role::Chair => t("评审组长", "Chair"),
        Role::Publisher => t("发布人", "Publisher"),
        Role::Commission => t("教育主管部门", "Commission"),
    }
}
