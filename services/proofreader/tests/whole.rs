//! Whole reports, made up and consistent: nothing is said against them, and a slip put into one is found.
//!
//! `data/region.txt` is laid out as a region's report is (contents, lists, chapters, figures, tables, cases),
//! `data/province.txt` is one without tables, `data/names.txt` one full of names. All of them are 演示.

use zhijian_proofreader::{Finding, Options, Severity, check};

const REGION: &str = include_str!("data/region.txt");
const PROVINCE: &str = include_str!("data/province.txt");
const NAMES: &str = include_str!("data/names.txt");

fn wrong(text: &str) -> Vec<Finding> {
    check(text, &Options::default()).into_iter().filter(|f| f.severity != Severity::Info).collect()
}

#[test]
fn consistent_reports_are_left_alone() {
    for text in [REGION, PROVINCE, NAMES] {
        let told: Vec<String> =
            wrong(text).iter().map(|f| format!("{}: {} {}", f.line, f.rule, f.message_zh)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }
}

/// What is written, what takes its place (the last time it is written, unless it is part of a table or list), and the
/// class of the finding that must follow; any, where it is empty.
const SLIPS: &[(&str, &str, &str)] = &[
    ("招生总数为42099人", "招生总数为42909人", "arithmetic"),
    ("高职院校招生29812人", "高职院校招生29182人", "arithmetic"),
    ("增长8.25%；", "增长8.52%；", "arithmetic"),
    ("下降1.44%", "下降1.54%", "arithmetic"),
    ("在校生总数达10.86万人", "在校生总数达10.63万人", "arithmetic"),
    ("毕业生约3.05万人", "毕业生约3.15万人", "arithmetic"),
    ("较上一年减少77人", "较上一年减少79人", "arithmetic"),
    ("占专任教师总数的38.00%", "占专任教师总数的39.00%", "arithmetic"),
    ("1893人，占比40.14%", "1893人，占比41.14%", "arithmetic"),
    (
        "年支付企业兼职教师课酬3120.6万元，人均2.35万元",
        "年支付企业兼职教师课酬3120.6万元，人均3.25万元",
        "arithmetic",
    ),
    ("年均4000人次", "年均6000人次", "arithmetic"),
    (
        "行业导师1328人，其中高职院校1106人，中职学校222人",
        "行业导师1328人，其中高职院校1106人，中职学校212人",
        "arithmetic",
    ),
    ("4716\t3926\t8642", "4716\t3926\t8624", "arithmetic"),
    ("到账3967.4万元，较上年增长27.36%", "到账3967.4万元，较上年增长23.76%", "arithmetic"),
    ("获得知识产权项目412个，较上年增加27个", "获得知识产权项目412个，较上年增加37个", "arithmetic"),
    ("核增总额1860.5万元，校均97.9万元", "核增总额1860.5万元，校均89.7万元", "arithmetic"),
    ("累计解决技术难题316项", "累计解决技术难题361项", "arithmetic"),
    ("总面积达1860亩", "总面积达1680亩", "arithmetic"),
    ("占全省高职院校横向技术服务到账的21.68%", "占全省高职院校横向技术服务到账的26.18%", "arithmetic"),
    (
        "社会培训总收入8264.8万元，较上年增加671.75万元",
        "社会培训总收入8264.8万元，较上年增加617.75万元",
        "arithmetic",
    ),
    (
        "社会培训总量达18.65万人次，较上年增长8.54%",
        "社会培训总量达18.65万人次，较上年增长9.54%",
        "arithmetic",
    ),
    ("占比52.65%", "占比56.25%", "arithmetic"),
    ("全年开课386门次", "全年开课368门次", "arithmetic"),
    ("其中春季20门、秋季22门", "其中春季20门、秋季25门", "arithmetic"),
    ("平均每门课程30人", "平均每门课程36人", "arithmetic"),
    ("联合培养学生1265人", "联合培养学生1256人", ""),
    ("合计\t\t73\t508.5\t1265", "合计\t\t73\t505.8\t1265", "arithmetic"),
    (
        "国家级技能大师工作室7个、省级31个、市级50个",
        "国家级技能大师工作室7个、省级31个、市级60个",
        "arithmetic",
    ),
    ("金奖1项、银奖2项、铜奖2项，共5项", "金奖1项、银奖2项、铜奖2项，共6项", "arithmetic"),
    ("覆盖师生15.6万人次，平均每场500人次", "覆盖师生15.6万人次，平均每场300人次", "arithmetic"),
    ("落实去向379人，落实率98.19%", "落实去向379人，落实率99.18%", "arithmetic"),
    ("学历留学生548人、非学历留学生314人", "学历留学生584人、非学历留学生314人", "arithmetic"),
    ("较上年增加126人，增长17.12%", "较上年增加126人，增长12.17%", "arithmetic"),
    ("开办境外办学机构9个，其中", "开办境外办学机构8个，其中", "arithmetic"),
    ("接收国外留学生862人，来自", "接收国外留学生826人，来自", ""),
    (
        "成员包括8所高职院校、5所中职学校和14家企业，共27家单位",
        "成员包括8所高职院校、5所中职学校和14家企业，共28家单位",
        "arithmetic",
    ),
    ("英、法、泰三种语言", "英、法、泰四种语言", "arithmetic"),
    ("企业共6385家，较上年增加573家", "企业共6385家，较上年增加537家", "arithmetic"),
    ("企业捐赠设备值9026.4万元，较上年增长8.2%", "企业捐赠设备值9026.4万元，较上年增长9.2%", "arithmetic"),
    ("技术合同年收入2897.3万元，为", "技术合同年收入2987.3万元，为", ""),
    ("有30个，占比73.2%", "有30个，占比77.2%", "arithmetic"),
    ("成员单位达1123家", "成员单位达1132家", "arithmetic"),
    ("36人取得高级工证书，占75%", "36人取得高级工证书，占80%", "arithmetic"),
    ("留用率83.33%", "留用率88.33%", "arithmetic"),
    ("较上年增加2.15亿元，增幅4.81%", "较上年增加2.15亿元，增幅5.81%", "arithmetic"),
    ("占62.73%；事业", "占67.23%；事业", "arithmetic"),
    ("13.06\t12.61\t3.57%", "13.06\t12.61\t5.37%", "arithmetic"),
    ("合计\t46.82\t44.67", "合计\t46.82\t44.76", "arithmetic"),
    (
        "中央财政1.2亿元、省级财政2.1亿元、学校自筹1.3亿元",
        "中央财政1.2亿元、省级财政2.1亿元、学校自筹1.8亿元",
        "arithmetic",
    ),
    ("由2.04万元增至2.19万元，增长7.35%", "由2.04万元增至2.19万元，增长9.35%", "arithmetic"),
    ("通过率为66.67%", "通过率为76.67%", "arithmetic"),
    ("达标率92.68%", "达标率96.28%", "arithmetic"),
    ("分别占28.1%、55.5%、16.4%", "分别占28.1%、55.5%、14.6%", "arithmetic"),
    ("良好\t71\t55.5%", "良好\t71\t56.5%", "arithmetic"),
    ("合格\t21\t16.4%\n合计\t128", "合格\t21\t16.4%\n合计\t138", "arithmetic"),
    ("经费总收入为46.82亿元", "经费总收入为46.28亿元", ""),
    ("社会培训总收入8264.8万元，", "社会培训总收入8246.8万元，", ""),
    ("三走进、四课堂”育人行动", "三走进、四课堂、五实践”育人行动", "contradiction"),
    ("三走进、四课堂”育人行动", "三走近、四课堂”育人行动", "contradiction"),
    ("（见图2-2）", "（见图2-3）", "reference"),
    ("（图4-1）", "（图4-2）", "reference"),
    ("（见表6-1）", "（见表6-2）", "reference"),
    (
        "图 2-2 社区老年智能手机课堂（河北省临江市职业中等专业学校）\t11",
        "图 2-2 社区老年智能手机课程（河北省临江市职业中等专业学校）\t11",
        "reference",
    ),
    ("\n图 4-2 “丝路工匠学堂”揭牌现场（河北机电职业大学）\n\n", "\n", "reference"),
    ("（二）海外办学\n", "（三）海外办学\n", "reference"),
    ("案例 5-1", "案例 5-2", "reference"),
    ("表 2-2 部分学校对口支援情况\t12", "表 2-2 部分学校对口支援情况\t42", "reference"),
    ("2. 聚焦企业需求，攻克技术难题\t9", "2. 聚焦企业需求，破解技术难题\t9", "reference"),
    (
        "案例 4-1 从“单打独斗”到“抱团出海”（河北机电职业大学）",
        "案例 4-1 从“单打独斗”到“抱团出海”（河北机电职业技术大学）",
        "name",
    ),
    ("河北交通职业技术学院招收", "河北交通职业学院招收", "name"),
    ("河北省临江市职业中等专业学校联合6个", "河北省临江市中等职业学校联合6个", "name"),
    ("河北省第二轻工业学校实施", "河北省二轻工业学校实施", "name"),
    ("河北云桥农业职业学院围绕", "河北云桥农业职业学校围绕", "name"),
    ("河北商贸职业学院依托", "河北商贸职业学院学院依托", ""),
    ("2025年3月，智能装备", "2025年11月，智能装备", "form"),
    ("2025年5月揭牌", "2026年5月揭牌", "form"),
    ("年均4000人次。", "年均4000人次。。", "form"),
    ("“银龄学堂”，开设", "“银龄学堂，开设", "form"),
    ("（以下简称“联盟”）", "（以下简称“联盟”", "form"),
    ("社会服务能力明显增强。\n", "社会服务能力明显\n", "form"),
    ("累计时长58.3万小时", "累计累计时长58.3万小时", "form"),
    ("网上报名开通后", "联系电话13812345678，网上报名开通后", "form"),
    ("41\t--\n国外办学机构数", "41\t—\n国外办学机构数", "form"),
    ("面向“一老一小”", "面向“一老一小”的的", "form"),
    ("数据来源：各学校对口支援工作总结（2025年）\n", "", "source"),
    ("数据来源：《演示省职业院校教学诊断与改进复核公报（2025年）》\n", "", "source"),
    (
        "河北商贸职业学院依托3个校区",
        "河北商贸职业学院实施“三走进、四课堂”育人行动，依托3个校区",
        "duplication",
    ),
];

/// The same for names: whatever finds it.
const MISSPELT: &[(&str, &str)] = &[
    ("“丝路工匠学院”在曼谷", "“丝路工匠学堂”在曼谷"),
    ("与省非物质文化遗产保护中心共建", "与省非物质文化保护中心共建"),
    ("构建“一核两翼三融”", "构建“一核两翼四融”"),
    ("构建“一核两翼三融”非遗传承模式", "构建“一核两翼三融合”非遗传承模式"),
    ("李明华领衔", "李明花领衔"),
    ("图 4-1 李明华", "图 4-1 李名华"),
    ("联合燕钢集团有限公司、远航", "联合燕钢集团公司、远航"),
    ("与远航汽车股份有限公司在泰国", "与远航汽车有限公司在泰国"),
    ("省智能装备产教联合体建设了", "省智能装备产业联合体建设了"),
    ("全国新能源汽车行业产教融合共同体发布", "全国新能源汽车产教融合共同体发布"),
    ("落实《关于深化现代职业教育体系建设改革的实施意见》", "落实《关于深化现代职业教育体系改革的实施意见》"),
    ("“五纵五横一平台”质量保障体系覆盖", "“五纵五横一平台”质量保证体系覆盖"),
    ("“五纵五横一平台”质量保障体系覆盖", "“五横五纵一平台”质量保障体系覆盖"),
    ("河北交通职业技术学院获金奖", "河北交通职业学院获金奖"),
    ("河北交通职业技术学院获金奖", "河北交通技术职业学院获金奖"),
    ("河北交通职业技术学院获金奖", "河北省交通职业技术学院获金奖"),
    ("河北工艺美术职业学院构建", "河北工艺美术学院构建"),
    ("河北工艺美术职业学院构建", "河北工艺美木职业学院构建"),
];

#[test]
fn a_slip_in_a_region_s_report_is_found() {
    let missed: Vec<String> = SLIPS
        .iter()
        .filter(|(written, slip, class)| {
            let listed = written.contains('\t');
            let at = if listed { REGION.find(written) } else { REGION.rfind(written) };
            let at = at.unwrap_or_else(|| panic!("{written} is not written"));
            let text = format!("{}{slip}{}", &REGION[..at], &REGION[at + written.len()..]);
            !wrong(&text).iter().any(|f| class.is_empty() || f.class.to_string() == *class)
        })
        .map(|(written, slip, class)| format!("{class}: {written} → {slip}"))
        .collect();
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), SLIPS.len(), missed.join("\n"));
}

#[test]
fn a_name_spelt_otherwise_once_is_found() {
    let missed: Vec<String> = MISSPELT
        .iter()
        .filter(|(written, slip)| {
            assert!(NAMES.contains(written), "{written} is not written");
            wrong(&NAMES.replacen(written, slip, 1)).is_empty()
        })
        .map(|(written, slip)| format!("{written} → {slip}"))
        .collect();
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), MISSPELT.len(), missed.join("\n"));
}
