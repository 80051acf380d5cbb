//! Invented text for the benches of the search.

/// What reports speak of.
const WORDS: &[&str] = &[
    "学校",
    "人才培养",
    "产教融合",
    "校企合作",
    "现场工程师",
    "双师型教师",
    "课程标准",
    "教材建设",
    "实训基地",
    "技能大赛",
    "立德树人",
    "思政课程",
    "贯通培养",
    "社会培训",
    "乡村振兴",
    "社区教育",
    "京津冀协同",
    "职教出海",
    "来华留学",
    "数字化转型",
    "虚拟仿真",
    "质量保障",
    "诊断改进",
    "师资队伍",
    "专业群",
    "高水平",
    "企业导师",
    "订单培养",
    "就业质量",
    "升学率",
    "工匠精神",
    "非遗传承",
    "红色文化",
    "国际交流",
    "标准输出",
    "科教融汇",
    "创新创业",
    "岗位实习",
    "学分银行",
    "终身学习",
    "轨道交通",
    "学前教育",
    "护理",
    "烹饪",
    "新能源汽车",
    "人工智能",
    "集成电路",
    "生物医药",
    "文物修复",
    "园林技术",
];
/// What stands between words.
const FILL: &[&str] = &[
    "，",
    "，",
    "。",
    "的",
    "与",
    "，推进",
    "，深化",
    "，形成",
    "，覆盖",
    "名学生参与",
    "个项目",
    "2025年",
    "94.26%",
    "AI",
];

/// A generator of pseudo-random numbers: the same on every run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `below`.
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    /// Few words are frequent and many are rare, as in any text.
    pub fn word(&mut self) -> &'static str {
        let (one, other) = (self.roll(WORDS.len()), self.roll(WORDS.len()));
        WORDS[one.min(other)]
    }

    /// So many words, and what stands between them.
    pub fn text(&mut self, words: usize) -> String {
        (0..words).flat_map(|_| [self.word(), FILL[self.roll(FILL.len())]]).collect()
    }

    /// What the search number `round` asks for: one to four words, frequent and rare ones; one character now and then.
    pub fn query(&mut self, round: usize) -> String {
        let words: Vec<&str> = (0..=self.roll(4)).map(|_| WORDS[self.roll(WORDS.len())]).collect();
        if round.is_multiple_of(50) { "课".to_owned() } else { words.join(" ") }
    }
}
