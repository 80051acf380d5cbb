//! The cases of everything that was accepted in a year, page by page.

use std::collections::BTreeSet;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use tonic::Status;
use zhijian_platform::{Call, Error, Resource};
use zhijian_proto::submission::v1::{StreamAcceptedCasesRequest, StreamAcceptedCasesResponse};

use crate::{
    domain::text::is_storable,
    rpc::{Rpc, public::public_case},
    store::material::{self, AcceptedCases},
};

/// How many submissions one query fetches.
const PAGE: u64 = 50;

impl Rpc {
    pub(super) async fn accepted_cases(
        &self,
        call: Call,
        input: StreamAcceptedCasesRequest,
    ) -> Result<BoxStream<'static, Result<StreamAcceptedCasesResponse, Status>>, Error> {
        call.authorise(&Resource::region())?;
        let year = self.cycle(input.cycle_year).await?.year;
        let kinds = input.report_kinds;
        if kinds.iter().any(|kind| !is_storable(kind)) {
            return Ok(stream::empty().boxed());
        }
        let sections: BTreeSet<String> = input.section_codes.into_iter().collect();
        let db = self.ctx.db.clone();
        let pages = stream::try_unfold(Some(None), move |place: Option<Option<String>>| {
            let (db, kinds) = (db.clone(), kinds.clone());
            async move {
                let Some(after) = place else { return Ok::<_, Error>(None) };
                let (rows, last) =
                    material::accepted_page(db.reader(), year, &kinds, after.as_deref(), PAGE).await?;
                Ok(last.map(|last| (rows, Some(Some(last)))))
            }
        });
        let answers = pages
            .map_ok(move |rows| {
                let told = rows.into_iter().flat_map(|row| answers(row, &sections)).collect::<Vec<_>>();
                stream::iter(told.into_iter().map(Ok::<_, Error>))
            })
            .try_flatten()
            .map_err(Status::from);
        Ok(answers.boxed())
    }
}

/// The cases of one submission that are in one of `sections`; of none named, all.
fn answers(row: AcceptedCases, sections: &BTreeSet<String>) -> Vec<StreamAcceptedCasesResponse> {
    let wanted =
        row.cases.into_iter().filter(|case| sections.is_empty() || sections.contains(&case.section_code));
    let answer = |case| StreamAcceptedCasesResponse {
        submission_id: row.submission_id.clone(),
        revision_number: row.revision_number,
        report_kind: row.report_kind.clone(),
        organisation_code: row.organisation_code.clone(),
        subject_code: row.subject_code.clone(),
        case: Some(public_case(case)),
    };
    wanted.map(answer).collect()
}
