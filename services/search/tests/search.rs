//! Searching, compared with looking through every text.

use proptest::prelude::*;
use zhijian_search::{Builder, Document, Index, MAX_QUERY, Query};

fn index(texts: &[&str]) -> Index {
    let mut builder = Builder::new(2);
    for (number, text) in texts.iter().enumerate() {
        builder.add(Document {
            key: number.to_string(),
            body: (*text).to_owned(),
            facets: vec![
                (2024 + number % 2).to_string(),
                if number == 0 { String::new() } else { "东城区".into() },
            ],
            ..Document::default()
        });
    }
    builder.finish()
}

fn keys(index: &Index, text: &str) -> Vec<String> {
    index
        .search(&Query { text, limit: 100, ..Query::default() })
        .hits
        .iter()
        .map(|hit| hit.document.key.clone())
        .collect()
}

#[test]
fn finds_chinese_words_latin_words_and_numbers() {
    let index = index(&[
        "学校与十二家企业深化产教融合，建设现场工程师班。",
        "教学改革：融合教育进课堂。",
        "AI 辅助智评覆盖 130 个专业，满意度 94.26%。",
        "社会培训 232,441 人次。",
    ]);
    assert_eq!(keys(&index, "产教融合"), ["0"]);
    assert_eq!(keys(&index, "产教融合 企业"), ["0"]);
    assert_eq!(keys(&index, "ai"), ["2"], "whatever the case");
    assert_eq!(keys(&index, "ＡＩ"), ["2"], "whatever the width");
    assert_eq!(keys(&index, "94.26"), ["2"]);
    assert_eq!(keys(&index, "232441"), ["3"]);
    assert_eq!(keys(&index, "课"), ["1"], "a single character within a word");
    assert_eq!(keys(&index, "融合").len(), 2);
    assert!(keys(&index, "，。！").is_empty());
}

#[test]
fn what_has_only_half_of_the_words_is_shown_when_nothing_has_all() {
    let index = index(&["产教融合", "校企合作"]);
    let found = index.search(&Query { text: "产教融合 市域联合体", limit: 10, ..Query::default() });
    assert!(!found.loose && found.total == 0, "three of seven pairs are less than half");
    let found = index.search(&Query { text: "产教融合 联合体", limit: 10, ..Query::default() });
    assert!(found.loose);
    assert_eq!(found.total, 1);
}

#[test]
fn a_word_in_the_heading_weighs_more_and_the_name_is_found() {
    let mut builder = Builder::new(0);
    let document = |key: &str, title: &str, name: &str, body: &str| Document {
        key: key.into(),
        title: title.into(),
        name: name.into(),
        body: body.into(),
        facets: vec![],
    };
    builder.add(document("body", "人才培养", "甲校", "订单班与实训基地建设"));
    builder.add(document("title", "订单班", "乙校", "人才培养与实训基地建设"));
    let index = builder.finish();
    assert_eq!(keys(&index, "订单班"), ["title", "body"]);
    assert_eq!(keys(&index, "乙校"), ["title"]);
}

#[test]
fn facets_count_what_another_choice_would_find() {
    let index = index(&["课程", "课程", "课程", "教材"]);
    let all = index.search(&Query { text: "课程", limit: 10, ..Query::default() });
    let counts = |at: usize, found: &zhijian_search::Results<'_>| {
        found.facets[at].iter().map(|one| (one.value.to_owned(), one.count)).collect::<Vec<_>>()
    };
    assert_eq!(counts(0, &all), [("2024".to_owned(), 2), ("2025".to_owned(), 1)]);
    assert_eq!(counts(1, &all), [("东城区".to_owned(), 2)], "no value is no choice");
    let filters = [Some("2024"), Some("东城区")];
    let some = index.search(&Query { text: "课程", filters: &filters, limit: 10, ..Query::default() });
    assert_eq!(some.total, 1);
    assert_eq!(
        counts(0, &some),
        [("2024".to_owned(), 1), ("2025".to_owned(), 1)],
        "the other year can be chosen"
    );
    let none =
        index
            .search(&Query { text: "课程", filters: &[Some("1999"), None], limit: 10, ..Query::default() });
    assert_eq!(none.total, 0);
}

#[test]
fn results_are_paged_without_gaps() {
    let texts: Vec<String> = (0..57).map(|n| format!("课程{}", "建设".repeat(n % 7))).collect();
    let index = index(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let mut seen = vec![];
    for offset in (0..60).step_by(10) {
        let page = index.search(&Query { text: "课程", offset, limit: 10, ..Query::default() });
        assert_eq!(page.total, 57);
        seen.extend(page.hits.iter().map(|hit| hit.document.key.clone()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 57);
}

#[test]
fn a_snippet_shows_where_most_was_found() {
    let text = format!(
        "{}学校推进产教融合。企业参与教学，{}",
        "前言不谈此事。".repeat(40),
        "后记不谈此事。".repeat(40)
    );
    let index = index(&[&text]);
    let found = index.search(&Query { text: "产教融合 企业", limit: 1, ..Query::default() });
    let snippet = &found.hits[0].snippet;
    let marked: Vec<&str> =
        snippet.iter().filter(|piece| piece.hit).map(|piece| piece.text.as_str()).collect();
    assert_eq!(marked, ["产教融合", "企业"]);
    let shown: String = snippet.iter().map(|piece| piece.text.as_str()).collect();
    assert!(shown.starts_with("…学校推进") && shown.ends_with('…'), "{shown}");
}

#[test]
fn a_text_of_a_hundred_kilobytes_is_cut() {
    let index = index(&["课程建设"]);
    let long = "课程".repeat(20_000);
    let found = index.search(&Query { text: &long, limit: 10, ..Query::default() });
    assert!(found.cut && found.total == 1);
    let noise: String = (0..100_000_u32).filter_map(|n| char::from_u32(0x4E00 + n % 20_000)).collect();
    let found = index.search(&Query { text: &noise, limit: 10, ..Query::default() });
    assert!(found.cut && found.total == 0);
    assert!(!index.search(&Query { text: &"课".repeat(MAX_QUERY), limit: 1, ..Query::default() }).cut);
}

proptest! {
    #[test]
    fn whatever_contains_the_words_is_found(
        texts in proptest::collection::vec("[校企课程融合a1 ，]{0,30}", 1..20),
        word in "[校企课程融合]{2,5}",
    ) {
        let index = index(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let found = index.search(&Query { text: &word, limit: 100, ..Query::default() });
        let keys: Vec<&str> = found.hits.iter().map(|hit| hit.document.key.as_str()).collect();
        for (number, text) in texts.iter().enumerate() {
            if text.contains(&word) {
                prop_assert!(keys.contains(&number.to_string().as_str()), "{} in {}", word, text);
            }
        }
        prop_assert_eq!(found.total, keys.len());
        if !found.loose && word.chars().count() == 2 {
            prop_assert!(found.hits.iter().all(|hit| hit.document.body.contains(&word)), "a pair is exact");
        }
    }

    #[test]
    fn what_is_shown_is_a_part_of_the_text(text in "\\PC{0,400}", query in "\\PC{0,20}") {
        let index = index(&[&text]);
        for hit in index.search(&Query { text: &query, limit: 1, ..Query::default() }).hits {
            let shown: String = hit.snippet.iter().map(|piece| piece.text.as_str()).collect();
            let plain: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
            let shown = shown.strip_prefix('…').filter(|_| !plain.starts_with(&shown)).unwrap_or(&shown);
            let shown = shown.strip_suffix('…').filter(|_| !plain.contains(shown)).unwrap_or(shown);
            prop_assert!(plain.contains(shown), "{shown} in {plain}");
        }
    }
}
