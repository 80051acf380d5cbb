//! What happens to a release between its notice and its end: objections, corrections, withdrawal, and early looks.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::publication::v1::{
    AnswerObjectionRequest, CompareVersionsRequest, DropCorrectionRequest, FollowObjectionRequest,
    GetTableRequest, ListAnswersRequest, ListEarlyReadsRequest, ListObjectionsRequest, ListVersionsRequest,
    LodgeObjectionRequest, LodgeObjectionResponse, OpenCorrectionRequest, ProposePublicationRequest,
    PublishReleaseRequest, Release, TakeBackProposalRequest, VersionKind, objection, release::State,
    table_difference::Change,
};

use crate::{
    collect, compile, edition, get, reason,
    region::{Region, request_id, text},
    table, tables_of,
};

/// Proposes to publish the release of `year` as it stands.
pub async fn propose(clients: &Clients, year: i32) -> Result<Release, Status> {
    let etag = get(clients, year).await?.etag;
    let request = ProposePublicationRequest { request_id: request_id(), year, etag };
    Ok(clients.releases().propose_publication(request).await?.into_inner().release.expect("there"))
}

/// Confirms what was proposed.
async fn confirm(clients: &Clients, year: i32) -> Result<Release, Status> {
    let etag = get(clients, year).await?.etag;
    let request = PublishReleaseRequest { request_id: request_id(), year, etag };
    Ok(clients.releases().publish_release(request).await?.into_inner().release.expect("there"))
}

fn objection(client_key: &str) -> LodgeObjectionRequest {
    LodgeObjectionRequest {
        request_id: request_id(),
        year: 2024,
        topic: objection::Topic::Table.into(),
        reference: "3-1".to_owned(),
        body: "服务贡献的数字与学校公布的不一致。".to_owned(),
        name: "李四".to_owned(),
        contact: "li@example.org".to_owned(),
        client_key: client_key.to_owned(),
    }
}

async fn lodge(clients: &Clients, client_key: &str) -> Result<LodgeObjectionResponse, Status> {
    Ok(clients.objections().lodge_objection(objection(client_key)).await?.into_inner())
}

/// The notice of 2024 stands: anybody objects, follows the receipt, and is answered; nothing is told of who it was.
pub async fn objections_are_answered_before_anything_is_published(region: &Region) {
    let mut anybody = region.anybody.objections();
    let long = LodgeObjectionRequest { body: "字".repeat(2001), name: String::new(), ..objection("a") };
    let long = anybody.lodge_objection(long).await.expect_err("too long, and nobody's");
    assert_eq!((long.code(), reason(&long).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let over = LodgeObjectionRequest { year: 2025, ..objection("a") };
    let over = anybody.lodge_objection(over).await.expect_err("no notice stands");
    assert_eq!((over.code(), reason(&over).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    let none = LodgeObjectionRequest { year: 1999, ..objection("a") };
    assert_eq!(anybody.lodge_objection(none).await.expect_err("no release").code(), Code::NotFound);

    let first = lodge(&region.anybody, "a").await.expect("taken");
    let again = lodge(&region.anybody, "a").await.expect("taken");
    assert_ne!(first.receipt, again.receipt);
    for _ in 0..3 {
        lodge(&region.anybody, "a").await.expect("within the limit");
    }
    let many = lodge(&region.anybody, "a").await.expect_err("too many");
    assert_eq!((many.code(), reason(&many).as_str()), (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS"));
    lodge(&region.anybody, "b").await.expect("somebody else's turn");

    let follow = |receipt: String| async {
        let request = FollowObjectionRequest { receipt };
        region
            .anybody
            .objections()
            .follow_objection(request)
            .await
            .map(|answer| answer.into_inner().objection)
    };
    let typed = first.receipt.replace('-', " ").to_lowercase();
    let followed = follow(typed).await.expect("however it is typed").expect("there");
    assert_eq!((followed.outcome(), followed.name.as_str()), (objection::Outcome::Unspecified, ""));
    assert_eq!(follow("AAAAA".to_owned()).await.expect_err("nobody's").code(), Code::NotFound);

    let list = ListObjectionsRequest { year: 2024, ..ListObjectionsRequest::default() };
    let refused = anybody.list_objections(list.clone()).await.expect_err("names are private");
    assert!(matches!(refused.code(), Code::Unauthenticated | Code::PermissionDenied));
    let waiting = region.publisher.objections().list_objections(list).await.expect("listed").into_inner();
    assert_eq!(waiting.objections.len(), 6);
    assert_eq!(waiting.objections[0].contact, "li@example.org");

    let counts = |clients: Clients| async move {
        clients
            .objections()
            .list_answers(ListAnswersRequest { year: 2024 })
            .await
            .map(|answer| answer.into_inner())
    };
    let before = counts(region.anybody.clone()).await.expect("public");
    assert_eq!((before.open_count, before.total_count, before.answered.len()), (6, 6, 0));
    for waiting in waiting.objections {
        let request = AnswerObjectionRequest {
            request_id: request_id(),
            objection_id: waiting.objection_id,
            etag: waiting.etag,
            outcome: objection::Outcome::Partly.into(),
            reasons: "核对后更正了一处。".to_owned(),
        };
        let empty =
            AnswerObjectionRequest { request_id: request_id(), reasons: String::new(), ..request.clone() };
        let empty = region.publisher.objections().answer_objection(empty).await.expect_err("no reasons");
        assert_eq!(empty.code(), Code::InvalidArgument);
        region.publisher.objections().answer_objection(request.clone()).await.expect("answered");
        let twice = AnswerObjectionRequest { request_id: request_id(), ..request };
        let twice =
            region.publisher.objections().answer_objection(twice).await.expect_err("an answer is final");
        assert!(matches!(twice.code(), Code::Aborted | Code::FailedPrecondition));
    }
    let after = counts(region.anybody.clone()).await.expect("public");
    assert_eq!((after.open_count, after.total_count, after.answered.len()), (0, 6, 6));
    let told = &after.answered[0];
    assert_eq!(
        (told.outcome(), told.name.as_str(), told.contact.as_str()),
        (objection::Outcome::Partly, "", "")
    );
    let followed = follow(first.receipt).await.expect("followed").expect("there");
    assert_eq!(followed.reasons, "核对后更正了一处。");
}

async fn open(region: &Region, kind: VersionKind) -> Result<Release, Status> {
    let etag = get(&region.publisher, 2025).await?.etag;
    let request = OpenCorrectionRequest {
        request_id: request_id(),
        year: 2025,
        etag,
        kind: kind.into(),
        text: text("表 2-5 有一处招生计划数有误，现予更正。"),
    };
    let answer = region.publisher.release_corrections().open_correction(request).await?;
    Ok(answer.into_inner().release.expect("there"))
}

async fn versions(clients: &Clients) -> Vec<(i32, VersionKind)> {
    let request = ListVersionsRequest { year: 2025 };
    let answer = clients.release_corrections().list_versions(request).await.expect("listed").into_inner();
    answer.versions.iter().map(|version| (version.number, version.kind())).collect()
}

/// A correction is compiled beside what the public reads, compared, and published by two people; the first version
/// stays readable.
pub async fn a_correction_is_a_version_beside_the_first(region: &Region) {
    let published = table(&region.anybody, 2025, "2-5").await.expect("public");
    let etag = get(&region.publisher, 2025).await.expect("there").etag;
    let original = OpenCorrectionRequest {
        request_id: request_id(),
        year: 2025,
        etag,
        kind: VersionKind::Original.into(),
        text: text("更正"),
    };
    let original = region.publisher.release_corrections().open_correction(original).await;
    assert_eq!(original.expect_err("no correction is original").code(), Code::InvalidArgument);

    let opened = open(region, VersionKind::Erratum).await.expect("opened");
    assert_eq!(opened.state(), State::Published, "what is published stays");
    let request = DropCorrectionRequest { request_id: request_id(), year: 2025, etag: opened.etag };
    region.publisher.release_corrections().drop_correction(request).await.expect("given up");
    open(region, VersionKind::Erratum).await.expect("opened again");
    let early = propose(&region.publisher, 2025).await.expect_err("not compiled");
    assert_eq!(early.code(), Code::FailedPrecondition);

    collect::import_programmes(region, 55).await;
    let done = compile(region, 2025).await;
    assert_eq!(done.state(), zhijian_proto::common::v1::operation::State::Succeeded, "{}", done.note_zh);
    assert_eq!(table(&region.anybody, 2025, "2-5").await.expect("public"), published, "the embargo holds");
    let draft = GetTableRequest { year: 2025, number: "2-5".to_owned(), version: 0, draft: true };
    let hidden = region.anybody.tables().get_table(draft.clone()).await.expect_err("not public");
    assert_eq!(hidden.code(), Code::NotFound);
    let compiled = region.publisher.tables().get_table(draft).await.expect("staff see it").into_inner();
    let compiled = compiled.table.expect("there");
    assert_ne!(compiled.csv, published.csv);

    let compare = |from, to| CompareVersionsRequest { year: 2025, from, to };
    let hidden = region.anybody.release_corrections().compare_versions(compare(1, 0)).await;
    assert_eq!(hidden.expect_err("not public").code(), Code::NotFound);
    let seen =
        region.publisher.release_corrections().compare_versions(compare(1, 0)).await.expect("compared");
    assert_eq!(seen.into_inner().tables.len(), 1);

    propose(&region.second, 2025).await.expect("compiled");
    let etag = get(&region.publisher, 2025).await.expect("there").etag;
    let request = TakeBackProposalRequest { request_id: request_id(), year: 2025, etag };
    region.publisher.releases().take_back_proposal(request).await.expect("either of the two");
    propose(&region.second, 2025).await.expect("again");
    assert_eq!(
        confirm(&region.second, 2025).await.expect_err("the same person").code(),
        Code::FailedPrecondition
    );
    region.outage.of("/RevealRound");
    let corrected = confirm(&region.publisher, 2025).await.expect("two people");
    assert_eq!((corrected.state(), corrected.version), (State::Corrected, 2));
    assert_eq!(corrected.owed_reveals.iter().map(|owed| owed.version).collect::<Vec<_>>(), [2]);

    assert_eq!(table(&region.anybody, 2025, "2-5").await.expect("public"), compiled);
    let first = GetTableRequest { year: 2025, number: "2-5".to_owned(), version: 1, draft: false };
    let first = region.anybody.tables().get_table(first).await.expect("stays").into_inner().table;
    assert_eq!(first.expect("there"), published);
    assert_eq!(versions(&region.anybody).await, [(2, VersionKind::Erratum), (1, VersionKind::Original)]);
    let told = region.anybody.release_corrections().compare_versions(compare(1, 2)).await.expect("public");
    let told = told.into_inner().tables;
    assert_eq!((told.len(), told[0].number.as_str(), told[0].change()), (1, "2-5", Change::Changed));
    let cells: Vec<_> =
        told[0].cells.iter().map(|cell| (cell.before.as_str(), cell.after.as_str())).collect();
    assert_eq!(cells, [("40", "55")]);
    let same = region.anybody.release_corrections().compare_versions(compare(2, 2)).await.expect("public");
    assert!(same.into_inner().tables.is_empty());
    edition::old_versions_keep_their_derivations(region).await;
}

pub async fn what_is_withdrawn_keeps_its_address(region: &Region) {
    open(region, VersionKind::Withdrawal).await.expect("opened");
    propose(&region.publisher, 2025).await.expect("nothing to compile");
    let withdrawn = confirm(&region.second, 2025).await.expect("two people");
    assert_eq!((withdrawn.state(), withdrawn.version), (State::Withdrawn, 3));
    assert!(withdrawn.owed_reveals.is_empty(), "what was taken back is not shown to schools any more");
    region.outage.over();
    assert_eq!(get(&region.anybody, 2025).await.expect("stays").state(), State::Withdrawn);
    assert_eq!(table(&region.anybody, 2025, "2-5").await.expect_err("taken back").code(), Code::NotFound);
    let none = region.anybody.tables().list_tables(tables_of(2025)).await.expect("listed").into_inner();
    assert!(none.tables.is_empty());
    let second = GetTableRequest { year: 2025, number: "2-5".to_owned(), version: 2, draft: false };
    region.anybody.tables().get_table(second).await.expect("what was published stays");
    let again = open(region, VersionKind::Erratum).await.expect_err("it is withdrawn");
    assert_eq!(again.code(), Code::FailedPrecondition);
}

/// Every look at a table that was not public is told to the commission, and to nobody else.
pub async fn early_looks_were_recorded(region: &Region) {
    let request = ListEarlyReadsRequest { page_size: 1000, page_token: String::new(), year: 2025 };
    let refused = region.anybody.releases().list_early_reads(request.clone()).await.expect_err("private");
    assert!(matches!(refused.code(), Code::Unauthenticated | Code::PermissionDenied));
    let reads =
        region.commission.releases().list_early_reads(request).await.expect("told").into_inner().reads;
    assert!(reads.iter().any(|read| read.what == "2-1" && read.action == "table.read"), "{reads:?}");
    assert!(reads.iter().any(|read| read.action == "release.read" && read.what.contains("2-5")), "{reads:?}");
    assert!(reads.iter().all(|read| !read.account_id.is_empty()));
}
