//! What a file would do to a register, in words and tables.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::common::v1::{ImportReport, ImportRow, import_row::Outcome};

use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone},
        i18n::{text, words},
    },
};

/// How many rows, and how many faults, the page shows; the whole is in the file anyway.
const SHOWN: usize = 300;

/// Whether the file can be taken, in one sentence.
pub fn verdict(lang: Lang, report: &ImportReport) -> Markup {
    let ImportReport { created, updated, unchanged, refused, .. } = report;
    let count = report.faults.len() + usize::try_from(report.faults_left_out).unwrap_or(0);
    html! {
        @if !report.faults.is_empty() {
            div.banner.wrong role="alert" {
                h2 { (say!(lang, "有 {count} 处需要更正，还不能导入", "{count} things want mending first")) }
                p { (say!(lang, "{refused} 行有误。其余行：新增 {created}，变更 {updated}，不变 {unchanged}。全部更正后才会一起导入，名录没有任何改动。", "{refused} rows are at fault; of the others {created} are new, {updated} changed, {unchanged} the same. Nothing was written.")) }
            }
        } @else if created + updated == 0 {
            div.banner role="status" { p { (say!(lang, "{unchanged} 行都与名录相同，不需要导入。", "All {unchanged} rows say what the register says: there is nothing to import.")) } }
        } @else {
            div.banner.done role="status" { p { (say!(lang, "没有发现错误：新增 {created} 条，变更 {updated} 条，不变 {unchanged} 条。请看过下表再确认。", "No faults: {created} new, {updated} changed, {unchanged} the same. Look at the table, then confirm.")) } }
        }
    }
}

/// Columns and sheets that were not read.
pub fn told(lang: Lang, report: &ImportReport) -> Markup {
    let t = words(lang);
    html! {
        @if !report.unknown_headings.is_empty() {
            p { (t("没有读取的列：", "Columns that were not read: ")) (report.unknown_headings.join(t("、", ", "))) (t("。如果其中有要导入的内容，请对照模板改标题。", ". If something in them matters, take the template's headings.")) }
        }
        @if !report.other_sheets.is_empty() {
            p { (t("没有读取的工作表：", "Sheets that were not read: ")) (report.other_sheets.join(t("、", ", "))) (t("。", ".")) }
        }
    }
}

/// What stands in the way, place by place.
pub fn wrong(lang: Lang, report: &ImportReport) -> Markup {
    let t = words(lang);
    let left =
        report.faults.len().saturating_sub(SHOWN) + usize::try_from(report.faults_left_out).unwrap_or(0);
    html! {
        h2 { (t("需要更正的地方", "What to mend")) }
        div.scroll { table {
            thead { tr {
                th.number scope="col" { (t("行", "Row")) }
                th scope="col" { (t("列", "Column")) }
                th scope="col" { (t("单元格内容", "The cell says")) }
                th scope="col" { (t("问题与办法", "What is wrong, and what to do")) }
            } }
            tbody { @for fault in report.faults.iter().take(SHOWN) { tr {
                td.number { @if fault.row > 0 { (fault.row) } @else { "—" } }
                td { @if !fault.column.is_empty() { (fault.column) " " } (fault.heading) }
                td.code { @if fault.value.is_empty() { span.grey { (t("（空）", "(empty)")) } } @else { (fault.value) } }
                td { (text(lang, fault.problem.as_ref())) }
            } } }
        } }
        @if left > 0 { p.hint { (say!(lang, "另有 {left} 处，更正以上内容后会再列出。", "And {left} more, listed once these are mended.")) } }
    }
}

/// What each row would do.
pub fn rows(lang: Lang, report: &ImportReport) -> Markup {
    let t = words(lang);
    let left = report.rows.len().saturating_sub(SHOWN) + usize::try_from(report.rows_left_out).unwrap_or(0);
    html! {
        h2 { (t("逐行核对", "Row by row")) }
        div.scroll { table {
            thead { tr {
                th.number scope="col" { (t("行", "Row")) }
                th scope="col" { (t("结果", "Outcome")) }
                th scope="col" { (t("代码", "Code")) }
                th scope="col" { (t("名称", "Name")) }
                th scope="col" { (t("内容", "What changes")) }
            } }
            tbody { @for row in report.rows.iter().take(SHOWN) { tr {
                td.number { (row.row) }
                td { (mark(lang, row)) }
                td.code { (row.code) }
                th scope="row" { (row.name) }
                td { (changes(lang, row)) }
            } } }
        } }
        @if left > 0 { p.hint { (say!(lang, "另有 {left} 行没有列出。", "{left} more rows are not listed.")) } }
    }
}

fn mark(lang: Lang, row: &ImportRow) -> Mark {
    let t = words(lang);
    match row.outcome() {
        Outcome::Created => Mark::new(Sign::Tick, Tone::Done, t("新增", "new")),
        Outcome::Updated => Mark::new(Sign::Half, Tone::Go, t("变更", "changed")),
        Outcome::Refused => Mark::new(Sign::Cross, Tone::Wrong, t("有误", "at fault")),
        Outcome::Unchanged | Outcome::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, t("不变", "the same"))
        }
    }
}

fn changes(lang: Lang, row: &ImportRow) -> Markup {
    let t = words(lang);
    html! {
        @for notice in &row.notices { div.small { (Mark::new(Sign::Warn, Tone::Need, t("请留意", "note"))) " " (text(lang, Some(notice))) } }
        @match row.outcome() {
            Outcome::Updated => {
                @for change in &row.changes {
                    div {
                        span.grey { (text(lang, change.heading.as_ref())) (t("：", ": ")) }
                        @if change.old_value.is_empty() { span.grey { (t("（空）", "(empty)")) } } @else { del { (change.old_value) } }
                        " → "
                        @if change.new_value.is_empty() { span.grey { (t("（清除）", "(taken away)")) } } @else { ins { (change.new_value) } }
                    }
                }
            }
            Outcome::Created => {
                span.small.grey {
                    @for (place, change) in row.changes.iter().filter(|change| !matches!(change.field.as_str(), "code" | "name" | "organisation_code")).enumerate() {
                        @if place > 0 { (t("；", "; ")) }
                        (text(lang, change.heading.as_ref())) " " (change.new_value)
                    }
                }
            }
            Outcome::Refused => { span.small { (t("见上表", "see above")) } }
            Outcome::Unchanged | Outcome::Unspecified => {}
        }
    }
}
