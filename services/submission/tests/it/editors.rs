//! Several editors in a school: each edits what was given, and everybody sees who edited last.

use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

fn colleague(world: &World, number: u32) -> Clients {
    world.test.as_account(&format!("acc_{COLLEGE}_{number}"), &[("school", COLLEGE)])
}

fn editor(account: &str, coordinator: bool, sections: &[&str], groups: &[&str]) -> Editor {
    let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    Editor {
        account_id: account.into(),
        coordinator,
        section_codes: owned(sections),
        group_codes: owned(groups),
        ..Editor::default()
    }
}

async fn save(
    clients: &Clients,
    submission: &Submission,
    code: &str,
    etag: &str,
) -> Result<(), tonic::Status> {
    let request = SaveCellsRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        cells: vec![cell(code, number("10"), etag)],
    };
    clients.submissions().save_cells(request).await.map(|_| ())
}

async fn write(clients: &Clients, submission: &Submission, code: &str) -> Result<(), tonic::Status> {
    let section = Section { section_code: code.into(), body: PROSE.into(), etag: String::new() };
    let request = SaveSectionRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        section: Some(section),
    };
    clients.submissions().save_section(request).await.map(|_| ())
}

#[tokio::test]
async fn each_edits_what_was_given() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let mut head = world.school(COLLEGE).editors();
        let get = GetEditorsRequest { submission_id: submission.submission_id.clone() };
        let plan = head.get_editors(get.clone()).await.unwrap().into_inner();
        assert!(plan.editors.is_empty());
        assert_eq!(plan.accounts.len(), 3, "the school's own accounts: {:?}", plan.accounts);
        let set = |etag: &str, editors: Vec<Editor>| SetEditorsRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: etag.into(),
            editors,
        };
        let (own, second) = (format!("acc_{COLLEGE}"), format!("acc_{COLLEGE}_2"));
        let foreign = editor(&format!("acc_{OTHER_COLLEGE}"), true, &[], &[]);
        let wrong = head.set_editors(set(&plan.etag, vec![foreign])).await.unwrap_err();
        assert_eq!(violations(&wrong)[0].0, "editors[0].account_id");
        let editors = vec![editor(&own, true, &[], &[]), editor(&second, false, &["talent"], &["SC"])];
        let request = set(&plan.etag, editors.clone());
        let first = head.set_editors(request.clone()).await.unwrap().into_inner();
        assert_eq!(head.set_editors(request).await.unwrap().into_inner(), first);
        assert_eq!(
            head.set_editors(set(&plan.etag, editors.clone())).await.unwrap_err().code(),
            Code::Aborted
        );

        let (two, three) = (colleague(&world, 2), colleague(&world, 3));
        save(&two, &submission, "SC01", "").await.expect("the table was given");
        write(&two, &submission, "talent").await.expect("the section was given");
        let refused = preconditions(&save(&two, &submission, "POL06", "").await.unwrap_err());
        assert_eq!(refused[0].0, "submission.editors");
        assert!(refused[0].1.contains(&own), "it says who: {}", refused[0].1);
        assert!(write(&two, &submission, "service").await.is_err());
        assert!(save(&three, &submission, "SC02", "").await.is_err(), "nothing was given to the third");
        save(&world.school(COLLEGE), &submission, "POL06", "").await.expect("a coordinator edits everything");

        // Two people on the same cell meet; on different cells they do not.
        let first = save(&two, &submission, "SC01", "").await.unwrap_err();
        assert_eq!(first.code(), Code::Aborted);
        save(&world.school(COLLEGE), &submission, "SC02", "").await.expect("another cell");

        let rights = |clients: Clients| {
            let request = GetSubmissionRequest { submission_id: submission.submission_id.clone() };
            async move {
                clients.submissions().get_submission(request).await.unwrap().into_inner().submission.unwrap()
            }
        };
        let seen = rights(two.clone()).await;
        let own_rights = seen.rights.expect("the school's");
        assert_eq!((own_rights.all, own_rights.coordinator), (false, false));
        assert_eq!(
            (own_rights.section_codes, own_rights.group_codes),
            (vec!["talent".into()], vec!["SC".into()])
        );
        let edits: Vec<(&str, &str, &str)> = seen
            .last_edits
            .iter()
            .map(|edit| (edit.section_code.as_str(), edit.group_code.as_str(), edit.account_id.as_str()))
            .collect();
        assert_eq!(edits, [("talent", "", second.as_str()), ("", "POL", &own), ("", "SC", &own)]);
        assert!(seen.last_edits[0].time.is_some());
        assert!(rights(world.commission()).await.rights.is_none());

        let approve = ApproveSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: world.get(&submission).await.etag,
            declaration: Some(Declaration { name: "甲".into(), office: "教师".into(), time: None }),
        };
        let refused = two.submissions().approve_submission(approve).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, "submission.editors");
        world.approve(&submission).await.expect("a coordinator approves");
        let etag = world.get(&submission).await.etag;
        let refused = two.editors().set_editors(set(&etag, vec![])).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, "submission.editors");
        let commission = world.commission();
        let imposed = commission.editors().set_editors(set(&etag, editors)).await.unwrap_err();
        assert_eq!(imposed.code(), Code::PermissionDenied);
        commission.editors().set_editors(set(&etag, vec![])).await.expect("the commission clears the plan");
        save(&three, &submission, "SC03", "").await.expect("everybody edits everything again");
    })
    .await;
}
