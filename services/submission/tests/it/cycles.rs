use tonic::Code;
use zhijian_proto::{common::v1::Text, submission::v1::*};

use crate::harness::*;

fn cycle(year: i32) -> Cycle {
    Cycle {
        year,
        name: Some(Text { zh: "年度".into(), en: "edition".into() }),
        window_start: "2024-09-01".into(),
        window_end: "2025-08-31".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_cycle_goes_from_draft_to_released() {
    each(|world| async move {
        let mut cycles = world.commission().cycles();
        let request = CreateCycleRequest { request_id: id(), cycle: Some(cycle(2025)) };
        let created = cycles.create_cycle(request.clone()).await.unwrap().into_inner().cycle.unwrap();
        assert_eq!((created.state(), created.catalogue_year), (cycle::State::Draft, 2025));
        let again = cycles.create_cycle(request).await.unwrap().into_inner().cycle.unwrap();
        assert_eq!(again, created, "a repeated request has the same answer");
        let request = CreateCycleRequest { request_id: id(), cycle: Some(cycle(2025)) };
        assert_eq!(cycles.create_cycle(request).await.unwrap_err().code(), Code::AlreadyExists);

        let close = |etag: &str| CloseCycleRequest { request_id: id(), year: 2025, etag: etag.to_owned() };
        let refused = cycles.close_cycle(close(&created.etag)).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, "cycle.state");

        let open = |etag: &str| OpenCycleRequest { request_id: id(), year: 2025, etag: etag.to_owned() };
        let stale = cycles.open_cycle(open("v9")).await.unwrap_err();
        assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        assert_eq!(violations(&cycles.open_cycle(open("")).await.unwrap_err())[0].0, "etag");
        let opened = cycles.open_cycle(open(&created.etag)).await.unwrap().into_inner().cycle.unwrap();
        assert_eq!(opened.state(), cycle::State::Collecting);

        let early = ReleaseCycleRequest { request_id: id(), year: 2025 };
        let refused = world.publication().cycles().release_cycle(early).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, "cycle.state");
        let closed = cycles.close_cycle(close(&opened.etag)).await.unwrap().into_inner().cycle.unwrap();
        assert_eq!(closed.state(), cycle::State::Closed);
        let released = world.release(2025).await;
        assert_eq!(released.state(), cycle::State::Released);
        assert_eq!(world.release(2025).await, released, "releasing again changes nothing");
    })
    .await;
}

#[tokio::test]
async fn a_definition_at_fault_is_refused_field_by_field() {
    each(|world| async move {
        let mut cycles = world.commission().cycles();
        let bad = Cycle { year: 2031, name: None, window_end: "2024-01-01".into(), ..cycle(2031) };
        let refused =
            cycles.create_cycle(CreateCycleRequest { request_id: id(), cycle: Some(bad) }).await.unwrap_err();
        let fields: Vec<String> = violations(&refused).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["cycle.name", "cycle.window_end", "cycle.catalogue_year"]);
        let missing = cycles.get_cycle(GetCycleRequest { year: 2031 }).await.unwrap_err();
        assert_eq!((missing.code(), metadata(&missing, "resource").as_str()), (Code::NotFound, "cycle/2031"));
    })
    .await;
}

#[tokio::test]
async fn only_the_commission_runs_cycles_and_anybody_reads_them() {
    each(|world| async move {
        for year in [2024, 2025, 2026] {
            world.collecting(year, None).await;
        }
        let request = CreateCycleRequest { request_id: id(), cycle: Some(cycle(2030)) };
        let refused = world.school(COLLEGE).cycles().create_cycle(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let release = ReleaseCycleRequest { request_id: id(), year: 2024 };
        let refused = world.commission().cycles().release_cycle(release).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "results are released by publication alone");

        let mut anybody = world.test.ctx.clients.cycles();
        let mut years = Vec::new();
        let mut page_token = String::new();
        loop {
            let page = anybody
                .list_cycles(ListCyclesRequest { page_size: 2, page_token })
                .await
                .unwrap()
                .into_inner();
            years.extend(page.cycles.iter().map(|cycle| cycle.year));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(years, [2026, 2025, 2024]);
        let request = ListCyclesRequest { page_size: 1, page_token: "bm90IGEgeWVhcg".into() };
        assert_eq!(violations(&anybody.list_cycles(request).await.unwrap_err())[0].0, "page_token");
    })
    .await;
}

#[tokio::test]
async fn the_catalogue_tells_what_a_year_asks_for() {
    each(|world| async move {
        let mut catalogues = world.test.ctx.clients.catalogues();
        let catalogue = catalogues
            .get_catalogue(GetCatalogueRequest { year: 2025 })
            .await
            .unwrap()
            .into_inner()
            .catalogue
            .unwrap();
        let rate = catalogue.indicators.iter().find(|indicator| indicator.code == "SC04").unwrap();
        assert_eq!((rate.kind(), rate.decimals, rate.group_code.as_str()), (indicator::Kind::Rate, 2, "SC"));
        assert_eq!(rate.formula, "SC02 / SC01 * 100");
        assert_eq!(rate.unit.as_ref().unwrap().zh, "%");
        let codes: Vec<&str> = catalogue.report_kinds.iter().map(|kind| kind.code.as_str()).collect();
        assert_eq!(codes, ["higher", "secondary", "district", "enterprise"]);
        assert_eq!(catalogue.report_kinds[0].sections.len(), 9);
        assert!(
            catalogue.rules.iter().any(|rule| rule.code == "V03-SC02" && rule.expression == "SC02 <= SC01")
        );
        let missing = catalogues.get_catalogue(GetCatalogueRequest { year: 2019 }).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
    })
    .await;
}
