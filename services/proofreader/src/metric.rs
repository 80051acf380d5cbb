//! What a label measures, without the words that only dress it.

use std::sync::LazyLock;

use regex::Regex;

use crate::scope::scopes;

/// A label reduced to what it measures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Metric {
    /// The characters that say what is measured, in order of the text.
    pub key: String,
    /// Scope words (高职, 中职, …), taken out of the key.
    pub scope: Vec<&'static str>,
    /// The verb the label began with, such as 建成 or 主持.
    pub verb: &'static str,
}

static DRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "（[^（）]*）|\\d{4}年度?|[“”‘’《》、，·\\s]|北京市?|全市|全省|我市|我省|各类|各级|学年|全年|年度",
    )
    .expect("pattern")
});

const SCOPE_WORDS: &[&str] = &[
    "高等职业院校",
    "高等职业学校",
    "中等职业学校",
    "高职院校",
    "高职学校",
    "中职学校",
    "高职",
    "中职",
    "职业院校",
    "职业学校",
];

const VERBS: &[&str] = &[
    "建成", "主持", "拥有", "开设", "设有", "现有", "共有", "荣获", "获得", "获批", "入选", "打造", "完成",
    "累计", "建有", "具有", "有", "共",
];

const TAILS: &[&str] = &[
    "总数量",
    "总人数",
    "总数",
    "人数",
    "数量",
    "总量",
    "总额",
    "总值",
    "规模",
    "数",
    "占比",
    "比例",
    "比重",
    "率为",
];

impl Metric {
    pub fn of(label: &str) -> Self {
        let scope =
            scopes(label).into_iter().filter(|s| matches!(*s, "高职" | "中职" | "公办" | "民办")).collect();
        let mut key = DRESS.replace_all(label, "").into_owned();
        for word in SCOPE_WORDS {
            key = key.replace(word, "");
        }
        let mut verb = "";
        while let Some(found) = VERBS.iter().find(|v| key.starts_with(**v)) {
            verb = found;
            key.drain(..found.len());
        }
        while let Some(tail) = TAILS.iter().find(|t| key.ends_with(**t) && key.len() > t.len()) {
            key.truncate(key.len() - tail.len());
        }
        for (long, short) in
            [("国家级", "国家"), ("市级", "市"), ("省级", "省"), ("课程", "课"), ("型", ""), ("的", "")]
        {
            key = key.replace(long, short);
        }
        Self { key, scope, verb }
    }

    /// The key with its characters sorted: 专任教师双师 and 双师专任教师 measure the same thing.
    pub fn sorted(&self) -> String {
        let mut chars: Vec<char> =
            self.key.chars().filter(|c| !matches!(c, '总' | '额' | '量' | '数')).collect();
        chars.sort_unstable();
        chars.into_iter().collect()
    }

    /// Long enough to tell one measure from another.
    pub fn tells(&self) -> bool {
        self.key.chars().count() >= 4
    }
}

#[cfg(test)]
mod tests {
    use super::Metric;

    #[test]
    fn dress_does_not_matter() {
        assert_eq!(Metric::of("专任教师“双师”人数（人）").sorted(), Metric::of("“双师型”专任教师").sorted());
        assert_eq!(Metric::of("主持国家级在线精品课程数（门）").key, Metric::of("建成国家在线精品课").key);
        assert_eq!(Metric::of("高职院校校内实践教学场所").scope, ["高职"]);
        assert_ne!(Metric::of("校内实践教学场所数").key, Metric::of("校外实践教学场所数").key);
    }
}
