//! What an assignment would look like, programme by programme and expert by expert.

use maud::{Markup, html};
use zhijian_proto::review::v1::{AssignRoundResponse, PlannedSeat};

use crate::web::{
    i18n::{text, words},
    session::Visitor,
};

/// How many rows of a list the page shows before the rest is folded away.
const SHOWN: usize = 500;

/// The trial: the sums, then the lists behind them.
pub fn trial(visitor: &Visitor, tried: &AssignRoundResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.banner role="status" {
            h2 { (t("试分配的结果（没有改动任何内容）", "The trial (nothing was changed)")) }
            dl.facts {
                dt { (t("分配份数", "Assignments")) } dd { (tried.assignments) }
                dt { (t("专业类对口", "Matching expertise")) } dd { (tried.matched_expertise) " / " (tried.assignments) }
                dt { (t("避开的利益冲突", "Conflicts avoided")) } dd { (tried.conflicts_avoided) }
                dt { (t("每位专家的份数", "Load of a reviewer")) } dd { (tried.least_load) "–" (tried.greatest_load) }
            }
        }
        @if !tried.panels.is_empty() {
            details {
                summary { (t("每个专业由谁评审", "Who would review what")) }
                div.scroll { table {
                    thead { tr { th scope="col" { (t("专业", "Programme")) } th scope="col" { (t("专家", "Experts")) } } }
                    tbody { @for panel in tried.panels.iter().take(SHOWN) { tr {
                        th scope="row" { (text(lang, panel.title.as_ref())) }
                        td { @for (place, seat) in panel.seats.iter().enumerate() { @if place > 0 { (t("、", ", ")) } (name(seat, t("（不熟悉该专业类）", " (does not know the class)"))) } }
                    } } }
                } }
            }
            details {
                summary { (t("每位专家评审几个", "How many each expert would review")) }
                div.scroll { table.narrow {
                    thead { tr {
                        th scope="col" { (t("专家", "Expert")) }
                        th.number scope="col" { (t("份数", "Load")) }
                        th.number scope="col" { (t("上限", "At most")) }
                    } }
                    tbody { @for one in tried.loads.iter().take(SHOWN) { tr {
                        th scope="row" { (one.reviewer_name) }
                        td.number { (one.load) }
                        td.number { (one.max_load) }
                    } } }
                } }
            }
        }
    }
}

fn name(seat: &PlannedSeat, stranger: &str) -> Markup {
    html! { (seat.reviewer_name) @if !seat.expert { span.grey.small { (stranger) } } }
}
