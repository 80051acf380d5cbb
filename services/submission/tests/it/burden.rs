//! How much work a year was.

use tonic::Code;
use zhijian_platform::audit;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

#[tokio::test]
async fn work_is_measured_by_report_and_place_and_never_by_account() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let report = world.submitted(2025, "higher", COLLEGE, "").await;
        let other = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        world.put(&other, &[("SC01", "7"), ("SAT01", "95")]).await;
        let refused = world.save(&other, vec![cell("SC01", number("-3"), "v1")]).await;
        assert_eq!(refused.expect_err("negative").code(), Code::InvalidArgument);
        while audit::seal_next(&world.test.ctx.db, &world.test.ctx.keys).await.expect("sealed") > 0 {}

        let request = ListBurdenRequest { cycle_year: 2025, ..Default::default() };
        // The desk sums up once more before it stops; what it said before is still read.
        world.test.ctx.shutdown.cancel();
        world.test.ctx.tasks.close();
        world.test.ctx.tasks.wait().await;
        let reports =
            world.commission().desk().list_burden(request).await.expect("read").into_inner().reports;
        assert_eq!(reports.len(), 2);
        let of = |submission: &Submission| {
            reports
                .iter()
                .find(|one| one.submission_id == submission.submission_id)
                .cloned()
                .expect("measured")
        };
        let (first, second) = (of(&report), of(&other));
        assert!(first.edits > 30 && first.sessions == 1 && first.seconds >= 60, "{first:?}");
        assert_eq!((first.checks, first.submit_hours), (1, Some(0)));
        assert_eq!((second.edits, second.rejected, second.submit_hours), (2, 1, None));

        let request = GetBurdenRequest { cycle_year: 2025 };
        let burden = world.commission().desk().get_burden(request).await.expect("read").into_inner();
        assert_eq!(burden.gap_minutes, 10);
        let higher = burden.kinds.iter().find(|kind| kind.report_kind == "higher").expect("measured");
        assert_eq!(higher.edits.unwrap().count, 2);
        assert_eq!(higher.submit_hours.unwrap().count, 1);
        let place = |code: &str| burden.places.iter().find(|place| place.place == code).cloned();
        assert_eq!(place("SAT").expect("measured").edits.unwrap().count, 2);
        let talent = place("section:talent").expect("measured");
        assert_eq!((talent.edits.unwrap().most, talent.name.unwrap().zh.as_str()), (1, "人才培养"));

        // One report, place by place.
        let of_report = GetReportBurdenRequest { submission_id: report.submission_id.clone() };
        let own = world.school(COLLEGE).desk().get_report_burden(of_report.clone()).await.expect("read");
        let own = own.into_inner();
        assert_eq!(own.report.as_ref().map(|sums| (sums.edits, sums.checks)), Some((first.edits, 1)));
        let talent = own.places.iter().find(|place| place.place == "section:talent").expect("written");
        assert_eq!((talent.edits, talent.name.as_ref().unwrap().zh.as_str()), (1, "人才培养"));
        assert_eq!(own.places.iter().map(|place| place.seconds).sum::<i64>(), first.seconds);
        let others = world.school(OTHER_COLLEGE).desk().get_report_burden(of_report).await;
        assert_eq!(others.expect_err("not theirs").code(), Code::PermissionDenied);

        // A school sees its own and nothing else.
        let own = ListBurdenRequest { cycle_year: 2025, ..Default::default() };
        let own = world.school(COLLEGE).desk().list_burden(own).await.expect("read").into_inner().reports;
        let own: Vec<&str> = own.iter().map(|one| one.submission_id.as_str()).collect();
        assert_eq!(own, [report.submission_id.as_str()]);
        let all = world.school(COLLEGE).desk().get_burden(request).await.expect_err("the commission's");
        assert_eq!(all.code(), Code::PermissionDenied);
    })
    .await;
}
