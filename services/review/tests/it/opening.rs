//! The files of a report, opened by whoever is to judge it, and by nobody else.

use std::result::Result;

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::review::v1::{download_evidence_file_response::Part, *};

use crate::{
    reports::{DECLARATION, accept_report},
    world::*,
};

async fn files(caller: &Clients, one: &Assignment) -> Result<Vec<EvidenceFile>, Status> {
    let request = ListEvidenceFilesRequest { assignment_id: one.assignment_id.clone() };
    Ok(caller.evidence_files().list_evidence_files(request).await?.into_inner().files)
}

async fn open(caller: &Clients, one: &Assignment, sha256: &str) -> Result<(EvidenceFile, Vec<u8>), Status> {
    let request =
        DownloadEvidenceFileRequest { assignment_id: one.assignment_id.clone(), sha256: sha256.into() };
    let mut stream = caller.evidence_files().download_evidence_file(request).await?.into_inner();
    let (mut file, mut content) = (None, vec![]);
    while let Some(message) = stream.message().await? {
        match message.part.expect("a part") {
            Part::File(described) => {
                assert!(file.replace(described).is_none() && content.is_empty(), "first and once")
            }
            Part::Chunk(chunk) => content.extend(chunk),
        }
    }
    Ok((file.expect("a description"), content))
}

fn code<T: std::fmt::Debug>(answer: Result<T, Status>) -> Code {
    answer.expect_err("refused").code()
}

#[tokio::test]
async fn a_reviewer_opens_the_files_of_what_is_assigned_and_of_nothing_else() {
    in_each_world(1, 4, async |world| {
        world.programmes(DISTRICT, &["710201"], "").await;
        world.programmes(&school(0), &["710202"], "").await;
        world.reviewers(4).await;
        let round = world.open_round().await;
        let seats = world.assignments(&round.round_id).await;
        let of = |code: &str| -> Vec<&Assignment> {
            let school =
                |one: &&Assignment| one.entry.as_ref().is_some_and(|entry| entry.organisation_code == code);
            seats.iter().filter(school).collect()
        };
        let seats_there = of(DISTRICT);
        let one = seats_there[0];
        let own = world.as_reviewer(&one.reviewer_account_id);
        assert_eq!(files(&own, one).await.expect("none yet"), []);
        accept_report(&world, |_| {
            "本节为演示文字，说明本区在这一方面做了哪些工作、取得了哪些成效、还有哪些不足。".into()
        })
        .await;

        let listed = files(&own, one).await.expect("listed");
        let [file] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((file.file_name.as_str(), file.media_type.as_str()), ("责任声明.pdf", "application/pdf"));
        assert!(!file.of_measures && usize::try_from(file.size) == Ok(DECLARATION.len()));
        let (described, content) = open(&own, one, &file.sha256).await.expect("opened");
        assert_eq!((&described, content.as_slice()), (file, DECLARATION));
        open(&world.chair, one, &file.sha256).await.expect("the chair reads along");

        // Another's seat, another school's programme, another file, other people.
        let elsewhere = of(&school(0))[0];
        let holder = world.as_reviewer(&elsewhere.reviewer_account_id);
        assert_eq!(files(&holder, elsewhere).await.expect("its school has none"), []);
        assert_eq!(code(open(&holder, elsewhere, &file.sha256).await), Code::NotFound);
        assert_eq!(code(open(&own, one, &"0".repeat(64)).await), Code::NotFound);
        let other = world.as_reviewer(&seats_there[1].reviewer_account_id);
        for caller in [other, world.as_school(DISTRICT), world.as_school(&school(0))] {
            assert_eq!(code(files(&caller, one).await), Code::NotFound);
            assert_eq!(code(open(&caller, one, &file.sha256).await), Code::NotFound);
        }

        // Whoever comes into a conflict is shut out, and so is whoever gave the seat back.
        let relation = Relation {
            reviewer_account_id: one.reviewer_account_id.clone(),
            kind: relation::Kind::Kin.into(),
            organisation_code: DISTRICT.into(),
            ..Relation::default()
        };
        let request = DeclareRelationRequest { request_id: request_id(), relation: Some(relation) };
        ok(own.relations().declare_relation(request).await);
        let shut = files(&own, one).await.expect_err("a conflict");
        assert!(violations(&shut).contains_key("conflict"), "{shut:?}");
        assert_eq!(code(open(&own, one, &file.sha256).await), Code::FailedPrecondition);
        let gone = seats_there[2];
        let left = world.as_reviewer(&gone.reviewer_account_id);
        files(&left, gone).await.expect("still on the panel");
        let request = AbstainAssignmentRequest {
            request_id: request_id(),
            assignment_id: gone.assignment_id.clone(),
            etag: gone.etag.clone(),
            reason: "不熟悉这个领域".into(),
        };
        ok(left.assignments().abstain_assignment(request).await);
        assert_eq!(code(files(&left, gone).await), Code::FailedPrecondition);
    })
    .await;
}
