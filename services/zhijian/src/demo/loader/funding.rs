//! Students by programme and performance of 2026, so that differentiated funding has something to work out. Invented: a
//! school's enrolment dealt out to its registered programmes.

use std::collections::BTreeMap;

use zhijian_proto::review::v1::{FundingHeadcount, FundingInput, FundingPerformance, SetFundingInputRequest};

use super::{
    Progress,
    people::People,
    request_id,
    work::{Tell, rpc},
};
use crate::demo::Region;

const YEAR: i32 = 2026;

/// Enters every school's that has programmes.
pub(super) async fn inputs(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &People,
    region: &Region,
) -> anyhow::Result<()> {
    let mut programmes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for programme in region.programmes.iter().filter(|programme| programme.runs()) {
        programmes.entry(&programme.school).or_default().push(&programme.code);
    }
    let inputs = region
        .schools
        .iter()
        .enumerate()
        .filter_map(|(place, school)| {
            Some(input(place, &school.code, school.enrolment, programmes.get(school.code.as_str())?))
        })
        .collect();
    tell.each("差异化拨款 / funding", inputs, |input: FundingInput| {
        let commission = people.commission().clone();
        async move {
            let request = SetFundingInputRequest {
                request_id: request_id(&format!("funding {}", input.organisation_code)),
                input: Some(input),
            };
            rpc!(commission, funding.set_funding_input(request))
        }
    })
    .await?;
    Ok(())
}

fn input(place: usize, school: &str, enrolment: u64, codes: &[&str]) -> FundingInput {
    let mut codes: Vec<&str> = codes.to_vec();
    codes.sort_unstable();
    codes.dedup();
    // The first ones are the larger: weights n, n - 1, … 1.
    let weights: u64 = (1..=codes.len() as u64).sum();
    let students = |at: usize| enrolment * (codes.len() - at) as u64 / weights.max(1);
    let headcounts = codes
        .iter()
        .enumerate()
        .map(|(at, code)| FundingHeadcount {
            programme_code: (*code).to_owned(),
            students: i32::try_from(students(at)).unwrap_or(i32::MAX),
        })
        .collect();
    // 0.95, 1.00, 1.05, 1.10 in turns.
    let quality = format!("{}.{:02}", (95 + 5 * (place % 4)) / 100, (95 + 5 * (place % 4)) % 100);
    FundingInput {
        year: YEAR,
        organisation_code: school.to_owned(),
        headcounts,
        performance: vec![FundingPerformance { part_code: "quality".into(), coefficient: quality }],
        demonstration: true,
        etag: String::new(),
    }
}
