use std::sync::Arc;

use futures::future::join_all;
use tonic::Code;
use zhijian_proto::{common::v1::value::Kind, submission::v1::*};

use crate::harness::*;

#[tokio::test]
async fn what_is_typed_is_normalised_counted_and_derived_from() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        assert_eq!((submission.state(), submission.filled_cells), (submission::State::Draft, 0));
        assert_eq!(submission.subject_code, COLLEGE);
        let asked = world.cells(&submission, 0).await;
        let catalogue = world.catalogue(2025).await;
        let required = catalogue
            .indicators
            .iter()
            .filter(|one| one.required && one.report_kinds.contains(&"higher".to_owned()))
            .count();
        assert_eq!(submission.required_cells, i32::try_from(required).unwrap());
        assert_eq!(asked.values().filter(|cell| !cell.derived).count(), required + 10, "optional ones");
        assert!(asked["SC04"].derived && asked["SC04"].value.is_none());

        let saved = world
            .save(
                &submission,
                vec![
                    cell("SC01", number("９，７９７"), ""),
                    Cell { note: "含春季毕业生".into(), ..cell("SC02", number(" 4,903 "), "") },
                    cell("SVC06", number("4767.70"), ""),
                    cell("INT03", not_applicable("未接收访学教师"), ""),
                    cell("INT01", number("0"), ""),
                ],
            )
            .await
            .unwrap();
        assert_eq!(saved.submission.as_ref().unwrap().filled_cells, 5);
        let values: Vec<(&str, Option<Kind>, bool)> = saved
            .cells
            .iter()
            .map(|cell| {
                (cell.indicator_code.as_str(), cell.value.clone().and_then(|value| value.kind), cell.derived)
            })
            .collect();
        assert_eq!(
            values,
            [
                ("SC01", Some(Kind::Number("9797".into())), false),
                ("SC02", Some(Kind::Number("4903".into())), false),
                ("SC04", Some(Kind::Number("50.05".into())), true),
                ("SVC06", Some(Kind::Number("4767.7".into())), false),
                ("INT01", Some(Kind::Number("0".into())), false),
                ("INT03", Some(Kind::NotApplicable("未接收访学教师".into())), false),
            ]
        );
        let cells = world.cells(&submission, 0).await;
        assert_eq!(cells["SC02"].note, "含春季毕业生");
        assert_eq!(cells["SC04"].value, number("50.05"));

        let emptied = world.save(&submission, vec![cell("SC01", None, &cells["SC01"].etag)]).await.unwrap();
        assert_eq!(emptied.submission.unwrap().filled_cells, 4);
        let changed: Vec<_> =
            emptied.cells.iter().map(|cell| (cell.indicator_code.as_str(), &cell.value)).collect();
        assert_eq!(changed, [("SC01", &None), ("SC04", &None)], "the derived value falls away with it");
    })
    .await;
}

#[tokio::test]
async fn bad_cells_are_all_named_and_nothing_is_saved() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "secondary", SCHOOL, "").await;
        let refused = world
            .save(
                &submission,
                vec![
                    cell("SC01", number("100"), ""),
                    cell("SC02", number("-1"), ""),
                    cell("SC03", number("约30"), ""),
                    cell("SC05", number("30"), ""),
                    cell("BAS11", number("3"), ""),
                    cell("SVC06", number("1.005"), ""),
                ],
            )
            .await
            .unwrap_err();
        let named: Vec<(String, bool)> = violations(&refused)
            .into_iter()
            .zip(["SC02", "SC03", "SC05", "BAS11", "SVC06"])
            .map(|((field, text), code)| (field, text.contains(code)))
            .collect();
        let fields = [
            "cells[1].value",
            "cells[2].value",
            "cells[3].value",
            "cells[4].indicator_code",
            "cells[5].value",
        ];
        assert_eq!(named, fields.map(|field| (field.to_owned(), true)));
        assert!(world.cells(&submission, 0).await["SC01"].value.is_none());
        assert_eq!(violations(&world.save(&submission, vec![]).await.unwrap_err())[0].0, "cells");
    })
    .await;
}

#[tokio::test]
async fn a_change_in_between_is_never_overwritten() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let mine =
            world.save(&submission, vec![cell("SC01", number("100"), "")]).await.unwrap().cells[0].clone();
        world.save(&submission, vec![cell("SC01", number("120"), &mine.etag)]).await.unwrap();

        let both = vec![cell("SC02", number("90"), ""), cell("SC01", number("110"), &mine.etag)];
        let conflict = world.save(&submission, both).await.unwrap_err();
        assert_eq!((conflict.code(), reason(&conflict).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        for (key, value) in [
            ("indicator_code", "SC01"),
            ("current_kind", "number"),
            ("current_value", "120"),
            ("current_etag", "v2"),
        ] {
            assert_eq!(metadata(&conflict, key), value, "{key}");
        }
        let cells = world.cells(&submission, 0).await;
        assert!(cells["SC02"].value.is_none(), "all or none");
        assert_eq!(cells["SC01"].value, number("120"));
        let unread = world.save(&submission, vec![cell("SC01", number("1"), "")]).await.unwrap_err();
        assert_eq!(unread.code(), Code::Aborted, "a cell must have been read before it is overwritten");

        world.put(&submission, &[("SC02", "95")]).await;
        let stale = vec![cell("SC01", number("1"), &mine.etag), cell("SC02", number("2"), "")];
        let conflict = world.save(&submission, stale).await.unwrap_err();
        assert_eq!(metadata(&conflict, "indicator_codes"), "SC01,SC02");
        assert_eq!(
            (metadata(&conflict, "current_value"), metadata(&conflict, "SC02.value")),
            ("120".into(), "95".into())
        );
        assert_eq!(metadata(&conflict, "SC02.etag"), "v1");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_save_the_same_cell_at_once_one_wins() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = Arc::new(world.create(2025, "higher", COLLEGE, "").await);
        let saves = (0..8).map(|value| {
            let (world, submission) = (world.clone(), submission.clone());
            let cells = vec![cell("SC01", number(&value.to_string()), "")];
            tokio::spawn(async move { world.save(&submission, cells).await })
        });
        let results: Vec<_> = join_all(saves).await.into_iter().map(|result| result.unwrap()).collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert!(
            results
                .iter()
                .flat_map(|result| result.as_ref().err())
                .all(|error| error.code() == Code::Aborted)
        );
        let winner = results.into_iter().flatten().next().unwrap();
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, winner.cells[0].value);

        let others = ["SC02", "SC03", "BAS02", "POL06"].map(|code| {
            let (world, submission) = (world.clone(), submission.clone());
            tokio::spawn(async move { world.save(&submission, vec![cell(code, number("1"), "")]).await })
        });
        for result in join_all(others).await {
            result.unwrap().expect("different cells do not stand in each other's way");
        }
        assert_eq!(world.get(&submission).await.filled_cells, 5);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_save_is_answered_and_not_made_again() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let request = SaveCellsRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            cells: vec![cell("SC01", number("100"), "")],
        };
        let mut client = world.school(COLLEGE).submissions();
        let first = client.save_cells(request.clone()).await.unwrap().into_inner();
        let second = client.save_cells(request.clone()).await.unwrap().into_inner();
        assert_eq!(first, second);
        let other = SaveCellsRequest { cells: vec![cell("SC01", number("200"), "")], ..request };
        let refused = client.save_cells(other).await.unwrap_err();
        assert_eq!(reason(&refused), "REQUEST_REUSED");
    })
    .await;
}

#[tokio::test]
async fn sections_are_listed_in_order_and_guarded_like_cells() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let codes: Vec<String> =
            world.sections(&submission, 0).await.into_iter().map(|section| section.section_code).collect();
        let outline = [
            "overview",
            "participation",
            "resources",
            "programmes",
            "training",
            "teachers",
            "benefit",
            "safeguards",
            "outlook",
        ];
        assert_eq!(codes, outline);
        let first = world.write(&submission, "resources", "投入设备。", "").await.unwrap();
        let second = world.write(&submission, "resources", "投入设备与师资。", &first.etag).await.unwrap();
        let conflict = world.write(&submission, "resources", "别的", &first.etag).await.unwrap_err();
        assert_eq!(conflict.code(), Code::Aborted);
        assert_eq!(metadata(&conflict, "current_value"), "投入设备与师资。");
        assert_eq!(metadata(&conflict, "current_etag"), second.etag);
        let unknown = world.write(&submission, "culture", "无", "").await.unwrap_err();
        assert_eq!(violations(&unknown)[0].0, "section.section_code");
        let long = world.write(&submission, "overview", &"长".repeat(200_001), "").await.unwrap_err();
        assert_eq!(violations(&long)[0].0, "section.body");
        let sections = world.sections(&submission, 0).await;
        assert_eq!((sections[2].body.as_str(), sections[0].body.as_str()), ("投入设备与师资。", ""));
    })
    .await;
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_is_refused_by_name() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let body = world.write(&submission, "overview", "前\0后", "").await.unwrap_err();
        assert_eq!(violations(&body)[0].0, "section.body");
        let reason =
            world.save(&submission, vec![cell("ENT01", not_applicable("无\0"), "")]).await.unwrap_err();
        assert_eq!(violations(&reason)[0].0, "cells[0].value");
        let noted = Cell { note: "\0".into(), ..cell("ENT01", number("1"), "") };
        assert_eq!(
            violations(&world.save(&submission, vec![noted]).await.unwrap_err())[0].0,
            "cells[0].note"
        );
        let request = GetSubmissionRequest { submission_id: "sub_\0".into() };
        let missing = world.commission().submissions().get_submission(request).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
        let party = world.try_create(2025, "enterprise", COLLEGE, "92\0").await.unwrap_err();
        assert_eq!(violations(&party)[0].0, "subject_code");
        let request = ListSubmissionsRequest { report_kind: "\0".into(), ..Default::default() };
        let list = world.commission().submissions().list_submissions(request).await.unwrap().into_inner();
        assert_eq!(list.submissions.len(), 0);
        let request = ListSubmissionsRequest { page_token: "AC8ALwA".into(), ..Default::default() };
        let refused = world.commission().submissions().list_submissions(request).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "page_token");
    })
    .await;
}

#[tokio::test]
async fn a_school_sees_and_edits_its_own_alone() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let own = world.create(2025, "higher", COLLEGE, "").await;
        world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.create(2025, "higher", OTHER_COLLEGE, "").await;
        let mut stranger = world.school(OTHER_COLLEGE).submissions();
        let request = GetSubmissionRequest { submission_id: own.submission_id.clone() };
        assert_eq!(stranger.get_submission(request).await.unwrap_err().code(), Code::PermissionDenied);
        let request = SaveCellsRequest {
            request_id: id(),
            submission_id: own.submission_id.clone(),
            cells: vec![cell("SC01", number("1"), "")],
        };
        assert_eq!(stranger.save_cells(request).await.unwrap_err().code(), Code::PermissionDenied);
        let request = GetSubmissionRequest { submission_id: "sub_0".into() };
        assert_eq!(
            stranger.get_submission(request.clone()).await.unwrap_err().code(),
            Code::PermissionDenied
        );
        let missing = world.commission().submissions().get_submission(request).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);

        let listed = |clients: zhijian_platform::Clients, page_size: i32| async move {
            let mut client = clients.submissions();
            let mut seen = Vec::new();
            let mut page_token = String::new();
            loop {
                let request =
                    ListSubmissionsRequest { page_size, page_token, cycle_year: 2025, ..Default::default() };
                let page = client.list_submissions(request).await.unwrap().into_inner();
                seen.extend(page.submissions.into_iter().map(|row| (row.organisation_code, row.report_kind)));
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    return seen;
                }
            }
        };
        let everything = listed(world.commission(), 1).await;
        let expected = [(COLLEGE, "enterprise"), (COLLEGE, "higher"), (OTHER_COLLEGE, "higher")];
        assert_eq!(everything, expected.map(|(code, kind)| (code.to_owned(), kind.to_owned())));
        assert_eq!(listed(world.school(OTHER_COLLEGE), 0).await.len(), 1);

        let count = |clients: zhijian_platform::Clients| async move {
            let request = CountSubmissionsRequest { cycle_year: 2025 };
            let counts = clients.submissions().count_submissions(request).await.unwrap().into_inner().counts;
            counts
                .into_iter()
                .map(|count| (count.report_kind.clone(), count.state(), count.count))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            count(world.commission()).await,
            [
                ("enterprise".to_owned(), submission::State::Draft, 1),
                ("higher".to_owned(), submission::State::Draft, 2),
            ]
        );
        assert_eq!(
            count(world.school(OTHER_COLLEGE)).await,
            [("higher".to_owned(), submission::State::Draft, 1)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_report_is_started_only_by_those_it_is_asked_of() {
    each(|world| async move {
        let early = world.try_create(2025, "higher", COLLEGE, "").await.unwrap_err();
        assert_eq!((early.code(), metadata(&early, "resource").as_str()), (Code::NotFound, "cycle/2025"));
        world.collecting(2025, None).await;
        for (kind, code, subject, field) in [
            ("higher", SCHOOL, "", "organisation_code"),
            ("secondary", COLLEGE, "", "organisation_code"),
            ("district", COLLEGE, "", "organisation_code"),
            ("higher", "4111009999", "", "organisation_code"),
            ("higher", COLLEGE, OTHER_COLLEGE, "subject_code"),
            ("enterprise", COLLEGE, "", "subject_code"),
            ("enterprise", COLLEGE, SCHOOL, "subject_code"),
            ("enterprise", COLLEGE, "9211999999", "subject_code"),
            ("provincial", COLLEGE, "", "report_kind"),
        ] {
            let refused = world.try_create(2025, kind, code, subject).await.unwrap_err();
            assert_eq!(violations(&refused)[0].0, field, "{kind} {code} {subject}: {refused:?}");
        }
        world.create(2025, "district", DISTRICT, DISTRICT).await;
        world.create(2025, "secondary", SCHOOL, "").await;
        let twice = world.try_create(2025, "secondary", SCHOOL, "").await.unwrap_err();
        assert_eq!(twice.code(), Code::AlreadyExists);
        let request = CreateSubmissionRequest {
            request_id: id(),
            cycle_year: 2025,
            report_kind: "higher".into(),
            organisation_code: COLLEGE.into(),
            subject_code: String::new(),
        };
        let refused = world.school(OTHER_COLLEGE).submissions().create_submission(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        world.close(2025).await;
        let late = world.try_create(2025, "higher", COLLEGE, "").await.unwrap_err();
        assert_eq!(preconditions(&late)[0].0, "cycle.state");
    })
    .await;
}
