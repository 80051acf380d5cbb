//! The people who sign in, and the panel of experts among them.

use zhijian_proto::identity::v1::Role as ProtoRole;

use super::{GenerateError, dice::Dice, names, schools::School};

/// What an account may do.
pub type Role = ProtoRole;

/// An account with its one role.
#[derive(Debug, Clone)]
pub struct Account {
    pub sign_in_name: String,
    pub display_name: String,
    pub role: Role,
    /// The code of the organisation where the role is held.
    pub organisation: String,
}

/// An expert of the panel.
#[derive(Debug, Clone)]
pub struct Reviewer {
    /// The sign-in name of the expert's account.
    pub sign_in_name: String,
    pub name: String,
    /// The employer's code.
    pub employer: String,
    /// Codes of past employers.
    pub past_employers: Vec<String>,
    /// Major classes, the first two digits of programme codes.
    pub expertise: Vec<String>,
    /// Entries of a round that the expert takes at most.
    pub max_load: i32,
}

/// Experts whom schools employ; the others belong to evaluation bodies.
const EMPLOYED_BY_SCHOOLS: usize = 24;

const SURNAMES: [&str; 36] = [
    "赵", "钱", "孙", "李", "吴", "郑", "王", "冯", "褚", "卫", "蒋", "杨", "朱", "尤", "何", "吕", "张",
    "孔", "严", "金", "陶", "姜", "戚", "邹", "喻", "柏", "窦", "章", "潘", "葛", "范", "彭", "鲁", "韦",
    "马", "苗",
];
const GIVEN: [&str; 40] = [
    "文博", "思源", "若云", "景和", "佩兰", "志诚", "雅琴", "建中", "晓岚", "明德", "静远", "承志", "玉成",
    "书涵", "立新", "慧敏", "国栋", "婉清", "振华", "安宁", "子衿", "长乐", "秋池", "望北", "怀谷", "映川",
    "清越", "如松", "令仪", "守拙", "南星", "远舟", "知夏", "慕白", "采薇", "修平", "乐山", "语堂", "同尘",
    "以宁",
];

/// An invented name, labelled.
pub(crate) fn invented_name(dice: &mut Dice) -> String {
    labelled(&format!("{}{}", dice.pick(&SURNAMES), dice.pick(&GIVEN)))
}

fn labelled(name: &str) -> String {
    format!("{name}（演示）")
}

/// The panel. The first has the sign-in name `reviewer` and is an evaluation body's, so that no school's programmes are
/// closed to that account.
pub(crate) fn reviewers(schools: &[School], bodies: &[String]) -> Result<Vec<Reviewer>, GenerateError> {
    let mut dice = Dice::of("reviewers");
    let people = names::reviewers()?;
    let weights: Vec<u64> = schools.iter().map(|school| school.enrolment).collect();
    let mut employers: Vec<String> = dice
        .draw(EMPLOYED_BY_SCHOOLS, &weights)
        .into_iter()
        .map(|school| schools[school].code.clone())
        .collect();
    let by_bodies = people.len().saturating_sub(employers.len());
    employers.extend((1..by_bodies).map(|index| bodies[index % bodies.len()].clone()));
    dice.shuffle(&mut employers);
    employers.insert(0, bodies[0].clone());
    Ok(people
        .into_iter()
        .zip(employers)
        .enumerate()
        .map(|(index, ((name, expertise), employer))| {
            let past = if index > 0 && dice.chance(28) { dice.weighted(&weights) } else { None };
            Reviewer {
                sign_in_name: if index == 0 {
                    "reviewer".into()
                } else {
                    format!("reviewer-{:02}", index + 1)
                },
                name: labelled(&name),
                past_employers: past
                    .map(|school| schools[school].code.clone())
                    .filter(|code| *code != employer)
                    .into_iter()
                    .collect(),
                employer,
                expertise,
                max_load: dice.between(13, 17) as i32,
            }
        })
        .collect())
}

/// Every account but the commission's, which the set-up opens: chair, two publishers, schools, districts,
/// experts.
/// `featured` is the school whose account is called `school`.
pub(crate) fn accounts(
    commission: &str,
    schools: &[School],
    featured: &str,
    districts: &[String],
    reviewers: &[Reviewer],
) -> Vec<Account> {
    let mut dice = Dice::of("accounts");
    let mut account = |sign_in_name: String, role, organisation: &str| Account {
        sign_in_name,
        display_name: invented_name(&mut dice),
        role,
        organisation: organisation.to_owned(),
    };
    let mut accounts = vec![
        account("chair".into(), Role::Chair, commission),
        account("publisher".into(), Role::Publisher, commission),
    ];
    for school in schools {
        let name = if school.code == featured { "school".into() } else { format!("school-{}", school.code) };
        accounts.push(account(name, Role::School, &school.code));
    }
    for district in districts {
        accounts.push(account(format!("district-{district}"), Role::School, district));
    }
    // Publishing takes two. Last of the drawn names, so that everybody else's stays what it was.
    accounts.push(account("publisher-2".into(), Role::Publisher, commission));
    accounts.extend(reviewers.iter().map(|reviewer| Account {
        sign_in_name: reviewer.sign_in_name.clone(),
        display_name: reviewer.name.clone(),
        role: Role::Reviewer,
        organisation: reviewer.employer.clone(),
    }));
    accounts
}
