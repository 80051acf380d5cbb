//! What two labels have in common: their nouns, and the scopes that keep them apart.

/// Words that set a scope; two labels with different words of one group speak of different things.
const SCOPES: &[&[&str]] = &[
    &["高职", "中职", "高等职业", "中等职业"],
    &["职业高中", "中专", "技工"],
    &["公办", "民办"],
    &["校内", "校外"],
    &["国家级", "省级", "市级", "校级"],
    &["男", "女"],
    &["横向", "纵向"],
    &["本科", "专科"],
    &["博士", "硕士"],
    &["境内", "境外", "国内", "国外"],
    &["新增", "撤销"],
];

/// Characters too common in these reports to make two labels speak of the same thing.
const COMMON: &[&str] = &[
    "北京", "职业", "院校", "学校", "学院", "教育", "总数", "人数", "数量", "全市", "全省", "高职", "中职",
    "职院", "业院", "业学", "年共", "总量", "共有",
];

/// Whether two labels name different scopes of one kind.
pub(crate) fn scopes_clash(a: &str, b: &str) -> bool {
    SCOPES.iter().any(|group| {
        let in_a: Vec<bool> = group.iter().map(|w| a.contains(w)).collect();
        let in_b: Vec<bool> = group.iter().map(|w| b.contains(w)).collect();
        in_a.contains(&true) && in_b.contains(&true) && in_a != in_b
    })
}

/// Scope words of a label, in a fixed order.
pub(crate) fn scopes(label: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for word in SCOPES.iter().flat_map(|g| g.iter()) {
        if label.contains(word) {
            let word = match *word {
                "高等职业" => "高职",
                "中等职业" => "中职",
                other => other,
            };
            if !found.contains(&word) {
                found.push(word);
            }
        }
    }
    found
}

/// Whether two labels share two characters in a row that mean something.
pub(crate) fn share_a_noun(a: &str, b: &str) -> bool {
    let chars: Vec<char> = a.chars().filter(|c| c.is_alphanumeric()).collect();
    chars.windows(2).any(|pair| {
        let pair: String = pair.iter().collect();
        !COMMON.contains(&pair.as_str()) && b.contains(&pair)
    })
}
