//! All that was submitted, for whoever wants to compute a receipt's hash again.

use zhijian_platform::{Call, Error};
use zhijian_proto::submission::v1::{GetRevisionContentRequest, GetRevisionContentResponse};

use crate::{
    domain::content::Content,
    rpc::Rpc,
    store::{material, revision},
};

impl Rpc {
    pub(super) async fn revision_content(
        &self,
        call: Call,
        input: GetRevisionContentRequest,
    ) -> Result<GetRevisionContentResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let frozen = revision::get(conn, &row.submission_id, input.revision_number).await?;
        let material = material::revision(conn, &row.submission_id, frozen.number).await?;
        let (cells, sections) = (frozen.cells()?, frozen.sections()?);
        let explanations = serde_json::from_str(&frozen.explanations).map_err(Error::internal)?;
        let content = Content {
            attachments: &material.attachments,
            cases: &material.cases,
            cells: &cells,
            cycle_year: row.cycle_year,
            dismissals: &material.dismissals,
            explanations: &explanations,
            organisation_code: &row.organisation_code,
            report_kind: &row.report_kind,
            sections: &sections,
            subject_code: &row.subject_code,
        };
        let content = content.canonical().map_err(Error::internal)?;
        Ok(GetRevisionContentResponse { content, content_hash: frozen.content_hash })
    }
}
