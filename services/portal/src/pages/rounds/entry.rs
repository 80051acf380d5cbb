//! One programme's grade, which explains itself.

use axum::{
    Router,
    extract::Path,
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use rust_decimal::Decimal;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        AnchoredEntry, Entry, GetRoundRequest, GetSchemeRequest, ListAnchorsRequest, ListEntriesRequest,
        Result as Grade, Round, Scheme, SetAnchorsRequest, round,
    },
};

use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        see_other,
    },
    say,
    web::{
        chart::{Band, band_strip},
        components::{Field, Form, Kind, Mark, Sign, Tone, base, empty, grade, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/rounds/{id}/entries/{entry}", get(show))
        .route("/rounds/{id}/entries/{entry}/anchor", post(anchor))
}

async fn show(visitor: Visitor, Path((id, entry_id)): Path<(String, String)>) -> Answer {
    page(&visitor, &id, &entry_id, &Attempt::default()).await
}

/// What the page shows.
struct Shown {
    round: Round,
    entry: Entry,
    scheme: Scheme,
    /// The round's anchors, where the reader may set them.
    anchors: Option<Vec<AnchoredEntry>>,
}

async fn page(visitor: &Visitor, id: &str, entry_id: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let clients = visitor.clients();
    let answer = clients.rounds().get_round(GetRoundRequest { round_id: id.to_owned() }).await?.into_inner();
    let round = answer.round.ok_or_else(Failure::not_found)?;
    let entries = all_pages(|page_token| {
        let mut rounds = visitor.clients().rounds();
        let request = ListEntriesRequest {
            page_size: WHOLE_PAGE,
            page_token,
            round_id: id.to_owned(),
            ..ListEntriesRequest::default()
        };
        async move {
            let answer = rounds.list_entries(request).await?.into_inner();
            Ok((answer.entries, answer.next_page_token))
        }
    });
    let entry = entries.await?.into_iter().find(|entry| entry.entry_id == entry_id);
    let entry = entry.ok_or_else(Failure::not_found)?;
    let request = GetSchemeRequest { code: round.scheme_code.clone() };
    // A scheme that was taken out of force leaves its rounds behind: they are shown without its names.
    let scheme =
        clients.schemes().get_scheme(request).await.ok().and_then(|answer| answer.into_inner().scheme);
    let scheme = scheme.unwrap_or_default();
    let open = !matches!(round.state(), round::State::Finalised | round::State::Revealed);
    let anchors = match scheme.calibrated && open && visitor.has(Role::Chair) {
        true => Some(anchors(visitor, id).await?),
        false => None,
    };
    Ok(render(visitor, &Shown { round, entry, scheme, anchors }, attempt))
}

async fn anchors(visitor: &Visitor, id: &str) -> Result<Vec<AnchoredEntry>, Failure> {
    let request = ListAnchorsRequest { round_id: id.to_owned() };
    Ok(visitor.clients().staffing().list_anchors(request).await?.into_inner().anchors)
}

/// Sets what is known of this programme in the place of what was; nothing takes it away.
async fn anchor(visitor: Visitor, Path((id, entry_id)): Path<(String, String)>, form: FormData) -> Answer {
    visitor.signed_in()?;
    let mut anchors = anchors(&visitor, &id).await?;
    anchors.retain(|anchor| anchor.entry_id != entry_id);
    let total = form.get("total").to_owned();
    let place = anchors.len();
    if !total.is_empty() {
        anchors.push(AnchoredEntry { entry_id: entry_id.clone(), total });
    }
    let request = SetAnchorsRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
        anchors,
    };
    match visitor.clients().staffing().set_anchors(request).await {
        Ok(_) => {
            Ok(see_other(&format!("/rounds/{}/entries/{}", link::segment(&id), link::segment(&entry_id))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let own = format!("anchors[{place}].total");
            let attempt = Attempt::refused(form, failure, |path| match path == own {
                true => "total".to_owned(),
                false => String::new(),
            });
            page(&visitor, &id, &entry_id, &attempt).await
        }
    }
}

fn render(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Response {
    let Shown { round, entry, scheme, anchors } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let programme = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code);
    let school = name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code);
    let up = format!("/rounds/{}", round.round_id);
    let address = format!("{up}/entries/{}", entry.entry_id);
    let round_name = name_or(lang, round.name.as_ref(), &round.round_id).to_owned();
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, &round_name)]))
        div.head { div {
            h1 { (programme) }
            p.lead { (school) " " span.code { (entry.programme_code) } }
        } }
        (refusal(lang, attempt))
        @match &entry.result {
            Some(result) => {
                (explained(lang, result, scheme))
                (elements(lang, result, scheme))
            },
            None => (empty(t("这个专业还没有定级", "This programme is not graded yet"), html! { a href=(up) { (t("回到本轮评审", "Back to the round")) } })),
        }
        @if let Some(anchors) = anchors {
            @let known = anchors.iter().find(|anchor| anchor.entry_id == entry.entry_id);
            @let stored = known.map(|anchor| anchor.total.as_str()).unwrap_or_default();
            h2 { (t("锚点", "Anchor")) }
            p { (t("总分事先已经知道的专业（例如全体专家共同评定过的），可以设为锚点：校准时各位专家都与它对齐，宽严估计更准。它自己的等级仍由专家评分决定。", "A programme whose total is known beforehand (agreed by everybody, say) ties the reviewers to one scale when severities are taken off. Its own grade still comes from its sheets.")) }
            (Form { action: &format!("{address}/anchor"), attempt, keep: "" }.around(html! {
                (base("etag", &round.etag))
                (Field::new(Kind::Text, "total", t("已知总分", "Known total"), attempt, stored).optional(lang).hint(t("0 到 100，最多六位小数；留空则不作锚点。", "0 to 100, at most six digits after the point; empty for no anchor.")))
                div.actions { button type="submit" { (t("保存锚点", "Save the anchor")) } }
            }))
        }
    };
    workplace(visitor, Page::work(programme, &address, Place::Rounds), attempt, content)
}

/// Why the grade is what it is, in sentences.
fn explained(lang: Lang, result: &Grade, scheme: &Scheme) -> Markup {
    let t = words(lang);
    let total = format::cut(&result.total, 2);
    let place = scheme.bands.iter().position(|band| band.grade == result.grade);
    let own = place.and_then(|place| scheme.bands.get(place));
    let above = place.and_then(|place| place.checked_sub(1)).and_then(|place| scheme.bands.get(place));
    let bands: Vec<Band<'_>> =
        scheme.bands.iter().map(|band| Band { grade: &band.grade, cut_off: &band.cut_off }).collect();
    html! {
        section {
            h2 { (t("这个等级是怎样来的", "How this grade came about")) }
            p.lead { (grade(&result.grade)) " " (say!(lang, "总分 {total} 分", "{total} points")) }
            @if !scheme.ranked { (band_strip(lang, &bands, &result.total)) }
            ul {
                @if scheme.ranked {
                    li { (t("等级按名次划定，总分相同的一定在同一档。", "Grades go by rank; equal totals are always in one band.")) }
                } @else if let Some(own) = own {
                    @let (letter, cut_off) = (own.grade.as_str(), own.cut_off.as_str());
                    li { (say!(lang, "{letter} 档从 {cut_off} 分起（含 {cut_off} 分），用未取整的总分比较。", "{letter} begins at {cut_off}, inclusive; the unrounded total is compared.")) }
                }
                @match above {
                    Some(above) if !result.to_next.is_empty() => {
                        @let (letter, left) = (above.grade.as_str(), format::distance(&result.to_next, 2));
                        li { (say!(lang, "离上一档 {letter} 还差 {left} 分。", "{left} points are missing to {letter}.")) }
                    },
                    _ => li { (t("已经是最高的一档。", "No band is higher.")) },
                }
                (calibration(lang, result))
                li {
                    @if result.decided_by_one {
                        (Mark::new(Sign::Warn, Tone::Need, t("一人之差", "One vote"))) " "
                        (t("去掉其中某一位专家的评分，等级就会不同。复核时请留意。", "Without the sheet of some one reviewer the grade would differ. Worth a second look."))
                    } @else {
                        (t("去掉任何一位专家的评分，等级都不变。", "Without any one reviewer the grade would be the same."))
                    }
                }
                @if !result.spread.is_empty() {
                    @let spread = format::cut(&result.spread, 2);
                    li { (say!(lang, "专家总分最多相差 {spread} 分。", "Reviewers' totals differ by {spread} points at most.")) }
                }
            }
        }
    }
}

/// What calibration changed.
fn calibration(lang: Lang, result: &Grade) -> Markup {
    let t = words(lang);
    if result.plain_total.is_empty() {
        return html! { li { (t("本方案不做宽严校准：各位专家的评分按原样合成。", "This scheme does not calibrate: scores are joined as they are.")) } };
    }
    let (before, letter) = (format::cut(&result.plain_total, 2), result.plain_grade.as_str());
    let parsed = |text: &str| text.parse::<Decimal>().ok();
    let moved = parsed(&result.total).zip(parsed(&result.plain_total)).map(|(now, before)| now - before);
    let by = moved.map(|moved| format::cut(&moved.abs().to_string(), 2)).unwrap_or_default();
    let up = moved.is_some_and(|moved| moved > Decimal::ZERO);
    let direction = if up { t("提高", "raised") } else { t("降低", "lowered") };
    html! {
        li {
            @if moved.is_some_and(|moved| moved.is_zero()) {
                (t("宽严校准没有改变总分。", "Calibration did not change the total."))
            } @else if result.plain_grade == result.grade {
                (say!(lang, "扣除专家宽严后，总分{direction} {by} 分（原为 {before} 分），等级不变。", "Taking reviewers' severities off {direction} the total by {by} points (from {before}); the grade is the same."))
            } @else {
                (say!(lang, "扣除专家宽严后，总分{direction} {by} 分（原为 {before} 分），等级由 {letter} 变为现在的等级。", "Taking reviewers' severities off {direction} the total by {by} points (from {before}), which changed the grade from {letter}."))
            }
        }
    }
}

fn elements(lang: Lang, result: &Grade, scheme: &Scheme) -> Markup {
    let t = words(lang);
    let widest =
        result.elements.iter().map(|one| format::tail(&format::cut(&one.score, 2))).max().unwrap_or(0);
    html! {
        section {
            h2 { (t("各要素", "By element")) }
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("要素", "Element")) }
                    th.number scope="col" { (t("权重", "Weight")) }
                    th.number scope="col" { (t("得分", "Score")) }
                } }
                tbody { @for one in &result.elements {
                    @let element = scheme.elements.iter().find(|element| element.code == one.element_code);
                    tr {
                        th scope="row" { (name_or(lang, element.and_then(|element| element.name.as_ref()), &one.element_code)) }
                        td.number { (element.map(|element| element.weight.as_str()).unwrap_or("–")) }
                        td.number { (format::figure(&format::cut(&one.score, 2), widest)) }
                    }
                } }
            } }
        }
    }
}
