//! Remarks: the desk says what is to be mended, the school answers beside it.

use http::StatusCode;
use tonic::{Code, Request, Status};
use zhijian_proto::submission::v1::*;

use crate::{
    LATER, at,
    common::{
        Browser,
        world::{refusal, report, standing},
    },
    recorded, remark, returned, taken,
};

#[tokio::test]
async fn a_remark_stands_beside_its_cell_and_is_answered_there() {
    let fake = standing(returned(), vec![remark(comment::State::Open)]);
    let (fake, calls) = recorded::<AnswerCommentRequest, AnswerCommentResponse>(
        fake,
        "submission.v1.CommentService/AnswerComment",
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    let (row, remark) =
        (page.body.find("毕业生人数").expect("the row"), page.body.find("与学籍系统不符").expect("said"));
    let next = page.body.find("去向落实人数").expect("the next row");
    assert!(row < remark && remark < next, "it stands under its own row");
    // The ledger is one form; the answer belongs to another, which stands after it.
    let shell = page.body.find("id=\"say-cmt_1\"").expect("the answer's form");
    let ledger_ends = page.body[..shell].rfind("</form>").expect("the ledger's end");
    assert!(page.body.find("form=\"say-cmt_1\"").expect("the field") < ledger_ends, "{}", page.body);
    let front = browser.get("/submissions/sub_1").await;
    assert!(
        front.body.contains("1 条意见要答复") && front.body.contains("请核对就业数据。"),
        "{}",
        front.body
    );
    let fields = [
        ("comment_id", "cmt_1"),
        ("etag", "k1"),
        ("answer", " 已改为 4980\r\n见附件 "),
        ("back", "/submissions/sub_1/cells/SC"),
    ];
    let sent = browser.post("/submissions/sub_1/comments/cmt_1/answer", &fields).await;
    assert_eq!(sent.location(), "/submissions/sub_1/cells/SC?done=answered#f-cmt_1");
    let call = taken(&calls);
    assert_eq!((call.answer.as_str(), call.etag.as_str()), ("已改为 4980\n见附件", "k1"));
}

#[tokio::test]
async fn two_people_answer_at_once_and_neither_answer_is_lost() {
    let answered = Comment {
        answer: "同事的答复".into(),
        answerer_name: "赵老师".into(),
        etag: "k2".into(),
        ..remark(comment::State::Answered)
    };
    let fake = standing(returned(), vec![answered]).on(
        "submission.v1.CommentService/AnswerComment",
        |_: Request<AnswerCommentRequest>| -> Result<AnswerCommentResponse, Status> {
            Err(refusal(Code::Aborted, "ETAG_MISMATCH", "内容已被修改。"))
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [("comment_id", "cmt_1"), ("etag", "k1"), ("answer", "我的答复")];
    let page = browser.post("/submissions/sub_1/comments/cmt_1/answer", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("同事的答复") && page.body.contains("我的答复</textarea>"), "{}", page.body);
    assert_eq!(page.input("etag").as_deref(), Some("k2"), "the next try is upon what stands now");
}

#[tokio::test]
async fn the_desk_remarks_beside_a_cell_and_comes_back_to_it() {
    let with_desk =
        Submission { state: submission::State::UnderReview.into(), revision_number: 1, ..report() };
    let (fake, calls) = recorded::<AddCommentRequest, AddCommentResponse>(
        standing(with_desk, vec![remark(comment::State::Unsent)]),
        "submission.v1.CommentService/AddComment",
    );
    let (fake, returns) = recorded::<ReturnSubmissionRequest, ReturnSubmissionResponse>(
        fake,
        "submission.v1.SubmissionService/ReturnSubmission",
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/submissions/sub_1/cells/SC").await;
    assert!(page.body.contains("id=\"say-cell.SC02\"") && page.body.contains("未发出"), "{}", page.body);
    let back = ("back", "/submissions/sub_1/cells/SC");
    let fields = [("place", "cell.SC02"), ("body", "请附名单"), back];
    let sent = browser.post("/submissions/sub_1/comments", &fields).await;
    assert_eq!(sent.location(), "/submissions/sub_1/cells/SC?done=noted");
    let call = taken(&calls);
    assert_eq!((call.indicator_code.as_str(), call.section_code.as_str()), ("SC02", ""));
    for elsewhere in ["//evil.example", "/desk", "/submissions/sub_2/cells/SC"] {
        let fields = [("place", "section.talent"), ("body", "请补充"), ("back", elsewhere)];
        let sent = browser.post("/submissions/sub_1/comments", &fields).await;
        assert_eq!(sent.location(), "/submissions/sub_1/comments?done=noted");
        assert_eq!(taken(&calls).section_code, "talent");
    }
    let front = browser.get("/submissions/sub_1").await;
    assert!(front.body.contains("1 条意见") && front.input("mend_due_time").is_some(), "{}", front.body);
    let fields = [("etag", "v3"), ("comment", "见各处意见"), ("mend_due_time", "2030-04-04T10:00")];
    browser.post("/submissions/sub_1/return", &fields).await;
    assert_eq!(taken(&returns).mend_due_time, at(LATER));
    let fields = [("etag", "v3"), ("comment", "见各处意见"), ("mend_due_time", "下周")];
    let page = browser.post("/submissions/sub_1/return", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("见各处意见</textarea>") && page.body.contains("请写日期和时间"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_remark_that_was_refused_is_shown_again_with_its_place() {
    let with_desk = Submission { state: submission::State::Submitted.into(), revision_number: 1, ..report() };
    let fake = standing(with_desk, vec![]).on(
        "submission.v1.CommentService/AddComment",
        |_: Request<AddCommentRequest>| -> Result<AddCommentResponse, Status> {
            Err(Status::unavailable("no"))
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let fields = [("place", "cell.SC02"), ("body", "请附名单"), ("request_id", "r7")];
    let page = browser.post("/submissions/sub_1/comments", &fields).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("请附名单</textarea>"), "{}", page.body);
    assert!(page.body.contains("value=\"cell.SC02\" selected"), "{}", page.body);
    assert_eq!(
        page.input("request_id").as_deref(),
        Some("r7"),
        "it may have arrived: the same request again"
    );
}
