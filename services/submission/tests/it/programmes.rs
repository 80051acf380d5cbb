use tonic::Code;
use zhijian_proto::{
    common::v1::{Level, Text},
    submission::v1::*,
};

use crate::harness::*;

fn programme(organisation_code: &str, code: &str, level: Level) -> Programme {
    Programme {
        organisation_code: organisation_code.to_owned(),
        code: code.to_owned(),
        level: level.into(),
        name: Some(Text { zh: format!("专业{code}"), en: format!("Programme {code}") }),
        opened_year: 2023,
        ..Default::default()
    }
}

async fn import(
    world: &World,
    programmes: Vec<Programme>,
    dry_run: bool,
) -> Result<ImportProgrammesResponse, tonic::Status> {
    let request = ImportProgrammesRequest { request_id: id(), programmes, dry_run };
    Ok(world.commission().programmes().import_programmes(request).await?.into_inner())
}

async fn list(world: &World, request: ListProgrammesRequest) -> Vec<String> {
    let mut client = world.test.ctx.clients.programmes();
    let mut codes = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListProgrammesRequest { page_token, ..request.clone() };
        let page = client.list_programmes(request).await.expect("a page").into_inner();
        codes.extend(page.programmes.into_iter().map(|programme| programme.code));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return codes;
        }
    }
}

/// What changes with the register.
async fn version(world: &World) -> String {
    let request = ListProgrammesRequest { page_size: 1, query: "nothing".into(), ..Default::default() };
    world.test.ctx.clients.programmes().list_programmes(request).await.expect("a page").into_inner().version
}

#[tokio::test]
async fn an_import_registers_and_updates_by_school_code_and_level() {
    each(|world| async move {
        let rows = vec![
            programme(COLLEGE, "510202", Level::Higher),
            programme(COLLEGE, "510201", Level::Higher),
            programme(SCHOOL, "710205", Level::Secondary),
        ];
        let dry = import(&world, rows.clone(), true).await.unwrap();
        assert_eq!((dry.created, dry.updated, dry.programmes.len()), (3, 0, 0));
        assert_eq!(
            list(&world, ListProgrammesRequest::default()).await,
            [] as [&str; 0],
            "a dry run changes nothing"
        );

        let empty = version(&world).await;
        let first = import(&world, rows.clone(), false).await.unwrap();
        let before = version(&world).await;
        assert_ne!(empty, before, "whatever is filtered");
        assert_eq!((first.created, first.updated), (3, 0));
        assert_eq!(first.programmes[1].code, "510201", "in the order given");

        let renamed =
            Programme { name: Some(Text { zh: "新名".into(), en: "New name".into() }), ..rows[0].clone() };
        let second =
            import(&world, vec![renamed, programme(COLLEGE, "560207W", Level::Higher)], false).await.unwrap();
        assert_eq!((second.created, second.updated), (1, 1));
        let renamed = version(&world).await;
        assert_ne!(before, renamed);
        import(&world, second.programmes.clone(), false).await.unwrap();
        assert_eq!(version(&world).await, renamed, "nothing was new");
        let updated = &second.programmes[0];
        assert_eq!(updated.programme_id, first.programmes[0].programme_id);
        assert_ne!(updated.etag, first.programmes[0].etag);
        let mut client = world.test.ctx.clients.programmes();
        let request = GetProgrammeRequest { programme_id: updated.programme_id.clone() };
        let read = client.get_programme(request).await.unwrap().into_inner().programme.unwrap();
        assert_eq!(&read, updated);
        let missing =
            client.get_programme(GetProgrammeRequest { programme_id: "prg_0".into() }).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn an_import_is_all_or_none_and_names_every_row_at_fault() {
    each(|world| async move {
        let rows = vec![
            programme(COLLEGE, "510202", Level::Higher),
            programme(COLLEGE, "999999", Level::Higher),
            programme(COLLEGE, "510202", Level::Higher),
            programme(SCHOOL, "710205", Level::Unspecified),
            programme(SCHOOL, "710205", Level::Higher),
            Programme { withdrawn_year: 2022, ..programme(SCHOOL, "710206", Level::Secondary) },
        ];
        let fields: Vec<String> = violations(&import(&world, rows, false).await.unwrap_err())
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(
            fields,
            [
                "programmes[1].code",
                "programmes[2].code",
                "programmes[3].level",
                "programmes[4].level",
                "programmes[5].withdrawn_year"
            ]
        );
        let unknown = vec![
            programme(COLLEGE, "510202", Level::Higher),
            programme("4111009999", "510202", Level::Higher),
        ];
        let refused = violations(&import(&world, unknown, false).await.unwrap_err());
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0, "programmes[1].organisation_code");
        assert!(refused[0].1.contains("4111009999"), "{}", refused[0].1);
        assert_eq!(list(&world, ListProgrammesRequest::default()).await, [] as [&str; 0]);
        assert_eq!(violations(&import(&world, vec![], false).await.unwrap_err())[0].0, "programmes");

        let request = ImportProgrammesRequest {
            request_id: id(),
            programmes: vec![programme(COLLEGE, "510202", Level::Higher)],
            dry_run: true,
        };
        let refused = world.school(COLLEGE).programmes().import_programmes(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn the_register_is_listed_in_order_and_filtered() {
    each(|world| async move {
        let pathway = Pathway {
            year: 2025,
            places: 60,
            partner: "演示大学".into(),
            partner_programme: "大数据管理与应用".into(),
            sequence: 1,
        };
        let rows = vec![
            Programme { opened_year: 2024, ..programme(OTHER_COLLEGE, "510202", Level::Higher) },
            Programme { pilot: true, ..programme(COLLEGE, "510203", Level::Higher) },
            Programme { opened_year: 2019, ..programme(COLLEGE, "510202", Level::Higher) },
            Programme { pathway: Some(pathway.clone()), ..programme(SCHOOL, "710205", Level::Secondary) },
        ];
        let imported = import(&world, rows, false).await.unwrap();
        assert_eq!(imported.programmes[3].pathway, Some(pathway));
        let all = ListProgrammesRequest { page_size: 1, ..Default::default() };
        assert_eq!(list(&world, all.clone()).await, ["710205", "510202", "510203", "510202"]);
        let opened = ListProgrammesRequest { opened_from: 2022, opened_to: 2024, ..all.clone() };
        assert_eq!(list(&world, opened.clone()).await, ["710205", "510203", "510202"]);
        assert_eq!(
            list(&world, ListProgrammesRequest { exclude_pilots: true, ..opened }).await,
            ["710205", "510202"]
        );
        assert_eq!(list(&world, ListProgrammesRequest { pilot_only: true, ..all.clone() }).await, ["510203"]);
        assert_eq!(
            list(&world, ListProgrammesRequest { pathway_year: 2025, ..all.clone() }).await,
            ["710205"]
        );
        let of_one = ListProgrammesRequest { organisation_codes: vec![COLLEGE.into()], ..all.clone() };
        assert_eq!(list(&world, of_one).await, ["510202", "510203"]);
        let of_nobody = ListProgrammesRequest { organisation_codes: vec!["\0".into()], ..all.clone() };
        assert_eq!(list(&world, of_nobody).await, [] as [&str; 0]);
        let both = ListProgrammesRequest { pilot_only: true, exclude_pilots: true, ..all };
        let refused = world.test.ctx.clients.programmes().list_programmes(both).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "exclude_pilots");
    })
    .await;
}

#[tokio::test]
async fn the_largest_import_goes_through_in_one_piece() {
    each(|world| async move {
        let code = |number: usize| format!("{}{:04}", 21 + number / 1000, number % 1000 + 1000);
        let rows =
            (0..2000).map(|number| programme(COLLEGE, &code(number), Level::Higher)).collect::<Vec<_>>();
        assert_eq!(import(&world, rows.clone(), false).await.unwrap().created, 2000);
        let again = import(&world, rows.clone(), false).await.unwrap();
        assert_eq!((again.updated, again.unchanged, again.programmes.len()), (0, 2000, 2000));
        assert_eq!(
            list(&world, ListProgrammesRequest { page_size: 1000, ..Default::default() }).await.len(),
            2000
        );
        let more = rows.into_iter().chain([programme(SCHOOL, "710205", Level::Secondary)]).collect();
        assert_eq!(violations(&import(&world, more, false).await.unwrap_err())[0].0, "programmes");
    })
    .await;
}
