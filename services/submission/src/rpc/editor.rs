//! EditorService.

use std::collections::BTreeMap;

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Text, etag};
use zhijian_proto::submission::v1::{
    Editor, GetEditorsRequest, GetEditorsResponse, SetEditorsRequest, SetEditorsResponse,
    editor_service_server::EditorService,
};

use super::{
    Rpc,
    submission::{audited, standing::is_own, working::kind_of},
    upstream,
};
use crate::{
    domain::parts::{self, Part, Plan},
    store::report,
};

#[tonic::async_trait]
impl EditorService for Rpc {
    async fn get_editors(
        &self,
        request: Request<GetEditorsRequest>,
    ) -> Result<Response<GetEditorsResponse>, Status> {
        let call = Call::of(&request)?;
        let (row, _) = self.admit(&call, &request.into_inner().submission_id).await?;
        let accounts = upstream::accounts(&self.ctx.clients, &row.organisation_code).await?;
        let mut accounts: Vec<Editor> = accounts
            .into_iter()
            .map(|(account_id, account_name)| Editor { account_id, account_name, ..Editor::default() })
            .collect();
        accounts.sort_by(|left, right| left.account_name.cmp(&right.account_name));
        let editors = row.plan()?.editors.into_iter().map(wire).collect();
        Ok(Response::new(GetEditorsResponse { editors, accounts, etag: etag::of(row.version) }))
    }

    async fn set_editors(
        &self,
        request: Request<SetEditorsRequest>,
    ) -> Result<Response<SetEditorsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        // The commission says nothing about who does what in a school; it only helps where nobody there can.
        let clears = !is_own(&call, &row.organisation_code);
        if clears && !input.editors.is_empty() {
            return Err(Error::NotAllowed { action: call.action().to_owned() }.into());
        }
        let accounts = if input.editors.is_empty() {
            BTreeMap::new()
        } else {
            upstream::accounts(&self.ctx.clients, &row.organisation_code).await?
        };
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let given = input.editors.iter().cloned().map(read).collect();
        let plan = Plan::read(given, &accounts, kind_of(&catalogue, &row)?).map_err(Error::Invalid)?;
        let (account_id, etag) = (call.actor_id(), input.etag.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut row = report::get(tx.conn(), &row.submission_id).await?;
                    if !clears {
                        let what = Text::new("填报分工", "Handing out the parts");
                        row.plan()?.check_coordinator(&account_id, what)?;
                    }
                    etag::check(&etag, row.version)?;
                    row.set_plan(&plan)?;
                    tx.audit(audited(&row.submission_id), json!({ "editors": plan }));
                    let row = report::save(tx.conn(), row, tx.now()).await?;
                    let editors = plan.editors.into_iter().map(wire).collect();
                    Ok(SetEditorsResponse { editors, etag: etag::of(row.version) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

fn read(editor: Editor) -> parts::Editor {
    let sections = editor.section_codes.into_iter().map(Part::Section);
    let groups = editor.group_codes.into_iter().map(Part::Group);
    parts::Editor {
        account_id: editor.account_id,
        account_name: String::new(),
        coordinator: editor.coordinator,
        parts: sections.chain(groups).collect(),
    }
}

fn wire(editor: parts::Editor) -> Editor {
    let mut wire = Editor {
        account_id: editor.account_id,
        account_name: editor.account_name,
        coordinator: editor.coordinator,
        ..Editor::default()
    };
    for part in editor.parts {
        match part {
            Part::Section(code) => wire.section_codes.push(code),
            Part::Group(code) => wire.group_codes.push(code),
        }
    }
    wire
}
