//! Institutions in running text, found by their endings and by where their names can begin.

use std::ops::Range;

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub range: Range<usize>,
    pub name: String,
}

/// Endings of institutions' names.
const ENDINGS: &[&str] = &["职业教育中心", "学院", "大学", "学校", "高中", "中专"];

/// Endings that make a name by themselves, without a place before them.
const TELLING_ENDINGS: &[&str] = &[
    "职业技术学院",
    "职业技术大学",
    "职业技术学校",
    "职业教育中心学校",
    "职业教育中心",
    "中等专业学校",
    "职业学院",
    "职业大学",
    "职业学校",
    "职业高中",
    "技师学院",
    "技工学校",
    "工学院",
];

/// Places names begin with.
const PLACES: &[&str] = &[
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "内蒙古",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "广西",
    "海南",
    "四川",
    "贵州",
    "云南",
    "西藏",
    "陕西",
    "甘肃",
    "青海",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
    "台湾",
    "中国",
    "中央",
    "首都",
];

/// Words that end a name's reach to the left: what stands before them belongs to the sentence.
const STOPS: &[&str] = &[
    "组织",
    "参加",
    "参与",
    "开展",
    "推动",
    "实施",
    "指导",
    "支持",
    "教委",
    "院校",
    "地区",
    "全市",
    "全省",
    "联合",
    "合作",
    "所属",
    "开设",
    "举办",
    "承办",
    "通过",
    "构建",
    "打造",
    "现有",
    "共有",
    "各类",
    "高职",
    "中职",
    "独立设置",
    "招生",
    "试点",
    "依托",
    "包括",
    "例如",
    "其中",
    "以及",
    "协同",
    "携手",
    "聘请",
    "走进",
    "面向",
    "联动",
    "组建",
    "推进",
    "牵头",
    "附设",
    "普通",
    "本科",
    "市属",
    "公办",
    "民办",
    "优质",
    "示范",
    "荣获",
    "入选",
    "选派",
    "邀请",
    "围绕",
    "对接",
    "加强",
    "提升",
    "分别",
    "毕业于",
    "录取",
];

/// Single characters with the same effect.
const STOP_CHARS: &str = "与和及由在对为将从向的以被是赴给跟等到把让使并了着过于该此各某或而且如至";

/// Words that carry no name of their own.
const PLAIN: &[&str] = &[
    "职业技术",
    "职业教育",
    "职业",
    "技术",
    "高等",
    "中等",
    "专业",
    "高级",
    "专科",
    "技师",
    "技工",
    "市",
    "省",
    "区",
];

/// Longest name looked for, in characters before its ending.
const REACH: usize = 18;

/// All institutions named in a text, in order, longest reading first, none overlapping.
pub(crate) fn mentions(text: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut ends: Vec<(usize, &'static str)> = Vec::new();
    for ending in ENDINGS {
        ends.extend(text.match_indices(ending).map(|(at, _)| (at, *ending)));
    }
    ends.sort_unstable();
    let mut last_end = 0;
    for (index, &(at, ending)) in ends.iter().enumerate() {
        let end = at + ending.len();
        // 职业教育中心学校 ends with 学校, not before it.
        if ending == "职业教育中心" && ends.get(index + 1).is_some_and(|next| next.0 == end) {
            continue;
        }
        if at < last_end || !ends_a_name(&text[end..], ending) {
            continue;
        }
        if let Some(start) = start_of(&text[last_end..at], &text[last_end..end]) {
            let range = last_end + start..end;
            found.push(Mention { name: text[range.clone()].to_owned(), range });
        }
        last_end = end;
    }
    found
}

/// 大学生, 高中班, 学校长期 go on with another word.
fn ends_a_name(after: &str, ending: &str) -> bool {
    let next = after.chars().next().unwrap_or(' ');
    match ending {
        "大学" => next != '生' && next != '城',
        "高中" | "中专" => {
            !matches!(next, '班' | '部' | '阶' | '生' | '校' | '学' | '课' | '段' | '起' | '教')
        }
        "学院" => next != '派',
        _ => true,
    }
}

/// Where the name begins whose stem is `before` and whose whole reading so far is `whole`.
fn start_of(before: &str, whole: &str) -> Option<usize> {
    let reach = crate::text::last_chars(before, REACH);
    let base = before.len() - reach.len();
    let mut cut = 0;
    for (at, c) in reach.char_indices() {
        if !crate::text::is_han(c) || (STOP_CHARS.contains(c) && !within_name(reach, at)) {
            cut = at + c.len_utf8();
        }
    }
    for stop in STOPS {
        if let Some(at) = reach.rfind(stop) {
            cut = cut.max(at + stop.len());
        }
    }
    let stem = &reach[cut..];
    let place = PLACES.iter().filter_map(|p| stem.rfind(p).map(|at| (at, *p))).max();
    if let Some((at, place)) = place {
        let start = base + cut + at;
        return has_own_word(&whole[start + place.len()..]).then_some(start);
    }
    let start = base + cut;
    let name = &whole[start..];
    let ending = TELLING_ENDINGS.iter().find(|e| name.ends_with(**e))?;
    let stem = &name[..name.len() - ending.len()];
    let chars = stem.chars().count();
    let at_word_start = cut > 0 || reach.len() == before.len();
    (at_word_start && (2..=9).contains(&chars) && has_own_word(name)).then_some(start)
}

/// 高等, 中等, 对外 and 和平 belong to names although one of their characters usually ends one.
fn within_name(text: &str, at: usize) -> bool {
    ["对外", "和平"].iter().any(|w| text[at..].starts_with(w))
        || (text[at..].starts_with('等') && text[..at].ends_with(['高', '中', '初']))
}

/// The place a name begins with; empty where it begins with none.
pub(super) fn place_of(name: &str) -> &'static str {
    PLACES.iter().copied().find(|p| name.starts_with(p)).unwrap_or("")
}

/// Whether anything is left of a name once its plain words are taken away.
fn has_own_word(name: &str) -> bool {
    let mut rest = name.to_owned();
    for word in ENDINGS.iter().chain(PLAIN) {
        rest = rest.replace(word, "");
    }
    !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        mentions(text).into_iter().map(|m| m.name).collect()
    }

    #[test]
    fn names_are_cut_out_of_sentences() {
        assert_eq!(
            names("支持北京甲乙技师学院与北京丙丁职业技术学院联合培养80人、庚辛技师学院"),
            ["北京甲乙技师学院", "北京丙丁职业技术学院", "庚辛技师学院"]
        );
        assert_eq!(names("某市教委组织职业学校完成培训"), Vec::<String>::new());
        assert_eq!(names("北京市大学生体育协会和综合高中班"), Vec::<String>::new());
        assert_eq!(names("（河北省丙丁县职业教育中心）"), ["河北省丙丁县职业教育中心"]);
    }
}
