//! How prose is read: statements that are right and must be left alone, and slips that must be found. The sentences are
//! made up; some figures are real: the first few come from national statistical bulletins (教育事业发展统计公报), those on
//! social service and cooperation from the tables of 北京市职业教育质量年度报告 2025.

use zhijian_proofreader::{
    Figure, Finding, FormerName, Options, OtherText, RegisteredName, Severity, Window, check,
};

fn wrong(text: &str) -> Vec<Finding> {
    check(text, &Options::default()).into_iter().filter(|f| f.severity != Severity::Info).collect()
}

fn rules(text: &str) -> Vec<&'static str> {
    wrong(text).into_iter().map(|f| f.rule).collect()
}

/// Statements without a mistake, most of them close to something that would be one.
const RIGHT: &[&str] = &[
    "一、概况\n\n二、队伍\n\n三、条件\n\n四、质量",
    "一、概况\n\n（一）规模\n\n共有学校50所。\n\n二、队伍\n\n教师稳定。",
    "全校有学生15200人、专任教师1000人，生师比为15.2:1。收入4767.7万元，是上年1723.23万元的2.77倍。",
    "实施“校内导师”指导制度和“校外导师”指导制度，建设“第一课堂”育人体系与“第二课堂”育人体系。",
    // Rounded figures, growth over last year, shares of a total named later or not at all.
    "全国共有幼儿园29.48万所，比上年增加3117所，增长1.07%。其中，普惠性幼儿园24.47万所，比上年增加1.06万所，增长4.55%，占全国幼儿园的比例83.00%。",
    "学前教育在园幼儿4805.21万人，比上年减少13.06万人，下降0.27%。其中，普惠性幼儿园在园幼儿4218.20万人，比上年增加135.37万人，增长3.32%，占全国在园幼儿的比例87.78%，比上年提高3.05个百分点。",
    "小学阶段招生1782.58万人，比上年减少25.51万人，下降1.41%；在校生1.08亿人，比上年增加54.58万人，增长0.51%。",
    "报名人数共有68.4万人。其中普通类50.97万人，比上年增加1.27万人（首选物理的有30.93万人，占比60.68%；首选历史的有20.04万人，占比39.32%）；对口升学类16.69万人，比上年增加1.49万人；其他约0.74万人，与上年基本持平。",
    // A whole and the shares of its groups.
    "专任教师总数1000人。其中，高职院校专任教师600人；中职学校专任教师400人。\n\n“双师型”专任教师共510人，占专任教师总数的51.0%。其中，高职院校“双师型”教师占比60.00%；中职学校“双师型”教师占比37.5%。",
    // Parts that overlap or leave a rest.
    "学校现有专任教师412人，其中女教师236人，高级职称教师151人，硕士以上学位教师305人，“双师型”教师288人。",
    "全年培训8600人次，其中面向企业职工3200人次、面向社区居民2100人次。",
    "建成实训基地46个，其中国家级3个、市级12个。",
    "高职院校25所，中职学校51所，其中公办60所。",
    "教师获奖62项，其中国家级8项；学生获奖315项，其中国家级21项、市级94项。",
    "经费总收入54.93亿元，其中财政拨款32.56亿元、事业收入10.21亿元。",
    // Changes against different years, averages, multiples.
    "技术服务收入达1.2亿元，比2020年增加4000万元，同比增长6.3%。",
    "参训人数3600人，比上年增加600人，年均增长12%。",
    "到账经费4767.7万元，比上年增加3044.47万元，增长176.68%，是五年前的3倍。",
    "就业率由92.1%提高到95.4%，提高3.3个百分点；合作企业由767家增加到7976家。",
    "规模从8家扩大到10家，覆盖面提高30%。",
    // The same measure for other groups, years and institutions.
    "高职毕业生就业率为93.15%，中职毕业生就业率为96.25%，其中公办院校毕业生就业率更高。",
    "2024年社会培训总量为220128人次，2025年社会培训总量为232441人次。",
    "一、高职院校\n\n在校学生满意程度指数为92.07%。\n\n二、中职学校\n\n在校学生满意程度指数为95.35%。",
    "甲乙职业学院技能大赛获奖学生总人数为36人。\n\n丙丁职业学院技能大赛获奖学生总人数为52人。",
    // Lists and counts.
    "围绕“大思政课”“公共基础课”“专业课”“人工智能”“出海”“社会服务”六大领域开展活动。",
    "形成“申报、审核、审计、备案、分配、评价”六个环节，联合3所学校（甲一学校、乙二学校、丙三学校）实施。",
    "与德国、法国等12个国家开展合作，面向5个省（河北、山西等）开展帮扶。",
    "推行“1+X”证书，开展“3+2”衔接培养，组建2+2+1项目班，培养5G人才，24级学生参加。",
    // Dates.
    "本报告以2024年9月1日至2025年8月31日为一个完整观测周期。\n\n2023年12月，市政府印发《行动计划》。自2024年3月起实施改革。到2027年，计划举办国际大赛。2025年6月，学校举办技能大赛。",
    // Words that look doubled.
    "以高水平服务服务首都发展，让研究研究生的人更专业，人人出彩，天天向上，一步一步推进。",
    // Names alike that are different.
    "丙丁工业职业学院与丙丁农业职业学院开展合作，丙丁科技大学和丙丁信息科技大学参与。",
    // Quotation marks and brackets.
    "坚持“以赛促教、以赛促学”，落实“岗课赛证”（含“1+X”证书）要求；实现“从‘有’到‘优’”的转变。",
    "（一）建立机制。一是完善制度；二是（1）加强管理；（2）提高质量。",
    // Tables.
    "表 1-1 各类数量\n\n类别\t数量\t占比\n甲\t19\t10.4%\n乙\t59\t32.4%\n丙\t104\t57.1%\n合计\t182\t100%\n数据来源：《统计公报》\n",
    "表 1-1 经费\n\n项目\t2025年\t2024年\t增长率\n财政拨款（万元）\t325600\t309200\t5.30%\n事业收入（万元）\t102100\t100500\t1.59%\n捐赠收入（万元）\t312\t289\t7.96%\n数据来源：《决算》\n",
    "表 1-1 师资\n\n学校\t教师数\t生师比\t合计\n甲校\t120\t12.3\t120\n乙校\t98\t11.8\t98\n丙校\t77\t13.1\t77\n数据来源：《统计》\n",
    "| 年度 | 收入（万元） |\n|---|---|\n| 2025年 | 10776.3 |\n| 2024年 | 9648.38 |\n\n全年收入为10776.3万元。",
    "三、服务贡献\n\n2025年，高职院校横向科研经费到账4767.7万元，较上年增长176.7%；获得知识产权项目数379个，较上年增加14个；社会培训总量达232441人次，社会培训总收入10776.3万元，分别较上年增长5.59%和11.69%（见表3-1）。\n\n表 3-1 高职院校社会服务情况\n\n年度\t学年横向科研经费到账（万元）\t获得知识产权项目数（个）\t社会培训总量（人次）\t社会培训总收入（万元）\n2025年\t4767.7\t379\t232441\t10776.3\n2024年\t1723.23\t365\t220128\t9648.38\n数据来源：《公报》\n",
    "表 5-1 国际交流\n\n指标\t单位\t2025年高职院校\t2025年中职学校\n开发并被采用的课程标准数量\t个\t204\t32\n开发并被采用的教材数量\t本\t39\t--\n接收国外留学生人数\t人\t1004\t172\n数据来源：《公报》\n\n高职院校接收国外留学生人数达1004人，中职学校接收国外留学生172人，职业院校开发并被采用的课程标准236个。",
    "表 6-1 高职院校合作情况\n\n年度\t校企合作企业总数（个）\n2025年\t7976\n2024年\t7211\n数据来源：《公报》\n\n中职学校校企合作企业总数为767个。",
];

/// A slip, and the rule that must find it.
const WRONG: &[(&str, &str)] = &[
    (
        "一、概况\n\n共有学校50所。\n\n二、队伍\n\n三、条件\n\n条件不断改善。\n\n四、质量\n\n质量稳步提高。",
        "form.empty-section",
    ),
    (
        "专任教师总数1000人。其中，高职院校专任教师600人；中职学校专任教师400人。\n\n“双师型”专任教师共512人，占专任教师总数的51.2%。其中，高职院校“双师型”教师占比60.00%；中职学校“双师型”教师占比37.50%。",
        "arithmetic.weighted-share",
    ),
    ("全校有学生15200人、专任教师920人，生师比为15.6:1。", "arithmetic.ratio"),
    ("收入4767.7万元，是上年1723.23万元的2.67倍。", "arithmetic.ratio"),
    ("开展“并行推进”集体备课。\n\n常态化开展“并行推动”集体备课活动。", "contradiction.model"),
    ("建设“津浦产业创新服务平台”。\n\n以“津浦产业创新服务平台区”为载体。", "name.quoted"),
    ("全国共有幼儿园29.48万所，比上年增加3117所，增长1.70%。", "arithmetic.growth"),
    ("毕业生2.75万人（其中，高职毕业生1.61万人，中职毕业生1.41万人）。", "arithmetic.sum"),
    ("获奖25项，其中一等奖5项、二等奖21项。", "arithmetic.sum"),
    ("全年培训8600人次，其中线上培训9100人次。", "arithmetic.part"),
    ("经费总收入54.93亿元，比上年增加2.69亿元，增长4.90%。", "arithmetic.growth"),
    ("满意度由92.1%提高到95.4%，提高3.8个百分点。", "arithmetic.from-to"),
    ("报名90人，合格72人，合格率81.20%。", "arithmetic.share"),
    (
        "专任教师820人，较上年减少16人，其中，高职教师500人，减少4人，中职教师320人，减少2人。",
        "arithmetic.change-sum",
    ),
    ("支出结构中，人员经费占52.3%，公用经费占30.1%，项目支出占16.6%。", "arithmetic.shares"),
    ("开展“宣传、培训、研讨、展示”五个环节的活动。", "arithmetic.list-count"),
    ("来自3个国家（德国、法国、日本、泰国）的学生参加。", "arithmetic.list-count"),
    (
        "表 1-1 数量\n\n类别\t甲类\t乙类\t合计\n一区\t3\t4\t7\n二区\t5\t6\t11\n三区\t2\t8\t11\n四区\t1\t1\t2\n数据来源：《公报》\n",
        "arithmetic.table-row",
    ),
    (
        "表 1-1 数量\n\n年份项目\t2025年\t2024年\t增长率\n甲项\t120\t100\t20.0%\n乙项\t90\t80\t12.5%\n丙项\t66\t60\t11.0%\n丁项\t55\t50\t10.0%\n数据来源：《公报》\n",
        "arithmetic.table-growth",
    ),
    (
        "表 3-1 社会服务情况\n\n年度\t社会培训总收入（万元）\n2025年\t10776.3\n2024年\t9648.38\n数据来源：《公报》\n\n2025年，社会培训总收入为10767.3万元。",
        "contradiction.table",
    ),
    (
        "选派30名骨干教师赴外地研修，实施“赋能远航”计划，提升治理水平。\n\n二、教师队伍\n\n实施“赋能远航”计划，选派35名骨干教师赴外地研修，提升治理水平。",
        "contradiction.aligned",
    ),
    (
        "甲乙职业学院为邻国举办轨道交通维修进修班，27名学员来校完成全部课程，得到媒体专题报道。\n\n二、国际合作\n\n甲乙职业学院为邻国举办轨道交通维修进修班，29名学员来校完成全部课程。",
        "contradiction.aligned",
    ),
    (
        "全市建成市级以上名师工作室136个。\n\n二、基地\n\n目前，市级以上名师工作室达到163个。",
        "contradiction.figure",
    ),
    (
        "联合16所骨干学校、行业协会及实训基地。\n\n又称联合18家骨干学校、行业协会与实训基地。",
        "contradiction.members",
    ),
    ("采用《复杂零件加工技术基础》教材。\n\n使用《零件加工技术基础》教材。", "contradiction.title"),
    ("创新“三环相扣、四步渐进”培养模式。\n\n“三环相扣、四渐进”培养模式成效明显。", "contradiction.model"),
    (
        "2025年，高职院校社会培训总量达232441人次，较上年增长5.95%。\n\n表 3-1 高职院校社会服务情况\n\n年度\t社会培训总量（人次）\n2025年\t232441\n2024年\t220128\n数据来源：《公报》\n",
        "arithmetic.text-table",
    ),
    (
        "表 2-1 高职院校要素\n\n项目\t2025年\n校企合作开发课程数（门）\t2651\n专任教师数（人）\t5173\n数据来源：《公报》\n\n表 6-1 高职院校合作\n\n年度\t校企合作开发课程数（门）\n2025年\t2561\n2024年\t2400\n数据来源：《公报》\n",
        "contradiction.tables",
    ),
    ("图 1-1 学校数量\n\n图 1-3 学生数量\n\n图 1-2 教师数量\n", "reference.order"),
    ("图 1-1 学校数量\n\n图 1-2 学生数量\n\n图 1-2 教师数量\n", "reference.duplicate-label"),
    ("图 1-1 学校数量\n\n图 1-3 学生数量\n", "reference.gap"),
    ("规模扩大（见图1-4）。\n\n图 1-1 学校数量\n", "reference.dangling"),
    (
        "一、概况\t1\n（一）规模\t1\n（二）队伍\t3\n\n一、概况\n\n（一）规模\n\n（二）师资队伍\n",
        "reference.contents-differ",
    ),
    ("一、概况\n\n（一）规模\n\n（三）队伍\n", "reference.heading-number"),
    ("河北丁戊职业学校、河北丁戊职业学校、河北丁戊学校参加。", "name.variant"),
    (
        "参加世界职业院校技能大赛。\n\n在世界职业院校技能大赛中，备战世界职业院校技能大赛，世界技能大赛再创佳绩。",
        "name.contest",
    ),
    (
        "本报告以2024年9月1日至2025年8月31日为一个完整观测周期。\n\n2025年10月，学校举办技能大赛。",
        "form.outside-window",
    ),
    (
        "本报告以2024年9月1日至2025年8月31日为一个完整观测周期。\n\n2024年5月，学校承办全国比赛并荣获金奖。",
        "form.outside-window",
    ),
    ("2025年2月30日举行活动。", "form.impossible-date"),
    ("学校坚持立德树人，，推进改革。", "form.doubled-mark"),
    ("学校坚持“立德树人，推进改革。", "form.unbalanced"),
    ("完善后勤后勤管理。", "form.doubled-word"),
    ("优化产业的的布局。", "form.doubled-word"),
    ("联系人手机13800138000。", "form.personal-identifier"),
    ("表 1-1 数量\n\n类别\t数量\n甲\t1\n乙\t2\n", "source.table"),
    ("甲乙职业学院提出“两核三层六专”矩阵。\n\n丙丁职业学院构建“两核三层六专”矩阵。", "duplication.slogan"),
];

/// Teachers with a senior title in two kinds of school, whose whole's share moved by `points`.
fn titles(points: &str) -> String {
    format!(
        "专任教师总数1000人，较上一年减少20人。其中，高职院校有专任教师600人，增加20人；中职学校专任教师400人，减少40人。\n\n\
         具有高级职称的教师381人，占专任教师总数为38.10%，较上一年提高{points}个百分点。其中，高职院校高级职称教师243人，\
         占比40.50%，提高0.50个百分点；中职学校高级职称教师138人，占比为34.50%，下降0.50个百分点。"
    )
}

#[test]
fn a_share_moves_with_the_shares_of_its_groups() {
    let told = |points: &str| {
        let found = check(&titles(points), &Options::default());
        found.into_iter().map(|f| (f.rule, f.severity, f.expected)).collect::<Vec<_>>()
    };
    assert_eq!(told("0.26"), []);
    assert_eq!(told("0.46"), [("arithmetic.weighted-change", Severity::Info, "0.26个百分点".to_owned())]);
}

#[test]
fn right_statements_are_left_alone() {
    let alarms: Vec<String> = RIGHT
        .iter()
        .flat_map(|text| {
            wrong(text)
                .into_iter()
                .map(move |f| format!("{}: {} | {}\n    {text}", f.rule, f.message_zh, f.computation))
        })
        .collect();
    assert!(alarms.is_empty(), "{} false alarms:\n{}", alarms.len(), alarms.join("\n"));
}

#[test]
fn slips_are_found() {
    let missed: Vec<String> = WRONG
        .iter()
        .filter(|(text, rule)| !rules(text).contains(rule))
        .map(|(text, rule)| format!("{rule} (found {:?})\n    {text}", rules(text)))
        .collect();
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn slips_bring_nothing_else_with_them() {
    let extra: Vec<String> = WRONG
        .iter()
        .filter_map(|(text, rule)| {
            let others: Vec<&str> = rules(text).into_iter().filter(|r| r != rule).collect();
            (!others.is_empty()).then(|| format!("{rule}: also {others:?}\n    {text}"))
        })
        .collect();
    assert!(extra.is_empty(), "{}", extra.join("\n"));
}

#[test]
fn former_and_misspelt_names_are_found_with_the_registry() {
    let registry = vec![RegisteredName {
        name: "甲省丙丁职业大学".into(),
        short: vec!["丙丁职大".into()],
        former: vec![FormerName {
            name: "甲省丙丁电子职业学院".into(), until: "2025-03-31".parse().ok()
        }],
    }];
    let window =
        Window { from: "2024-09-01".parse().expect("date"), to: "2025-08-31".parse().expect("date") };
    let options = Options { registry, window: Some(window), ..Options::default() };
    let rules = |text: &str| check(text, &options).into_iter().map(|f| f.rule).collect::<Vec<_>>();
    assert_eq!(rules("甲省丙丁电子职业学院参加活动。"), ["name.former"]);
    assert_eq!(rules("甲省丙丁职业大学（原甲省丙丁电子职业学院）参加活动。"), Vec::<&str>::new());
}

#[test]
fn text_and_tables_are_read_against_cells() {
    let figure = |name: &str, value: &str, unit: &str, place: &str| Figure {
        name: name.into(),
        value: value.parse().expect("decimal"),
        unit: unit.into(),
        place: place.into(),
    };
    let figures = vec![
        figure("毕业生人数", "1234", "人", "计分卡!C3"),
        figure("毕业去向落实率", "95.4", "%", "计分卡!C6"),
        figure("在校生满意度", "0.9207", "%", "满意度!C3"),
        figure("横向技术服务到款额", "723.45", "万元", "服务贡献!C8"),
        figure("教学仪器设备总值", "8220", "万元", "教学资源!C9"),
    ];
    let options = Options { figures, ..Options::default() };
    let told = |text: &str| {
        let found = check(text, &options).into_iter().filter(|f| f.severity != Severity::Info);
        found.map(|f| (f.rule, f.actual, f.expected)).collect::<Vec<_>>()
    };
    for right in [
        "学校毕业生人数1234人，毕业去向落实率为95.40%，在校生满意度达92.07%。",
        "学校横向技术服务到款额723.45万元，教学仪器设备总值0.82亿元。",
        "计划毕业生人数达到1500人。",
        "本报告以2024年9月1日至2025年8月31日为一个完整观测周期。\n\n2023年毕业生人数1100人。",
        "演示丙丁职业学院毕业生人数300人，演示甲乙职业学院毕业生人数934人。",
        "表 1-1 计分卡\n\n指标\t2025年\n毕业生人数（人）\t1234\n毕业去向落实率\t95.4%\n数据来源：《平台（2025年）》\n",
    ] {
        assert_eq!(told(right), [], "{right}");
    }
    let cell = |actual: &str, expected: &str| ("contradiction.cell", actual.to_owned(), expected.to_owned());
    assert_eq!(
        told("学校毕业生人数1243人，毕业去向落实率为94.5%。"),
        [cell("1243人", "1234人"), cell("94.5%", "95.4%")]
    );
    assert_eq!(told("全校教学仪器设备总值达8520万元。"), [cell("8520万元", "8220万元")]);
    assert_eq!(
        told(
            "表 1-1 计分卡\n\n指标\t2025年\nSC01毕业生人数（人）\t1324\n毕业去向落实率\t95.4%\n数据来源：《平台（2025年）》\n"
        ),
        [cell("1324人", "1234人")]
    );
    let own = "演示甲乙职业学院2025年质量年报。\n\n演示甲乙职业学院毕业生人数1235人。";
    assert_eq!(told(own), [cell("1235人", "1234人")]);
}

#[test]
fn passages_shared_with_other_reports_are_found() {
    let passage = "学校坚持以服务发展为宗旨，以促进就业为导向，深化产教融合、校企合作，推动专业链与产业链、人才链有效衔接，办学质量持续提高，社会认可度不断增强。";
    let text = format!("甲校报告。{passage}");
    let other = |text: &str| OtherText { title: "乙校".into(), text: text.to_owned() };
    let found = |options: &Options| check(&text, options).into_iter().map(|f| f.rule).collect::<Vec<_>>();
    let copied = format!("乙校开头不同。{passage}结尾也不同。");
    assert_eq!(found(&Options { others: vec![other(&copied)], ..Options::default() }), ["duplication.other"]);
    assert_eq!(
        found(&Options { previous: vec![other(&copied)], ..Options::default() }),
        ["duplication.previous"]
    );
    assert_eq!(
        found(&Options { others: vec![other("完全不同的内容。")], ..Options::default() }),
        Vec::<&str>::new()
    );
}
