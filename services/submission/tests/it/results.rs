use futures::{StreamExt, TryStreamExt, stream};
use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

async fn accepted(
    clients: Clients,
    year: i32,
    codes: &[&str],
) -> Result<Vec<StreamAcceptedCellsResponse>, tonic::Status> {
    let request = StreamAcceptedCellsRequest {
        cycle_year: year,
        indicator_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
    };
    clients.submissions().stream_accepted_cells(request).await?.into_inner().try_collect().await
}

async fn version(clients: Clients, year: i32) -> Result<String, tonic::Status> {
    let request = GetAcceptedVersionRequest { cycle_year: year };
    Ok(clients.submissions().get_accepted_version(request).await?.into_inner().version)
}

#[tokio::test]
async fn everything_accepted_is_streamed_and_nothing_else() {
    each(|world| async move {
        world.collecting(2025, None).await;
        // More than one page of the query behind the stream.
        let submissions: Vec<Submission> = stream::iter(0..56)
            .map(|number| {
                let world = world.clone();
                async move { world.submitted(2025, "enterprise", COLLEGE, &enterprise(number)).await }
            })
            .buffer_unordered(4)
            .collect()
            .await;
        let (left_out, taken) = submissions.split_first().unwrap();
        let none = version(world.publication(), 2025).await.unwrap();
        for submission in taken {
            world.accept(submission).await.unwrap();
        }
        let all_taken = version(world.publication(), 2025).await.unwrap();
        assert_ne!(none, all_taken);
        let refused = version(world.school(COLLEGE), 2025).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert_eq!(version(world.publication(), 2031).await.unwrap_err().code(), Code::NotFound);
        let all = accepted(world.publication(), 2025, &[]).await.unwrap();
        assert_eq!(all.len(), taken.len());
        let mut ids: Vec<&str> = all.iter().map(|row| row.submission_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), taken.len(), "each once");
        assert!(!ids.contains(&left_out.submission_id.as_str()));
        assert!(
            all.iter().all(|row| row.cells.len() == 5
                && row.revision_number == 1
                && row.report_kind == "enterprise")
        );
        let some = accepted(world.publication(), 2025, &["ENT02"]).await.unwrap();
        assert_eq!(some.len(), taken.len());
        assert!(some.iter().all(|row| row.cells.len() == 1 && row.cells[0].value == number("10")));

        let refused = accepted(world.school(COLLEGE), 2025, &[]).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert_eq!(accepted(world.publication(), 2031, &[]).await.unwrap_err().code(), Code::NotFound);

        world.close(2025).await;
        world.release(2025).await;
        assert_eq!(accepted(world.publication(), 2025, &[]).await.unwrap().len(), taken.len());
        assert_eq!(version(world.publication(), 2025).await.unwrap(), all_taken, "the results are the same");
        assert_eq!(world.get(&taken[0]).await.state(), submission::State::Published);
        assert_eq!(world.get(left_out).await.state(), submission::State::Submitted);
        let last = world.history(&taken[0]).await.pop().unwrap();
        assert_eq!(last, ("cycle.release".to_owned(), submission::State::Published));
        assert_eq!(world.history(left_out).await.pop().unwrap().0, "submission.submit");
    })
    .await;
}

#[tokio::test]
async fn last_years_accepted_values_stand_beside_this_years() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let earlier = world.submitted(2025, "higher", COLLEGE, "").await;
        let unaccepted = world.submitted(2025, "higher", OTHER_COLLEGE, "").await;
        world.accept(&earlier).await.unwrap();
        world.collecting(2026, None).await;
        let this_year = world.create(2026, "higher", COLLEGE, "").await;
        let cells = world.cells(&this_year, 0).await;
        assert_eq!((cells["SC01"].last_value.clone(), cells["SC01"].value.clone()), (number("1000"), None));
        assert_eq!(cells["SC04"].last_value, number("95"), "derived values too");
        let last = world.last_year(&this_year).await.unwrap();
        assert_eq!(
            (last.cycle_year, last.submission_id.as_str(), last.revision_number, last.released),
            (2025, earlier.submission_id.as_str(), 1, false)
        );
        assert_eq!((last.organisation_code.as_str(), last.submit_time.is_some()), (COLLEGE, true));
        let other = world.create(2026, "higher", OTHER_COLLEGE, "").await;
        assert_eq!(world.last_year(&other).await, None);
        assert_eq!(
            world.cells(&other, 0).await["SC01"].last_value,
            None,
            "what was not accepted does not count"
        );
        assert_eq!(world.get(&unaccepted).await.state(), submission::State::Submitted);

        world.fill(&this_year).await;
        world.put(&this_year, &[("SVC06", "13"), ("COP01", "14")]).await;
        let findings = world.check(&this_year).await.findings;
        let found: Vec<(&str, &str)> = findings
            .iter()
            .filter(|finding| finding.rule_code == "V10")
            .map(|finding| (finding.finding_id.as_str(), finding.computation.as_str()))
            .collect();
        assert_eq!(found, [("V10:COP01", "|14 − 10| = 4 > 0.3 × 10 = 3")]);

        world.close(2025).await;
        world.release(2025).await;
        let last = world.last_year(&this_year).await.unwrap();
        assert!(last.released && last.submission_id == earlier.submission_id);
        assert_eq!(world.cells(&this_year, 0).await["SC01"].last_value, number("1000"));
    })
    .await;
}
