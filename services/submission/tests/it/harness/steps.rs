//! A report on its way: checked, approved, handed in, accepted or sent back.

use tonic::Status;
use zhijian_proto::submission::v1::*;

use super::{World, id};

impl World {
    pub async fn check(&self, submission: &Submission) -> CheckSubmissionResponse {
        let request = CheckSubmissionRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.check_submission(request).await.expect("checked").into_inner()
    }

    pub async fn explain(
        &self,
        submission: &Submission,
        finding_id: &str,
        explanation: &str,
    ) -> Result<Finding, Status> {
        let request = ExplainFindingRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            finding_id: finding_id.to_owned(),
            explanation: explanation.to_owned(),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.explain_finding(request).await?.into_inner().finding.expect("a finding"))
    }

    pub async fn approve(&self, submission: &Submission) -> Result<Submission, Status> {
        let request = ApproveSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
            declaration: Some(Declaration {
                name: "演示校长".into(), office: "校长".into(), time: None
            }),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.approve_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    pub async fn submit(&self, submission: &Submission) -> Result<SubmitSubmissionResponse, Status> {
        let request = SubmitSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.submit_submission(request).await?.into_inner())
    }

    /// Explains what stands open, approves and hands in.
    pub async fn hand_in(&self, submission: &Submission) -> Receipt {
        for finding in self.check(submission).await.findings {
            if finding.severity() == Severity::Warning && finding.explanation.is_empty() {
                self.explain(submission, &finding.finding_id, "情况属实").await.expect("explained");
            }
        }
        self.approve(submission).await.expect("approved");
        self.submit(submission).await.expect("submitted").receipt.expect("a receipt")
    }

    /// A filled-in report, handed in; warnings are explained.
    pub async fn submitted(&self, year: i32, kind: &str, code: &str, subject: &str) -> Submission {
        let submission = self.create(year, kind, code, subject).await;
        self.fill(&submission).await;
        for finding in self.check(&submission).await.findings {
            self.explain(&submission, &finding.finding_id, "情况属实").await.expect("no errors are left");
        }
        self.approve(&submission).await.expect("approved");
        self.submit(&submission).await.expect("submitted").submission.expect("a submission")
    }

    pub async fn accept(&self, submission: &Submission) -> Result<Submission, Status> {
        let request = AcceptSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
        };
        let mut client = self.commission().submissions();
        Ok(client.accept_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    pub async fn send_back(&self, submission: &Submission, comment: &str) -> Result<Submission, Status> {
        let request = ReturnSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
            comment: comment.to_owned(),
            mend_due_time: None,
        };
        let mut client = self.commission().submissions();
        Ok(client.return_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    /// What happened to a submission: the actions, each with the state it led to.
    pub async fn history(&self, submission: &Submission) -> Vec<(String, submission::State)> {
        let request = ListEventsRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        let events = client.list_events(request).await.expect("read").into_inner().events;
        events.into_iter().map(|event| (event.action.clone(), event.state())).collect()
    }
}
