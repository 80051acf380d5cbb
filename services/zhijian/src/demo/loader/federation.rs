//! Two regions that a higher level rolls up: this one with its own signed bundle, and an invented neighbour whose bundle is
//! made here of half of this one's institutions under other codes and names.

use std::collections::BTreeSet;

use anyhow::{Context as _, anyhow};
use ed25519_compact::{KeyPair, Seed};
use zhijian_platform::{Clients, Text};
use zhijian_proto::publication::v1::{
    GetBundleRequest, GetSigningKeyRequest, ImportBundleRequest, TrustRegionRequest,
};
use zhijian_publication::{
    bundle::{self, About, Content, SigningKey, Verified},
    recompute::{Pinned, recompute},
};

use super::{
    Progress,
    people::People,
    request_id, text,
    work::{Tell, rpc},
};
use crate::demo::REGION_NAME;

const YEAR: i32 = 2025;
const OWN: &str = "demo";
const NEIGHBOUR: &str = "demo-neighbour";
const NEIGHBOUR_NAME: (&str, &str) = ("演示邻市", "Demonstration neighbour");
/// The neighbour is nobody, so its key is no secret.
const NEIGHBOUR_SEED: [u8; 32] = *b"the demonstration neighbour key.";
/// How many bytes are sent at a time.
const PART: usize = 256 * 1024;

/// Takes in both regions' bundles.
pub(super) async fn regions(tell: &Tell<'_, impl Fn(Progress)>, people: &People) -> anyhow::Result<()> {
    let commission = people.commission();
    let step = "地区汇总 / federation";
    tell.tell(step, 0, 2);
    let key = rpc!(commission, bundles.get_signing_key(GetSigningKeyRequest {}))?.public_key;
    let archive = own(commission).await?;
    trust(commission, OWN, REGION_NAME, key).await?;
    import(commission, OWN, archive.clone()).await?;
    tell.tell(step, 1, 2);
    let (archive, key) = tokio::task::spawn_blocking(move || neighbour(&archive)).await??;
    trust(commission, NEIGHBOUR, NEIGHBOUR_NAME, key).await?;
    import(commission, NEIGHBOUR, archive).await?;
    tell.tell(step, 2, 2);
    Ok(())
}

async fn own(commission: &Clients) -> anyhow::Result<Vec<u8>> {
    let request = GetBundleRequest { year: YEAR, version: 0 };
    let mut parts = commission.bundles().get_bundle(request).await?.into_inner();
    let mut archive = Vec::new();
    while let Some(part) = parts.message().await? {
        archive.extend(part.part);
    }
    Ok(archive)
}

async fn trust(
    commission: &Clients,
    code: &str,
    name: (&str, &str),
    public_key: String,
) -> anyhow::Result<()> {
    let request = TrustRegionRequest {
        request_id: request_id(&format!("trust {code}")),
        code: code.to_owned(),
        name: Some(text(name)),
        public_key,
    };
    rpc!(commission, federation.trust_region(request))?;
    Ok(())
}

async fn import(commission: &Clients, code: &str, archive: Vec<u8>) -> anyhow::Result<()> {
    let head = ImportBundleRequest {
        request_id: request_id(&format!("import {code}")),
        code: code.to_owned(),
        part: vec![],
    };
    let parts: Vec<_> = archive
        .chunks(PART)
        .map(|part| ImportBundleRequest { part: part.to_vec(), ..ImportBundleRequest::default() })
        .collect();
    let sent = futures::stream::iter([head].into_iter().chain(parts));
    rpc!(commission, federation.import_bundle(sent))?;
    Ok(())
}

/// The neighbour's bundle and public key.
fn neighbour(own: &[u8]) -> anyhow::Result<(Vec<u8>, String)> {
    let files = bundle::unpack(own)?;
    let Verified { about, pinned, .. } = bundle::verify(&files, None)
        .map_err(|faults| anyhow!("the region's bundle does not hold: {faults:?}"))?;
    let pinned = halved(pinned);
    let made = recompute(&pinned).context("the neighbour's tables")?;
    let about = About {
        region: Text::new(NEIGHBOUR_NAME.0, NEIGHBOUR_NAME.1),
        tables: made.tables.iter().map(|one| one.table.number.clone()).collect(),
        ..about
    };
    let content = Content {
        about,
        tables: made.tables.into_iter().map(|one| (one.table, one.csv)).collect(),
        editions: vec![],
        pins: serde_json::to_vec(&pinned)?,
    };
    let key = SigningKey::new(KeyPair::from_seed(Seed::new(NEIGHBOUR_SEED)));
    let files = bundle::seal(bundle::content(&content)?, &key, "zhijian demonstration neighbour");
    Ok((bundle::pack(&files)?, key.public().to_string()))
}

/// Every other institution, under another code and name. One with withheld or rounded cells stays: sums were told with it.
fn halved(mut pinned: Pinned) -> Pinned {
    let moved = |code: &str| format!("9{}", code.get(1..).unwrap_or_default());
    let left: BTreeSet<String> = pinned.organisations.keys().skip(1).step_by(2).cloned().collect();
    for year in pinned.years.values_mut() {
        year.reports.retain(|report| {
            !left.contains(&report.subject) || report.cells.values().any(|cell| cell.is_hidden())
        });
        for report in &mut year.reports {
            report.organisation = moved(&report.organisation);
            report.subject = moved(&report.subject);
        }
    }
    // Cases belong to editions, and the neighbour sends tables alone.
    pinned.cases.clear();
    for row in &mut pinned.pathways {
        row.organisation_code = moved(&row.organisation_code);
    }
    pinned.organisations = pinned
        .organisations
        .into_iter()
        .map(|(code, mut organisation)| {
            let Text { zh, en } = organisation.name;
            organisation.name = Text::new(format!("邻市{zh}"), format!("Neighbour's {en}"));
            (moved(&code), organisation)
        })
        .collect();
    pinned
}
