//! One numbered table, well set.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{
    Column, GetTableRequest, ListTablesRequest, Release, Row, Table, TableCell,
};

use super::{
    releases::{demonstration, own_note, release, release_title},
    versions, withdrawn,
};
use crate::web::year::Year;
use crate::{
    open::dataset,
    say,
    web::{
        cache::share,
        components::{grade, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{text, words},
        layout::{Page, reading},
        link,
        session::Visitor,
        states,
        withdrawal::Withdrawal,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/releases/{year}/tables/{number}", get(show))
        .route("/releases/{year}/versions/{version}/tables/{number}", get(show_version))
}

#[derive(Deserialize)]
struct Which {
    /// Asks for the table that was compiled last, published or not.
    draft: Option<String>,
}

async fn show(
    visitor: Visitor,
    Path((Year(year), number)): Path<(Year, String)>,
    Query(which): Query<Which>,
) -> Answer {
    whole(&visitor, year, number, Edition { version: 0, draft: which.draft.is_some() }).await
}

async fn show_version(
    visitor: Visitor,
    Path((Year(year), version, number)): Path<(Year, String, String)>,
) -> Answer {
    let version = version.parse().ok().filter(|version: &i32| *version > 0);
    let version = version.ok_or_else(Failure::not_found)?;
    whole(&visitor, year, number, Edition { version, draft: false }).await
}

/// Which tables of a release are meant.
#[derive(Clone, Copy, Default)]
pub struct Edition {
    /// 0 for the version that stands.
    pub version: i32,
    /// Those that were compiled last, published or not.
    pub draft: bool,
}

impl Edition {
    /// Where one of the tables is read.
    pub fn address(self, year: i32, number: &str) -> String {
        let draft = if self.draft { "?draft=1" } else { "" };
        format!("{}/tables/{}{draft}", versions::address(year, self.version), link::segment(number))
    }

    /// Where the derivation of one of their numbers is shown: as it was computed for them, not for a later version.
    pub fn trace_address(self, year: i32, trace_id: &str) -> String {
        let version = if self.version > 0 { self.version.to_string() } else { String::new() };
        let draft = if self.draft { "1" } else { "" };
        let path = format!("/releases/{year}/trace/{}", link::segment(trace_id));
        link::address(&path, &[("version", &version), ("draft", draft)])
    }
}

async fn whole(visitor: &Visitor, year: i32, number: String, edition: Edition) -> Answer {
    let release = release(visitor, year).await?;
    let Edition { version, draft } = edition;
    if let Some(withdrawal) = Withdrawal::of(visitor.clients(), &release).await?
        && version == 0
        && !draft
    {
        let address = |version| Edition { version, draft }.address(year, &number);
        let kept = withdrawn::with_table(visitor, year, &withdrawal, &number, address).await?;
        return withdrawn::gone(visitor, &release, &withdrawal, &kept);
    }
    let standing = withdrawn::standing(visitor, &release, version).await?;
    let mut tables = visitor.clients().tables();
    let request = GetTableRequest { year, number, version, draft };
    let table = tables.get_table(request).await?.into_inner().table;
    let table = table.ok_or_else(Failure::not_found)?;
    let request = ListTablesRequest { year, version, draft };
    let others = tables.list_tables(request).await?.into_inner().tables;
    let page = page(visitor, &release, edition, &table, &others, &standing);
    // What is being prepared is for its readers alone.
    Ok(if draft { page } else { share(page) })
}

fn page(
    visitor: &Visitor,
    release: &Release,
    edition: Edition,
    table: &Table,
    others: &[Table],
    standing: &Markup,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let year = release.year;
    let number = table.number.as_str();
    let name = text(lang, table.title.as_ref());
    let title = say!(lang, "表 {number} {name}", "Table {number} {name}");
    let address = edition.address(year, number);
    let data = format!("/open/v1{address}");
    let up = versions::address(year, edition.version);
    let note = own_note(visitor, release);
    reading(
        visitor,
        Page::reading(&title, &address),
        &Attempt::default(),
        html! {
            @if !edition.draft && edition.version == 0 { (dataset::of_table(visitor, release, table)) }
            (trail(lang, &[("/releases", t("已发布的结果", "Releases")), (&up, &release_title(lang, release))]))
            @if edition.draft {
                div.banner.need { p { (t("准备中的更正，只有工作人员能看到。", "A correction in preparation: only staff can see it.")) } }
            } @else if release.version == 0 {
                div.banner.need { p { (states::release(lang, release.state())) (t("，数字可能还会改动。", ": the figures may still change.")) } }
            } @else { (standing) }
            div.set.scroll role="region" tabindex="0" aria-label=(title) {
                (set(lang, year, edition, table, html! {
                    div {
                        span.no { (t("表 ", "Table ")) (number) }
                        h1 { (name) (demonstration(lang, release)) }
                    }
                }))
            }
            div.beneath.source {
                p { (t("来源：", "Source: ")) (text(lang, table.source.as_ref())) }
                @if !note.is_empty() { p { (note) } }
                @if !edition.draft { p.get {
                    a href={ (data) ".csv" } download { (t("下载 CSV", "Download CSV")) }
                    a href={ (data) ".xlsx" } download { "XLSX" }
                    a href={ (data) ".parquet" } download { "Parquet" }
                    a href={ (data) ".json" } { "JSON" }
                } }
                p { (t("指纹（CSV 的 SHA-256）：", "Fingerprint (SHA-256 of the CSV): ")) code { (table.content_hash) } }
            }
            (neighbours(lang, year, edition, number, others))
        },
    )
}

/// The table before and the one after.
fn neighbours(lang: Lang, year: i32, edition: Edition, number: &str, tables: &[Table]) -> Markup {
    let t = words(lang);
    let at = tables.iter().position(|table| table.number == number);
    let before = at.and_then(|at| at.checked_sub(1)).and_then(|at| tables.get(at));
    let after = at.and_then(|at| tables.get(at + 1));
    html! {
        nav.pager aria-label=(t("前后的表", "Neighbouring tables")) {
            @if let Some(table) = before {
                a rel="prev" href=(edition.address(year, &table.number)) { "← " (t("表 ", "Table ")) (table.number) }
            }
            @if let Some(table) = after {
                a rel="next" href=(edition.address(year, &table.number)) { (t("表 ", "Table ")) (table.number) " →" }
            }
        }
    }
}

/// The table itself: numbers aligned on the point, units in the headings.
pub fn set(lang: Lang, year: i32, edition: Edition, table: &Table, caption: Markup) -> Markup {
    let widest: Vec<usize> = (0..table.columns.len())
        .map(|index| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(index));
            cells.map(|cell| format::tail(&cell.display)).max().unwrap_or(0)
        })
        .collect();
    html! {
        table {
            caption { (caption) }
            thead { tr { @for column in &table.columns { (heading(lang, column)) } } }
            tbody { @for row in &table.rows { (line(lang, (year, edition), row, &table.columns, &widest)) } }
        }
    }
}

fn heading(lang: Lang, column: &Column) -> Markup {
    let unit = text(lang, column.unit.as_ref());
    html! {
        th scope="col" class=[column.numeric.then_some("number")] {
            (text(lang, column.name.as_ref()))
            @if !unit.is_empty() { " " span.unit { (lang.pick("（", "(")) (unit) (lang.pick("）", ")")) } }
        }
    }
}

fn line(
    lang: Lang,
    (year, edition): (i32, Edition),
    row: &Row,
    columns: &[Column],
    widest: &[usize],
) -> Markup {
    html! {
        tr class=[row.total.then_some("total")] {
            @for (index, cell) in row.cells.iter().enumerate() {
                @let numeric = columns.get(index).is_some_and(|column| column.numeric);
                @let shown = shown(lang, cell);
                @if index == 0 && !numeric {
                    th scope="row" { @if is_grade(shown) { (grade(shown)) } @else { (shown) } }
                } @else if numeric {
                    @let figure = format::figure(shown, widest.get(index).copied().unwrap_or(0));
                    td.number {
                        @if cell.trace_id.is_empty() { (figure) } @else {
                            a.bound href=(edition.trace_address(year, &cell.trace_id)) { (figure) }
                        }
                    }
                } @else {
                    td { (shown) }
                }
            }
        }
    }
}

fn shown(lang: Lang, cell: &TableCell) -> &str {
    if cell.display_en.is_empty() { &cell.display } else { lang.pick(&cell.display, &cell.display_en) }
}

fn is_grade(word: &str) -> bool {
    matches!(word.trim_end_matches(['+', '-']), "A" | "B" | "C") && word.len() <= 2
}

#[cfg(test)]
mod tests {
    use zhijian_proto::common::v1::Text;

    use super::*;

    #[test]
    fn a_table_is_set_with_units_above_and_numbers_aligned() {
        let name = |zh: &str, en: &str| Some(Text { zh: zh.into(), en: en.into() });
        let cell = |display: &str, en: &str| TableCell {
            display: display.into(),
            display_en: en.into(),
            ..TableCell::default()
        };
        let table = Table {
            columns: vec![
                Column { key: "item".into(), name: name("项目", "Item"), ..Column::default() },
                Column {
                    key: "higher".into(),
                    name: name("经费", "Money"),
                    unit: name("万元", "CNY 10,000"),
                    numeric: true,
                },
            ],
            rows: vec![
                Row {
                    cells: vec![
                        cell("甲 & 乙", "One"),
                        TableCell { trace_id: "2025.grade.x.A+".into(), ..cell("4767.7", "") },
                    ],
                    total: false,
                },
                Row { cells: vec![cell("合计", "Total"), cell("—", "")], total: true },
            ],
            ..Table::default()
        };
        let zh = set(Lang::Zh, 2025, Edition::default(), &table, html! {}).into_string();
        assert!(zh.contains("经费 <span class=\"unit\">（万元）</span>"), "{zh}");
        assert!(zh.contains("<th scope=\"row\">甲 &amp; 乙</th>"), "{zh}");
        assert!(zh.contains("4767<span class=\"tail t2\">.7</span>"), "{zh}");
        assert!(zh.contains("href=\"/releases/2025/trace/2025.grade.x.A%2B\""), "{zh}");
        assert!(zh.contains("<tr class=\"total\">"), "{zh}");
        let second = Edition { version: 2, draft: false };
        let of_second = set(Lang::Zh, 2025, second, &table, html! {}).into_string();
        assert!(of_second.contains("/trace/2025.grade.x.A%2B?version=2\""), "{of_second}");
        let en = set(Lang::En, 2025, Edition::default(), &table, html! {}).into_string();
        assert!(en.contains("<th scope=\"row\">Total</th>") && en.contains("(CNY 10,000)"), "{en}");
    }

    #[test]
    fn letters_of_grades_are_told_from_words() {
        assert!(is_grade("A+") && is_grade("C") && !is_grade("合计") && !is_grade("Art"));
    }
}
