//! The static pages of a bundle: an index, and a page a table.

use maud::{DOCTYPE, Markup, html};
use zhijian_platform::Text;

use super::{About, Content, EditionFile, content::table_path};
use crate::domain::table::Table;

/// One style sheet for all of them.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1d2327;--paper:#fdfcf9;--line:#c9c6bd;--accent:#0b5f63}
@media(prefers-color-scheme:dark){:root{--ink:#e6e4de;--paper:#16191b;--line:#454a4d;--accent:#6fc3c7}}
body{margin:0 auto;padding:1.5rem;max-width:60rem;font:16px/1.75 \"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1,h2{font-family:\"Songti SC\",\"Noto Serif CJK SC\",serif;line-height:1.35}
a{color:var(--accent)}
.en{color:color-mix(in oklab,var(--ink) 65%,var(--paper))}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{border-bottom:1px solid var(--line);padding:.3rem .75rem;text-align:left;vertical-align:top}
.number{text-align:right}
tr.total{font-weight:600}
";

fn both(text: &Text) -> Markup {
    html! { (text.zh) @if text.en != text.zh { " " span.en lang="en" { (text.en) } } }
}

fn frame(title: &str, up: &str, body: Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href={ (up) "style.css" };
            }
            body { (body) }
        }
    }
    .into_string()
}

fn standing(about: &About) -> Markup {
    html! {
        p {
            (about.region.zh) " · " (about.year) " 年 · 第 " (about.version) " 版 · 发布于 "
            time datetime=(about.publish_time) { (about.publish_time.get(..10).unwrap_or_default()) }
            @if about.demonstration { " · 演示数据" }
        }
        @if let Some(text) = &about.text { p { (both(text)) } }
    }
}

/// The first page.
pub fn index(content: &Content) -> String {
    let about = &content.about;
    frame(
        &about.title.zh,
        "",
        html! {
            h1 { (both(&about.title)) }
            (standing(about))
            @if let Some(note) = &about.note { p { (both(note)) } }
            @if !content.editions.is_empty() {
                h2 { "报告 " span.en lang="en" { "Reports" } }
                ul {
                    @for EditionFile { code, document, book } in &content.editions {
                        li { a href={ "editions/" (code) ".html" } { (document.title) } " " a href={ "editions/" (code) ".md" } { "Markdown" }
                            @if *book { " " a href={ "editions/" (code) ".pdf" } { "PDF" } }
                        }
                    }
                }
            }
            h2 { "数据表 " span.en lang="en" { "Tables" } }
            ul {
                @for (table, _) in &content.tables {
                    li {
                        a href={ "tables/" (table.number) ".html" } { "表 " (table.number) " " (both(&table.title)) }
                        @for form in ["csv", "json", "xlsx", "parquet"] {
                            " " a href=(table_path(&table.number, form)) { (form.to_uppercase()) }
                        }
                    }
                }
            }
            h2 { "核验 " span.en lang="en" { "Checking" } }
            p { a href="data/pins.json" { "计算依据" } " · " a href="manifest.txt" { "清单" } " · " a href="manifest.txt.minisig" { "签名" } " · " a href="README.txt" { "说明" } }
        },
    )
}

/// The page of one table.
pub fn table(about: &About, table: &Table) -> String {
    let title = format!("表 {} {}", table.number, table.title.zh);
    frame(
        &title,
        "../",
        html! {
            p { a href="../index.html" { (about.title.zh) } }
            (standing(about))
            div.scroll { table {
                caption { "表 " (table.number) " " (both(&table.title)) }
                thead { tr { @for column in &table.columns {
                    th scope="col" class=[column.numeric.then_some("number")] {
                        (column.name.zh)
                        @if let Some(unit) = &column.unit { "（" (unit.zh) "）" }
                    }
                } } }
                tbody { @for row in &table.rows { tr class=[row.total.then_some("total")] {
                    @for (cell, column) in row.cells.iter().zip(&table.columns) {
                        td class=[column.numeric.then_some("number")] { (cell.display) }
                    }
                } } }
            } }
            p { "来源：" (both(&table.source)) }
            p {
                @for form in ["csv", "json", "xlsx", "parquet"] {
                    a href={ "../" (table_path(&table.number, form)) } { (form.to_uppercase()) } " "
                }
            }
        },
    )
}
