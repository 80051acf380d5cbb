//! The work that went into one report, for the school and the commission.

use axum::{Router, extract::Path, routing::get};
use maud::html;
use zhijian_proto::submission::v1::{GetReportBurdenRequest, ReportPlace};

use super::{place_name, source, time, title};
use crate::{
    pages::submissions::report::{Report, Standing},
    say,
    web::{
        chart::{Amount, Caption, amounts},
        components::{empty, trail},
        error::Answer,
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/burden", get(show))
}

async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let request = GetReportBurdenRequest { submission_id: id };
    let burden = visitor.clients().desk().get_report_burden(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let sums = burden.report.unwrap_or_default();
    let mut places: Vec<&ReportPlace> = burden.places.iter().collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.seconds));
    let rows: Vec<Amount> = places
        .iter()
        .map(|place| Amount {
            name: place_name(lang, place.name.as_ref(), &place.place),
            value: place.seconds,
            spread: None,
            says: time(lang, place.seconds),
        })
        .collect();
    let finding = places.first().map(|place| {
        let name = name_or(lang, place.name.as_ref(), &place.place);
        let most = time(lang, place.seconds);
        say!(lang, "“{name}”用时最多：{most}", "“{name}” took longest: {most}")
    });
    let table = html! {
        table.data {
            thead { tr {
                th scope="col" { (t("表或节", "Table or section")) }
                th.number scope="col" { (t("用时", "Time")) }
                th.number scope="col" { (t("修改（处）", "Edits")) }
            } }
            tbody { @for place in &places { tr {
                th scope="row" { (place_name(lang, place.name.as_ref(), &place.place)) }
                td.number { (time(lang, place.seconds)) }
                td.number { (place.edits) }
            } } }
            tfoot { tr {
                th scope="row" { (t("合计", "Total")) }
                td.number { (time(lang, sums.seconds)) }
                td.number { (sums.edits) }
            } }
        }
    };
    let caption = Caption {
        about: t("本份年报各表各节的用时", "Time spent on each table and section of this report"),
        title: finding.as_deref().unwrap_or_default(),
        source: &source(lang, burden.gap_minutes),
    };
    let address = format!("{}/burden", report.address());
    let heading = title(lang);
    let content = html! {
        (trail(lang, &[(&report.address(), &report.title(lang))]))
        div.head { div { h1 { (heading) } } }
        @if places.is_empty() {
            (empty(t("还没有记录到填报", "No work was recorded yet"),
                html! { (t("保存后约一分钟，这里会出现各表各节的用时。", "About a minute after a save, the time spent appears here.")) }))
        } @else {
            dl.facts {
                dt { (t("合计用时", "Time in all")) } dd { (time(lang, sums.seconds)) }
                dt { (t("修改", "Edits")) } dd { (sums.edits) (t(" 处", "")) }
                dt { (t("分几次填完", "Sittings")) } dd { (sums.sessions) (t(" 次", "")) }
                dt { (t("被拒的保存", "Refused saves")) } dd { (sums.rejected) (t(" 次", "")) }
                dt { (t("运行检查", "Runs of the checks")) } dd { (sums.checks) (t(" 次", "")) }
                @if let Some(hours) = sums.submit_hours {
                    dt { (t("从新建到提交", "From start to hand-in")) } dd { (say!(lang, "{hours} 小时", "{hours} h")) }
                }
            }
            (amounts(lang, &rows, &caption, table))
        }
    };
    let place = if report.standing(&visitor) == Standing::Desk { Place::Desk } else { Place::Submissions };
    Ok(workplace(&visitor, Page::work(heading, &address, place), &Attempt::default(), content))
}
