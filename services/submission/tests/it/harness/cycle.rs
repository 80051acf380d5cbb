//! A year's cycle, moved on.

use zhijian_proto::{common::v1::Text, submission::v1::*};

use super::{World, id};

impl World {
    /// A cycle that collects, due at `due` if given.
    pub async fn collecting(&self, year: i32, due: Option<prost_types::Timestamp>) -> Cycle {
        let cycle = Cycle {
            year,
            name: Some(Text { zh: format!("{year} 年度"), en: format!("The {year} edition") }),
            window_start: format!("{}-09-01", year - 1),
            window_end: format!("{year}-08-31"),
            due_time: due,
            ..Default::default()
        };
        let mut cycles = self.commission().cycles();
        let request = CreateCycleRequest { request_id: id(), cycle: Some(cycle) };
        let cycle = cycles.create_cycle(request).await.expect("created").into_inner().cycle.expect("a cycle");
        let request = OpenCycleRequest { request_id: id(), year, etag: cycle.etag };
        cycles.open_cycle(request).await.expect("opened").into_inner().cycle.expect("a cycle")
    }

    pub async fn close(&self, year: i32) {
        let mut cycles = self.commission().cycles();
        let cycle = cycles.get_cycle(GetCycleRequest { year }).await.unwrap().into_inner().cycle.unwrap();
        cycles
            .close_cycle(CloseCycleRequest { request_id: id(), year, etag: cycle.etag })
            .await
            .expect("closed");
    }

    pub async fn release(&self, year: i32) -> Cycle {
        let request = ReleaseCycleRequest { request_id: id(), year };
        self.publication()
            .cycles()
            .release_cycle(request)
            .await
            .expect("released")
            .into_inner()
            .cycle
            .unwrap()
    }
}
