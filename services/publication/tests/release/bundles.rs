//! Signed bundles: made once, checked by strangers, refused when anything in them was touched, and rolled up.

use ed25519_compact::{KeyPair, Seed};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::publication::v1::{
    FederatedRegion, GetBundleRequest, GetRollupRequest, GetSigningKeyRequest, ImportBundleRequest,
    ListRegionsRequest, TrustRegionRequest,
};
use zhijian_publication::{
    bundle::{
        self, About, Content, Directory, Fault, Files, KEY, KeySource, MANIFEST, PINS, PublicKey, SIGNATURE,
        SigningKey, Verified,
    },
    recompute::{Pinned, recompute},
};

use crate::{
    collect::CASES,
    region::{Region, request_id, text},
};

/// The bundle of a version of 2025, with the SHA-256 that the service tells.
async fn fetch(clients: &Clients, version: i32) -> Result<(Vec<u8>, String), Status> {
    let request = GetBundleRequest { year: 2025, version };
    let mut parts = clients.bundles().get_bundle(request).await?.into_inner();
    let head = parts.message().await?.expect("a head");
    let mut archive = vec![];
    while let Some(part) = parts.message().await? {
        archive.extend(part.part);
    }
    Ok((archive, head.sha256))
}

async fn signing_key(clients: &Clients) -> PublicKey {
    let answer =
        clients.bundles().get_signing_key(GetSigningKeyRequest {}).await.expect("public").into_inner();
    let key = PublicKey::parse(&answer.public_key).expect("a key");
    assert_eq!(key.id(), answer.key_id);
    key
}

fn another_key() -> SigningKey {
    SigningKey::new(KeyPair::from_seed(Seed::new([9; 32])))
}

fn holds(files: &Files, key: PublicKey) -> Verified {
    match bundle::verify(files, Some(key)) {
        Ok(verified) => verified,
        Err(faults) => panic!("{faults:?}"),
    }
}

fn faults(files: &Files, key: Option<PublicKey>) -> Vec<Fault> {
    bundle::verify(files, key).err().expect("it does not hold")
}

/// Anybody takes the bundle along and checks it; every version has one of its own, which never changes.
pub async fn a_release_is_taken_along_and_checked(region: &Region) {
    let (archive, sha256) = fetch(&region.anybody, 1).await.expect("public");
    let again = fetch(&region.publisher, 1).await.expect("public");
    assert_eq!((&archive, &sha256), (&again.0, &again.1), "it is made once");
    let (second, _) = fetch(&region.anybody, 0).await.expect("public");
    assert_ne!(archive, second);
    assert_eq!(fetch(&region.anybody, 9).await.expect_err("no such version").code(), Code::NotFound);

    let key = signing_key(&region.anybody).await;
    let files = bundle::unpack(&archive).expect("a ZIP file");
    let verified = holds(&files, key);
    assert_eq!(
        (verified.about.year, verified.about.version, verified.about.kind.as_str()),
        (2025, 1, "original")
    );
    assert_eq!((verified.tables, verified.key_source), (10, KeySource::Given));
    assert!(verified.grades >= 7, "{}", verified.grades);
    assert_eq!(verified.pinned.cases.len(), CASES.len(), "an institution's own report sets all of its cases");
    assert!(verified.comment.contains("2025 version 1"), "{}", verified.comment);
    for path in [
        "index.html",
        "editions/integrated.pdf",
        "tables/2-1.html",
        "data/tables/2-1.xlsx",
        "data/tables/2-1.parquet",
        PINS,
        KEY,
    ] {
        assert!(files.contains_key(path), "{path} is not in {:?}", files.keys());
    }
    let contained = bundle::verify(&files, None).unwrap_or_else(|faults| panic!("whole: {faults:?}"));
    assert_eq!((contained.key_source, contained.key), (KeySource::Contained, key));
    let corrected = bundle::unpack(&second).expect("a ZIP file");
    assert_eq!(holds(&corrected, key).about.kind, "erratum");
    bad_bundles_are_told(&files, key);
    every_changed_byte_is_caught(&files, key);
}

fn bad_bundles_are_told(files: &Files, key: PublicKey) {
    let without = |path: &str| {
        let mut files = files.clone();
        files.remove(path).expect("there");
        files
    };
    let with = |path: &str, content: &[u8]| {
        let mut files = files.clone();
        files.insert(path.to_owned(), content.to_vec());
        files
    };
    let csv = "data/tables/2-1.csv";
    assert!(matches!(&faults(&without(csv), Some(key))[..], [Fault::Missing { path }] if path == csv));
    assert!(
        matches!(&faults(&with("more.txt", b"x"), Some(key))[..], [Fault::Extra { path }] if path == "more.txt")
    );
    assert!(matches!(&faults(&with(csv, b"x"), Some(key))[..], [Fault::Changed { path }] if path == csv));
    for path in [MANIFEST, SIGNATURE] {
        assert!(matches!(&faults(&without(path), Some(key))[..], [Fault::Missing { .. }]));
    }
    // Signed again by a stranger: with the bundle's own key it is whole, with the publisher's it is not.
    let mut forged = files.clone();
    for path in [MANIFEST, SIGNATURE, KEY] {
        forged.remove(path);
    }
    let forged = bundle::seal(forged, &another_key(), "forged");
    assert!(bundle::verify(&forged, None).is_ok());
    assert!(matches!(&faults(&forged, Some(key))[..], [Fault::Signature(_)]));
    // A stranger who also changes a number is found out by computing it again.
    let mut lie = files.clone();
    for path in [MANIFEST, SIGNATURE, KEY] {
        lie.remove(path);
    }
    let told = String::from_utf8(lie[csv].clone()).expect("text");
    lie.insert(csv.to_owned(), told.replacen('1', "7", 1).into_bytes());
    let lie = bundle::seal(lie, &another_key(), "forged");
    assert!(matches!(&faults(&lie, None)[..], [Fault::Table { number }] if number == "2-1"));
    // A manifest that climbs out of the bundle, soundly signed.
    let climbing = format!("{}  ../../etc/passwd\n", "0".repeat(64));
    let mut climbed = files.clone();
    climbed.insert(SIGNATURE.to_owned(), another_key().sign(climbing.as_bytes(), "x").into_bytes());
    climbed.insert(MANIFEST.to_owned(), climbing.into_bytes());
    assert!(matches!(&faults(&climbed, Some(another_key().public()))[..], [Fault::Manifest(_)]));
    links_are_not_followed(files, key);
}

#[cfg(unix)]
fn links_are_not_followed(files: &Files, key: PublicKey) {
    let directory = tempfile::tempdir().expect("a directory");
    for (path, content) in files {
        let place = directory.path().join(path);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        std::fs::write(place, content).expect("written");
    }
    let shelf = Directory::new(directory.path());
    assert!(bundle::verify(&shelf, Some(key)).is_ok());
    let csv = directory.path().join("data/tables/2-1.csv");
    let away = directory.path().join("../2-1.csv");
    std::fs::rename(&csv, &away).expect("moved");
    std::os::unix::fs::symlink(&away, &csv).expect("linked");
    let faults = bundle::verify(&shelf, Some(key)).err().expect("a link");
    std::fs::remove_file(away).expect("removed");
    assert!(
        faults.iter().any(|fault| matches!(fault, Fault::NoFile { path } if path == "data/tables/2-1.csv"))
    );
}

#[cfg(not(unix))]
fn links_are_not_followed(_: &Files, _: PublicKey) {}

fn every_changed_byte_is_caught(files: &Files, key: PublicKey) {
    let paths: Vec<&String> = files.keys().collect();
    let strategy = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_u8..=255);
    let mut runner = TestRunner::new(Config { cases: 256, ..Config::default() });
    let outcome = runner.run(&strategy, |(file, byte, by)| {
        let path = paths[file.index(paths.len())];
        let mut changed = files.clone();
        let content = changed.get_mut(path).expect("there");
        let at = byte.index(content.len());
        content[at] ^= by;
        prop_assert!(bundle::verify(&changed, Some(key)).is_err(), "byte {} of {}", at, path);
        prop_assert!(bundle::verify(&changed, None).is_err(), "byte {} of {}, own key", at, path);
        Ok(())
    });
    outcome.expect("every change is caught");
}

/// A second region's bundle: the same figures in other institutions, under a key of its own.
fn second_region(verified: &Verified) -> Vec<u8> {
    let mut pinned: Pinned = verified.pinned.clone();
    let moved = |code: &str| format!("9{}", &code[1..]);
    for year in pinned.years.values_mut() {
        for report in &mut year.reports {
            report.organisation = moved(&report.organisation);
            report.subject = moved(&report.subject);
        }
    }
    for row in &mut pinned.pathways {
        row.organisation_code = moved(&row.organisation_code);
    }
    pinned.organisations =
        pinned.organisations.into_iter().map(|(code, organisation)| (moved(&code), organisation)).collect();
    let made = recompute(&pinned).expect("as before");
    let about = About {
        region: zhijian_platform::Text::new("乙市（演示）", "Second region"),
        tables: made.tables.iter().map(|one| one.table.number.clone()).collect(),
        ..verified.about.clone()
    };
    let content = Content {
        about,
        tables: made.tables.into_iter().map(|one| (one.table, one.csv)).collect(),
        editions: vec![],
        pins: serde_json::to_vec(&pinned).expect("plain data"),
    };
    let files = bundle::content(&content).expect("made");
    bundle::pack(&bundle::seal(files, &another_key(), "second region")).expect("packed")
}

async fn trust(clients: &Clients, code: &str, key: &str) -> Result<FederatedRegion, Status> {
    let request = TrustRegionRequest {
        request_id: request_id(),
        code: code.to_owned(),
        name: text(&format!("{code}地区（演示）")),
        public_key: key.to_owned(),
    };
    Ok(clients.federation().trust_region(request).await?.into_inner().region.expect("there"))
}

async fn import(clients: &Clients, code: &str, archive: &[u8]) -> Result<FederatedRegion, Status> {
    let head = ImportBundleRequest { request_id: request_id(), code: code.to_owned(), part: vec![] };
    let parts: Vec<_> = archive
        .chunks(100_000)
        .map(|part| ImportBundleRequest { part: part.to_vec(), ..ImportBundleRequest::default() })
        .collect();
    let sent = tokio_stream::iter([head].into_iter().chain(parts));
    Ok(clients.federation().import_bundle(sent).await?.into_inner().region.expect("there"))
}

/// Two regions together: sums double, rates stay, and who is missing is told.
pub async fn regions_are_rolled_up(region: &Region) {
    let commission = &region.commission;
    let none = region.anybody.federation().get_rollup(GetRollupRequest { year: 2025 }).await;
    assert_eq!(none.expect_err("nothing was taken in").code(), Code::NotFound);
    let key = signing_key(&region.anybody).await;
    let (first, _) = fetch(&region.anybody, 1).await.expect("public");
    let (newer, _) = fetch(&region.anybody, 2).await.expect("public");
    let verified = holds(&bundle::unpack(&first).expect("a ZIP file"), key);
    let second = second_region(&verified);

    let refused = trust(&region.anybody, "jia", &key.to_string()).await.expect_err("not anybody's");
    assert!(matches!(refused.code(), Code::Unauthenticated | Code::PermissionDenied));
    assert_eq!(trust(commission, "jia", "no key").await.expect_err("no key").code(), Code::InvalidArgument);
    assert_eq!(import(commission, "jia", &first).await.expect_err("not trusted").code(), Code::NotFound);
    trust(commission, "jia", &key.to_string()).await.expect("trusted");
    trust(commission, "yi", &another_key().public().line()).await.expect("trusted");
    trust(commission, "bing", &another_key().public().line()).await.expect("trusted");
    let wrong = import(commission, "jia", &second).await.expect_err("another's key");
    assert_eq!(wrong.code(), Code::FailedPrecondition);
    let garbage = import(commission, "jia", b"no zip").await.expect_err("no bundle");
    assert_eq!(garbage.code(), Code::FailedPrecondition);

    import(commission, "jia", &newer).await.expect("taken in");
    import(commission, "jia", &newer).await.expect("again, to no effect");
    let older = import(commission, "jia", &first).await.expect_err("older than what is there");
    assert_eq!(older.code(), Code::FailedPrecondition);
    let taken = import(commission, "yi", &second).await.expect("taken in");
    assert_eq!((taken.bundles.len(), taken.bundles[0].version), (1, 1));

    let rollup = region.anybody.federation().get_rollup(GetRollupRequest { year: 2025 }).await;
    let rollup = rollup.expect("public").into_inner();
    let codes = |regions: &[FederatedRegion]| regions.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert_eq!(
        (codes(&rollup.covered), codes(&rollup.absent)),
        (vec!["jia".into(), "yi".into()], vec!["bing".into()])
    );
    assert_eq!(rollup.left_out, Vec::<String>::new());
    let own = recompute(&verified.pinned).expect("as before");
    let value = |rows: &[Vec<String>], row: usize, column: usize| -> f64 {
        rows[row][column].parse().expect("a number")
    };
    for number in ["2-1", "2-2"] {
        let one = own.tables.iter().find(|one| one.table.number == number).expect("there");
        let both = rollup.tables.iter().find(|table| table.number == number).expect("rolled up");
        let before: Vec<Vec<String>> = one
            .table
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.value.clone()).collect())
            .collect();
        let after: Vec<Vec<String>> =
            both.rows.iter().map(|row| row.cells.iter().map(|cell| cell.value.clone()).collect()).collect();
        assert_eq!(before.len(), after.len());
        for (row, cells) in before.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                let rate = one.table.rows[row].cells[column].display.ends_with('%');
                let (was, is) = (value(&before, row, column), value(&after, row, column));
                let expected = if rate { was } else { 2.0 * was };
                assert!((is - expected).abs() < 1e-6, "table {number}, {row}/{column}: {cell} became {is}");
            }
        }
    }
    let told =
        region.anybody.federation().list_regions(ListRegionsRequest {}).await.expect("public").into_inner();
    assert_eq!(told.regions.len(), 3);
}
