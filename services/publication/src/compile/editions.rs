//! Compiles the editions: sets every document and stores it.

use std::collections::BTreeMap;

use zhijian_platform::{Error, Text};

use super::{Compiler, Progress};
use crate::{
    domain::{
        edition::{self, Built, Cover, LeftOut, Templates},
        facts::Facts,
        pin::Pinned,
        table::Table,
    },
    store::{edition::Edition, table::Kept},
    upstream::Region,
};

/// How many editions that were left out are named, and how many reasons of each.
const NAMED: usize = 5;
const REASONS: usize = 3;

impl Compiler {
    /// Sets and stores the editions of a release, and says which bind to what is not there: those are left out, so that a
    /// region without some of the data has its tables nonetheless.
    ///
    /// # Errors
    /// The store's own.
    pub(super) async fn editions(
        &self,
        templates: &Templates,
        pinned: &Pinned,
        facts: &Facts,
        tables: &[Kept],
        region: &Region,
        progress: &mut Progress<'_>,
    ) -> Result<(Vec<Edition>, Vec<LeftOut>), Error> {
        progress.step(Text::new("正在编制各版年报", "Setting the editions")).await?;
        let tables: BTreeMap<String, Table> =
            tables.iter().map(|kept| (kept.table.number.clone(), kept.table.clone())).collect();
        let note = region.note.as_ref().map(|note| note.zh.clone()).unwrap_or_default();
        let cover = Cover { demonstration: region.demonstration, note };
        let (built, left_out) = edition::build(templates, pinned, facts, &tables, &cover);
        let mut editions = Vec::with_capacity(built.len());
        for (place, built) in (1..).zip(built) {
            editions.push(self.stored(place, built).await?);
        }
        Ok((editions, left_out))
    }

    async fn stored(&self, place: i32, built: Built) -> Result<Edition, Error> {
        let document = serde_json::to_vec(&built.document).map_err(Error::internal)?;
        let kept = self.objects.keep(document.into()).await?;
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(Edition {
            code: built.code,
            organisation_code: built.organisation.unwrap_or_default(),
            title: built.title,
            figures: count(built.figures),
            tables: count(built.tables),
            values: count(built.values),
            document_hash: kept.sha256,
            place,
        })
    }
}

/// What is told of the editions that could not be set; nothing if all were.
pub(super) fn told(left_out: &[LeftOut]) -> Option<Text> {
    if left_out.is_empty() {
        return None;
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for LeftOut { title, faults } in left_out.iter().take(NAMED) {
        let reasons: Vec<Text> =
            faults.iter().take(REASONS).map(|fault| fault.violation().description).collect();
        let joined = |of: fn(&Text) -> &str| reasons.iter().map(of).collect::<Vec<_>>().join(" ");
        zh.push(format!("{}（{}）", title.zh, joined(|text| &text.zh)));
        en.push(format!("{} ({})", title.en, joined(|text| &text.en)));
    }
    let count = left_out.len();
    Some(Text::new(
        format!("有 {count} 份年报因缺数据没有编成：{}。补齐数据或修改模板后，请重新编制。", zh.join("；")),
        format!(
            "{count} reports were left out for want of data: {}. Complete the data or change the templates, then compile again.",
            en.join("; ")
        ),
    ))
}
