//! A round of the region's size is created, assigned and finalised in a moment.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use zhijian_proto::review::v1::*;

use crate::world::*;

const SCHOOLS: usize = 76;
const ENTRIES: usize = 182;
const REVIEWERS: usize = 60;
/// Unoptimised builds on a busy machine get a generous bound; what is measured is printed.
const BOUND: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_of_the_regions_size_is_quick() {
    in_each_world(SCHOOLS, 12, async |world| {
        for n in 0..SCHOOLS {
            let codes: Vec<String> = (n..ENTRIES)
                .step_by(SCHOOLS)
                .map(|e| format!("{}02{:02}", 61 + (e * 7) % 19, e / SCHOOLS + 1))
                .collect();
            world.programmes(&school(n), &codes.iter().map(String::as_str).collect::<Vec<_>>(), "").await;
        }
        let world = &world;
        stream::iter(0..REVIEWERS)
            .for_each_concurrent(8, |n| async move {
                let class = (61 + n % 19).to_string();
                let other = (61 + (n * 3 + 1) % 19).to_string();
                world.reviewer(&format!("reviewer{n}"), &body(n % 12), &[school(n)], &[&class, &other]).await;
            })
            .await;
        let measure = async |what: &str, start: Instant| {
            let took = start.elapsed();
            eprintln!("{what}: {took:?}");
            assert!(took < BOUND, "{what} took {took:?}");
        };

        let start = Instant::now();
        let round = world.create_round().await;
        assert_eq!(round.entry_count, 182);
        measure("create 182 entries", start).await;

        let start = Instant::now();
        let plan = ok(world.try_assign(&round.round_id).await);
        measure("assign 546 seats", start).await;
        assert_eq!(plan.assignments, 546);
        assert!(plan.greatest_load <= 100);
        eprintln!(
            "{} of 546 know the class; loads {}–{}",
            plan.matched_expertise, plan.least_load, plan.greatest_load
        );

        ok(world.try_open(&round.round_id).await);
        let assignments = world.assignments(&round.round_id).await;
        let start = Instant::now();
        stream::iter(&assignments)
            .for_each_concurrent(16, |assignment| async move {
                let code = &assignment.entry.as_ref().expect("an entry").programme_code;
                let points = 40 + code.bytes().map(u32::from).sum::<u32>() % 60;
                world.submit(assignment, &points.to_string()).await;
            })
            .await;
        eprintln!("546 sheets handed in, one call each: {:?}", start.elapsed());

        let start = Instant::now();
        let done = ok(world.try_finalise(&round.round_id).await);
        measure("finalise 182 entries", start).await;
        assert!(done.rectifications_opened > 0);

        let start = Instant::now();
        assert_eq!(world.entries(&world.chair, &round.round_id).await.len(), 182);
        measure("list 182 entries", start).await;
        let counts = ok(world
            .chair
            .rounds()
            .get_distribution(GetDistributionRequest { round_id: round.round_id.clone() })
            .await);
        assert_eq!(counts.total, 182);
        let low: i32 = counts
            .counts
            .iter()
            .filter(|one| ["C", "C-"].contains(&one.grade.as_str()))
            .map(|one| one.count)
            .sum();
        assert_eq!(low, done.rectifications_opened);
    })
    .await;
}
