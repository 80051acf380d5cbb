//! Items under the procedures of 2026, at different steps of their way, so that every workplace has something to show. All invented,
//! and marked 演示.

use anyhow::Context as _;
use zhijian_proto::review::v1::{
    ApplyItemRequest, CreateProcedureRequest, FieldValue, Item, Share, TakeStepRequest,
};

use super::{
    Progress,
    people::People,
    request_id,
    work::{Tell, rpc},
};
use crate::demo::Region;

const YEAR: i32 = 2026;
/// Where documents of the demonstration would be.
const DOCUMENT: &str = "https://example.org/demonstration/document.pdf";

/// Procedures that gather by themselves what they are about, with the year whose things they gather.
const GATHERED: [(&str, i32); 2] = [("teaching-monitoring", YEAR), ("report-review", 2025)];

/// Who takes a step.
#[derive(Clone, Copy)]
enum By {
    School,
    Commission,
}

/// A step that is taken: by whom, which, how, and with which values.
type Taken = (By, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// An item: which school brings it (by its place), what it is called, and the steps that it has taken.
struct Brought {
    school: usize,
    title: &'static str,
    steps: &'static [Taken],
}

const APPLICATION: Taken = (
    By::School,
    "apply",
    "submit",
    &[
        ("licence-number", "演示-2026"),
        ("summary", "演示：本校开设六个专业，在校生一千二百人，上年年检合格。"),
    ],
);
const CLAIM: Taken = (
    By::School,
    "apply",
    "submit",
    &[("income", "128.5"), ("cost", "61.2"), ("claim", "24"), ("basis", DOCUMENT)],
);
const APPROVAL: Taken = (By::Commission, "approve", "approve", &[("approved", "20")]);
const NOMINATION: Taken = (
    By::School,
    "nominate",
    "nominate",
    &[("isbn", "978-7-000-00000-0"), ("editor", "演示主编"), ("form", "loose-leaf"), ("sample", DOCUMENT)],
);
const CASE: Taken = (
    By::School,
    "offer",
    "offer",
    &[
        ("chapter", "integration"),
        ("text", "演示：学校与园区企业共建实训中心，订单培养学生，共同编写活页式教材。"),
    ],
);
const SUMMARY: Taken = (
    By::School,
    "summary",
    "submit",
    &[("kind", "base"), ("completion", "96"), ("granted", "300"), ("spent", "288.4"), ("report", DOCUMENT)],
);

/// What is brought to each procedure.
const ITEMS: [(&str, &[Brought]); 5] = [
    (
        "private-inspection",
        &[
            Brought { school: 0, title: "", steps: &[] },
            Brought { school: 1, title: "", steps: &[APPLICATION] },
            Brought {
                school: 2,
                title: "",
                steps: &[
                    APPLICATION,
                    (
                        By::School,
                        "self-assessment",
                        "submit",
                        &[
                            ("placement-rate", "93.5"),
                            ("student-teacher-ratio", "17.2"),
                            ("report", DOCUMENT),
                        ],
                    ),
                ],
            },
        ],
    ),
    (
        "social-service",
        &[
            Brought { school: 0, title: "演示：2026年社会服务", steps: &[] },
            Brought { school: 1, title: "演示：2026年社会服务", steps: &[CLAIM, APPROVAL] },
            Brought {
                school: 3,
                title: "演示：2026年社会服务",
                steps: &[
                    CLAIM,
                    APPROVAL,
                    (
                        By::Commission,
                        "audit",
                        "pass",
                        &[("report-number", "演示审字〔2026〕1号"), ("opinion", "演示：账实相符。")],
                    ),
                    (By::Commission, "file", "file", &[("filing-number", "演示备〔2026〕1号")]),
                    (By::School, "distribute", "distribute", &[("notice", DOCUMENT)]),
                ],
            },
        ],
    ),
    (
        "textbook-selection",
        &[
            Brought { school: 0, title: "演示教材：智能产线安装与调试", steps: &[] },
            Brought { school: 1, title: "演示教材：社区护理实务", steps: &[NOMINATION] },
            Brought {
                school: 2,
                title: "演示教材：网店运营",
                steps: &[NOMINATION, (By::Commission, "check", "accept", &[])],
            },
        ],
    ),
    (
        "case-selection",
        &[
            Brought { school: 0, title: "演示案例：校企共建实训中心", steps: &[] },
            Brought { school: 1, title: "演示案例：现场工程师培养", steps: &[CASE] },
            Brought { school: 4, title: "演示案例：社区里的职业体验", steps: &[CASE] },
        ],
    ),
    (
        "project-acceptance",
        &[
            Brought { school: 0, title: "演示项目：智能制造实训基地", steps: &[SUMMARY] },
            Brought {
                school: 5,
                title: "演示项目：学前教育实训基地",
                steps: &[SUMMARY, (By::Commission, "check", "accept", &[])],
            },
        ],
    ),
];

/// Opens every procedure of the year and brings a few items to each.
pub(super) async fn open(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &People,
    region: &Region,
) -> anyhow::Result<()> {
    let total = GATHERED.len() + ITEMS.len();
    for (place, (scheme, year)) in GATHERED.into_iter().enumerate() {
        tell.tell("各类程序 / procedures", place, total);
        create(people, scheme, year).await?;
    }
    for (place, (scheme, items)) in ITEMS.into_iter().enumerate() {
        tell.tell("各类程序 / procedures", GATHERED.len() + place, total);
        let procedure_id = create(people, scheme, YEAR).await?;
        for brought in items {
            bring(people, region, scheme, &procedure_id, brought).await?;
        }
    }
    tell.tell("各类程序 / procedures", total, total);
    Ok(())
}

async fn create(people: &People, scheme: &str, cycle_year: i32) -> anyhow::Result<String> {
    let request = CreateProcedureRequest {
        request_id: request_id(&format!("procedure {scheme} {cycle_year}")),
        cycle_year,
        scheme_code: scheme.to_owned(),
    };
    let created = rpc!(people.commission(), procedures.create_procedure(request))?.procedure;
    Ok(created.with_context(|| format!("{scheme} was not opened"))?.procedure_id)
}

async fn bring(
    people: &People,
    region: &Region,
    scheme: &str,
    procedure_id: &str,
    brought: &Brought,
) -> anyhow::Result<()> {
    let school = region.schools.get(brought.school).context("the region has fewer schools")?;
    let name = format!("item {scheme} {}", school.code);
    let own = people.of_organisation(&school.code)?;
    let request = ApplyItemRequest {
        request_id: request_id(&name),
        procedure_id: procedure_id.to_owned(),
        organisation_code: school.code.clone(),
        title: brought.title.to_owned(),
        programme_code: String::new(),
    };
    let mut item: Item = rpc!(own, items.apply_item(request))?.item.unwrap_or_default();
    for (by, step, outcome, given) in brought.steps {
        let request = TakeStepRequest {
            request_id: request_id(&format!("{name} {step}")),
            item_id: item.item_id.clone(),
            etag: item.etag.clone(),
            step_code: (*step).to_owned(),
            outcome_code: (*outcome).to_owned(),
            values: values(step, given),
            comment: String::new(),
        };
        let caller = match by {
            By::School => own,
            By::Commission => people.commission(),
        };
        item = rpc!(caller, items.take_step(request))?.item.unwrap_or_default();
    }
    Ok(())
}

fn values(step: &str, given: &[(&str, &str)]) -> Vec<FieldValue> {
    let typed = given.iter().map(|(code, value)| FieldValue {
        field_code: (*code).to_owned(),
        value: (*value).to_owned(),
        shares: vec![],
    });
    // Of the twenty that were approved.
    let share = |label: &str, amount: &str| Share { label: label.to_owned(), amount: amount.to_owned() };
    let shares = (step == "distribute").then(|| FieldValue {
        field_code: "shares".to_owned(),
        value: String::new(),
        shares: vec![share("演示：培训中心", "12.6"), share("演示：技术服务团队", "7.4")],
    });
    typed.chain(shares).collect()
}
