//! What says who somebody is, taken out of a text before it leaves the house: numbers and addresses by their shape, names by the
//! titles beside them. Where it is in doubt it takes out: a word too many does not hurt, a name does.

use std::sync::LazyLock;

use regex::Regex;

/// The family names that most people have, the double ones first.
const FAMILY: &str = "欧阳|司马|上官|诸葛|慕容|皇甫|尉迟|东方|公孙|令狐|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边闫肖褚丰]";
/// Titles that stand before a name.
const BEFORE: &str = "副?(?:校长|书记|院长|主任|所长|处长|科长|局长|部长|董事长|总经理|厂长|会长|馆长)|法定代表人|法人代表|负责人|联系人|主持人|带头人|班主任|辅导员|教师|老师|教授|导师|讲师|工程师|技师|工匠|专家|学生|同学|校友|毕业生|家长";
/// Titles that stand behind one.
const BEHIND: &str = "老师|教授|讲师|校长|书记|院长|主任|所长|处长|科长|局长|部长|董事长|总经理|工程师|技师|大师|工匠|同学|同志|先生|女士|专家";

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let before = format!("((?:{BEFORE})(?:为|是|叫)?[:：、\\s]{{0,2}})(?:{FAMILY})(?:·|\\p{{Han}}){{1,2}}");
    let behind = format!("(?:{FAMILY})\\p{{Han}}{{1,2}}((?:{BEHIND}))");
    let number = |digits: &str| format!(r"(^|[^0-9A-Za-z]){digits}($|[^0-9A-Za-z])");
    [
        (r"[A-Za-z0-9._%+\-]+\s*@\s*[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+".to_owned(), "〔邮箱〕"),
        (number("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"), "$1〔代码〕$2"),
        (number("[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx]"), "$1〔证件号〕$2"),
        (number("[0-9]{15}"), "$1〔证件号〕$2"),
        (number(r"[0-9]{4}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?"), "$1〔账号〕$2"),
        (number(r"(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"), "$1〔电话〕$2"),
        (r"(^|[^0-9])[(（]?0[0-9]{2,3}[)）]?[ -]?[0-9]{7,8}($|[^0-9])".to_owned(), "$1〔电话〕$2"),
        (r"(?i:qq|微信|wechat)\s*号?\s*[:：]?\s*[A-Za-z0-9_\-]{5,20}".to_owned(), "〔账号〕"),
        (before, "$1〔姓名〕"),
        (behind, "〔姓名〕$1"),
    ]
    .into_iter()
    .filter_map(|(pattern, put)| Some((Regex::new(&pattern).ok()?, put)))
    .collect()
});

/// The text without names after or before titles, telephone numbers, identity numbers, mail addresses, account numbers and credit
/// codes. Full-width letters and digits become half-width.
pub fn redacted(text: &str) -> String {
    let mut text: String = text.chars().map(narrow).collect();
    for (pattern, put) in PATTERNS.iter() {
        // Twice: what stands between two neighbours belongs to the first match alone.
        for _ in 0..2 {
            text = pattern.replace_all(&text, *put).into_owned();
        }
    }
    text
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＠' | '．' | '－' | '＋' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), 10);
    }

    #[test]
    fn who_somebody_is_does_not_stay() {
        for (text, secret) in [
            ("校长王建国指出", "王建国"),
            ("联系人：李丽，电话 13812345678", "李丽"),
            ("联系人：李丽，电话 13812345678。", "13812345678"),
            ("欧阳明德教授主持", "欧阳明德"),
            ("电话：０１０－６２３４５６７８", "62345678"),
            ("办公室（010）62345678", "62345678"),
            ("身份证110101199003071234。", "110101199003071234"),
            ("证号 11010119900307123X", "11010119900307123X"),
            ("账号 6222 0212 3456 7890 123", "6222"),
            ("统一社会信用代码91110108MA01ABCD2K", "91110108MA01ABCD2K"),
            ("邮箱 zhang.san@example.edu.cn", "zhang.san"),
            ("手机 138-1234-5678、13912345678", "13912345678"),
            ("微信：zhang_san88", "zhang_san88"),
        ] {
            let left = redacted(text);
            assert!(!left.contains(secret), "{left}");
            assert!(left.contains('〔'), "{left}");
        }
    }

    #[test]
    fn what_says_nothing_of_anybody_stays() {
        for text in [
            "专任教师 4993 人，其中双师型教师 2026 人，占 40.58%。",
            "横向到款 2832.17 万元，设备总值 11.49 亿元。",
            "2024-09-01 至 2025-08-31，专业代码 710205，机构代码 3611000001。",
            "学校与 25 家企业合作，共建 IoT 实训基地 6 个。",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_number_of_a_telephone_stays_wherever_it_stands(
            before in "[学校企业，。 a-z]{0,20}", number in "1[3-9][0-9]{9}", behind in "[学校企业，。 ]{0,20}",
        ) {
            prop_assume!(!before.ends_with(|c: char| c.is_ascii_alphanumeric()));
            let text = format!("{before}{number}{behind}");
            prop_assert!(!redacted(&text).contains(&number));
        }

        #[test]
        fn nothing_more_is_found_the_second_time(text in "[校长王李建国老师，。0-9a-z@. ]{0,60}") {
            let once = redacted(&text);
            let digits = once.chars().filter(char::is_ascii_digit).count();
            prop_assert!(digits <= text.chars().filter(char::is_ascii_digit).count());
        }
    }
}
