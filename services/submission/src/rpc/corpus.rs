//! The texts that schools handed in, to find what two of them share.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio::sync::Mutex;
use zhijian_platform::Error;
use zhijian_proofreader::{Corpus, OtherText, Sketch};

use super::Rpc;
use crate::{
    domain::proofread::joined,
    store::{report, revision},
};

/// From this share of the smaller report on, two are worth comparing word by word: a passage or two.
const LEAST: f64 = 0.003;
/// How many reports one is compared with word by word, the most alike first.
const MOST: usize = 8;
/// How many texts are read at a time.
const BATCH: usize = 100;
/// How many years are kept.
const YEARS: usize = 3;

/// What was handed in each year, in fingerprints. They are computed once for each revision, when somebody first asks.
#[derive(Clone, Default)]
pub struct Corpora(Arc<Mutex<BTreeMap<i32, Kept>>>);

#[derive(Default)]
struct Kept {
    corpus: Corpus,
    /// What was added, in the corpus's order: a submission and its revision.
    added: Vec<(String, i32)>,
    known: HashMap<String, i32>,
}

impl Corpora {
    /// The other organisations' reports of the year that share passages with these sections, the most alike first.
    pub async fn alike(
        &self,
        rpc: &Rpc,
        row: &report::Model,
        sections: &BTreeMap<String, String>,
    ) -> Result<Vec<OtherText>, Error> {
        let conn = rpc.ctx.db.reader();
        let handed_in = revision::handed_in(conn, row.cycle_year).await?;
        let mut years = self.0.lock().await;
        let kept = years.entry(row.cycle_year).or_default();
        let news = handed_in.iter().filter(|one| kept.known.get(&one.submission_id) != Some(&one.number));
        let news: Vec<String> = news.map(|one| one.submission_id.clone()).collect();
        for batch in news.chunks(BATCH) {
            let texts = revision::newest_sections(conn, batch).await?;
            let sketched = tokio::task::spawn_blocking(move || {
                let sketch =
                    |(key, sections): (_, BTreeMap<String, String>)| (key, Sketch::of(&joined(&sections)));
                texts.into_iter().map(sketch).collect::<Vec<_>>()
            });
            for ((submission_id, number), sketch) in sketched.await.map_err(Error::internal)? {
                kept.corpus.add(&sketch);
                kept.added.push((submission_id.clone(), number));
                kept.known.insert(submission_id, number);
            }
        }
        let own = Sketch::of(&joined(sections));
        let current: HashMap<&str, &revision::HandedIn> =
            handed_in.iter().map(|one| (one.submission_id.as_str(), one)).collect();
        let alike: Vec<(String, String)> = kept
            .corpus
            .alike(&own, LEAST)
            .into_iter()
            .filter_map(|overlap| {
                let (id, number) = &kept.added[overlap.report];
                // What was handed in anew or taken back since does not count; nor do an organisation's own reports.
                let one = current.get(id.as_str()).filter(|one| one.number == *number)?;
                (one.organisation_code != row.organisation_code)
                    .then(|| (id.clone(), one.organisation_code.clone()))
            })
            .take(MOST)
            .collect();
        while years.len() > YEARS {
            years.pop_first();
        }
        drop(years);
        let ids: Vec<String> = alike.iter().map(|(id, _)| id.clone()).collect();
        let mut texts: HashMap<String, BTreeMap<String, String>> =
            revision::newest_sections(conn, &ids).await?.into_iter().map(|((id, _), s)| (id, s)).collect();
        let register = rpc.names.of(&rpc.ctx.clients).await?;
        let other = |(id, organisation): (String, String)| {
            let title = register.name(&organisation).unwrap_or(&organisation).to_owned();
            texts.remove(&id).map(|sections| OtherText { title, text: joined(&sections) })
        };
        Ok(alike.into_iter().filter_map(other).collect())
    }
}
