//! What the labels of parts say: whether they are of one kind, leave nothing out, overlap, or repeat the whole's name.

/// Groups of words of which each part of a whole has one: seeing two of them says that the parts are of one kind.
const CONTRASTS: &[&[&str]] = &[
    &["中职", "高职", "本科", "专科", "技工"],
    &["中专", "职业高中", "职高", "技工"],
    &["男", "女"],
    &["公办", "民办"],
    &["校内", "校外"],
    &["一等奖", "二等奖", "三等奖"],
    &["金", "银", "铜"],
    &["国家级", "省级", "市级", "校级"],
    &["非独立", "独立"],
    &["专任", "兼任", "兼职"],
    &["境内", "境外"],
    &["春季", "秋季"],
    &["博士", "硕士", "学士"],
    &["非学历", "学历"],
    &["线上", "线下"],
    &["中央", "省", "市", "自筹"],
];

/// Pairs that leave nothing out.
const COMPLETE: &[&[&str]] = &[
    &["男", "女"],
    &["公办", "民办"],
    &["校内", "校外"],
    &["非独立", "独立"],
    &["境内", "境外"],
    &["非学历", "学历"],
    &["线上", "线下"],
];

/// Words for groups that overlap with others: they do not add up.
const OVERLAPPING: &[&str] = &[
    "党员",
    "青年",
    "骨干",
    "双师",
    "名师",
    "以上",
    "少数民族",
    "困难",
    "留学",
    "累计",
    "新增",
    "参加",
    "获",
];

/// Words for groups of people or things that every other group may have a share in.
const CROSSING: &[&str] = &[
    "女",
    "职称",
    "学位",
    "学历",
    "硕士",
    "博士",
    "正高",
    "副高",
    "党员",
    "研究生",
    "省外",
    "国家级",
    "强企业",
    "上市",
    "龙头",
    "头部",
    "规上",
    "专精特新",
    "高新",
    "国企",
    "央企",
    "外资",
    "优秀",
    "重点",
    "特色",
];

/// Whether a label says that its group overlaps with others.
pub(super) fn overlaps(label: &str) -> bool {
    OVERLAPPING.iter().any(|word| label.contains(word))
}

/// Whether nothing in the labels says that the parts overlap.
pub(super) fn disjoint(labels: &[&str]) -> bool {
    labels.iter().all(|l| !OVERLAPPING.iter().chain(CROSSING).any(|w| l.contains(w)))
}

/// Whether a part repeats the name of the whole: 技能大师工作室88个，其中国家级技能大师工作室7个.
pub(super) fn names_its_whole(parts: &[&str], whole: &str) -> bool {
    let noun = crate::text::last_chars(whole, 4);
    noun.chars().count() == 4 && parts.iter().any(|p| p.contains(noun))
}

/// Whether the parts are a pair that leaves nothing out.
pub(super) fn leaves_nothing_out(labels: &[&str]) -> bool {
    contrast(labels, COMPLETE)
}

/// Parts that are counted alike: by contrast words or by a common ending.
pub(super) fn of_one_kind(labels: &[&str]) -> bool {
    contrast(labels, CONTRASTS) || common_ending(labels) >= 2
}

fn contrast(labels: &[&str], groups: &[&[&str]]) -> bool {
    groups.iter().any(|group| {
        let used: Vec<Option<usize>> =
            labels.iter().map(|l| group.iter().position(|w| l.contains(w))).collect();
        used.iter().all(Option::is_some) && {
            let mut distinct: Vec<usize> = used.into_iter().flatten().collect();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.len() == labels.len() && labels.len() >= 2
        }
    })
}

/// Characters all labels end with.
fn common_ending(labels: &[&str]) -> usize {
    let Some((first, others)) = labels.split_first() else { return 0 };
    first
        .chars()
        .rev()
        .enumerate()
        .take_while(|&(i, c)| others.iter().all(|o| o.chars().rev().nth(i) == Some(c)))
        .count()
}
