//! Words and marks of the lab.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{Severity, firing::Change, replay_rule::Standing};

use crate::web::{
    components::{Mark, Sign, Tone},
    i18n::words,
};

/// How a rule relates to the rules in force.
pub fn standing(lang: Lang, standing: Standing) -> Mark {
    let t = words(lang);
    match standing {
        Standing::New => Mark::new(Sign::Half, Tone::Need, t("新增", "New")),
        Standing::Changed => Mark::new(Sign::Warn, Tone::Need, t("有改动", "Changed")),
        Standing::Carried | Standing::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, t("沿用", "Carried over"))
        }
        Standing::Removed => Mark::new(Sign::Cross, Tone::Quiet, t("取消", "Removed")),
    }
}

/// Which rules find something.
pub fn change(lang: Lang, change: Change) -> Mark {
    let t = words(lang);
    match change {
        Change::New => Mark::new(Sign::Warn, Tone::Need, t("新提出", "New")),
        Change::Gone => Mark::new(Sign::Tick, Tone::Done, t("不再提出", "No longer")),
        Change::Same | Change::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, t("与现行相同", "Unchanged"))
        }
    }
}

/// The key of a change in addresses, and the change of a key.
pub const CHANGES: [(Change, &str); 3] =
    [(Change::New, "new"), (Change::Gone, "gone"), (Change::Same, "same")];

/// The change of this key; what is none of them does not filter.
pub fn change_of(key: &str) -> Change {
    CHANGES.iter().find(|(_, name)| *name == key).map_or(Change::Unspecified, |(change, _)| *change)
}

/// How much a finding weighs, in one word.
pub fn weight(lang: Lang, severity: Severity) -> &'static str {
    let t = words(lang);
    match severity {
        Severity::Error => t("错误", "error"),
        Severity::Warning => t("提醒", "warning"),
        Severity::Info => t("提示", "note"),
        Severity::Unspecified => "—",
    }
}

/// What it weighs now and weighed before, where that differs.
pub fn weights(lang: Lang, draft: Severity, in_force: Severity) -> Markup {
    html! {
        @match (draft, in_force) {
            (Severity::Unspecified, earlier) => (weight(lang, earlier)),
            (draft, Severity::Unspecified) => (weight(lang, draft)),
            (draft, earlier) if draft == earlier => (weight(lang, draft)),
            (draft, earlier) => { del { (weight(lang, earlier)) } " → " ins { (weight(lang, draft)) } },
        }
    }
}
