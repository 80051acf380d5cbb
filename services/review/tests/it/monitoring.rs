//! Procedures that gather the programmes that are monitored.

use tonic::Code;
use zhijian_proto::{
    review::v1::*,
    submission::v1::{ImportProgrammesRequest, ListProgrammesRequest, Programme},
};

use crate::{
    procedures::{close, conclude, counts, create, grade, items, procedure, try_apply},
    world::*,
};

#[tokio::test]
async fn monitoring_gathers_programmes_and_waits_for_the_release() {
    in_each_world(1, 3, async |world| {
        world.reviewers(3).await;
        let none =
            CreateProcedureRequest { request_id: request_id(), cycle_year: YEAR, scheme_code: SCHEME.into() };
        let empty =
            refused(world.commission.procedures().create_procedure(none).await, Code::FailedPrecondition);
        assert_eq!(reason(&empty), "DATA_MISSING");
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let opened = create(&world, SCHEME).await;
        assert_eq!((counts(&opened), opened.applies), (vec![("review", 2)], false));
        refused(
            try_apply(&world.as_school(&school(0)), &opened, &school(0), "一项").await,
            Code::FailedPrecondition,
        );
        let id = &opened.procedure_id;
        let points = |entry: &Entry| if entry.programme_code == "710201" { "80" } else { "50" }.to_owned();
        let round = grade(&world, id, points).await;
        assert_eq!(reason(&refused(conclude(&world, id).await, Code::FailedPrecondition)), "ILLEGAL_STATE");
        ok(world.try_reveal(&round).await);
        ok(conclude(&world, id).await);
        assert_eq!(counts(&procedure(&world, id).await), [("graded", 1), ("to-mend", 1)]);
        let request = ListRectificationsRequest { round_id: round, ..Default::default() };
        let opened = ok(world.chair.rectifications().list_rectifications(request).await).rectifications;
        assert_eq!(opened.len(), 1, "what is graded low goes on to its rectification");
    })
    .await;
}

/// Registers two programmes of a school that are no pilots, opened in a year.
async fn ordinary(world: &World, opened_year: i32) {
    world.programmes_since(opened_year, &school(0), &["710201", "710202"], "").await;
    let listed = ok(world.commission.programmes().list_programmes(ListProgrammesRequest::default()).await);
    let no_pilot = |programme: Programme| Programme { pilot: false, ..programme };
    let request = ImportProgrammesRequest {
        request_id: request_id(),
        programmes: listed.programmes.into_iter().map(no_pilot).collect(),
        dry_run: false,
    };
    ok(world.commission.programmes().import_programmes(request).await);
}

#[tokio::test]
async fn established_and_new_programmes_are_monitored_from_their_selection_to_their_rectification() {
    for (scheme, opened_year) in [("teaching-monitoring", YEAR - 5), ("new-programme-monitoring", YEAR - 1)] {
        in_each_world(1, 3, async |world| {
            world.reviewers(3).await;
            ordinary(&world, opened_year).await;
            let opened = create(&world, scheme).await;
            assert_eq!((counts(&opened), opened.applies), (vec![("review", 2)], false), "{scheme}");
            let id = &opened.procedure_id;
            let points =
                |entry: &Entry| if entry.programme_code == "710201" { "80" } else { "50" }.to_owned();
            let round = grade(&world, id, points).await;
            let sealed = refused(conclude(&world, id).await, Code::FailedPrecondition);
            assert_eq!(reason(&sealed), "ILLEGAL_STATE", "{scheme}");
            let listed = ListItemsRequest { procedure_id: id.clone(), ..Default::default() };
            for caller in [&world.as_school(&school(0)), &world.commission] {
                let steps = items(caller, listed.clone()).await;
                assert!(
                    steps.iter().all(|item| item.step_code == "review"),
                    "no way out tells a sealed grade"
                );
            }
            ok(world.try_reveal(&round).await);
            ok(conclude(&world, id).await);
            assert_eq!(counts(&procedure(&world, id).await), [("graded", 1), ("to-mend", 1)], "{scheme}");
            let request = ListRectificationsRequest { round_id: round, ..Default::default() };
            let opened = ok(world.chair.rectifications().list_rectifications(request).await).rectifications;
            assert_eq!(opened.len(), 1, "{scheme}");
            ok(close(&world, id).await);
        })
        .await;
    }
}
