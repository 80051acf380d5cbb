//! Where a report is open to the public, as its school says.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::html;
use serde::Deserialize;
use zhijian_proto::submission::v1::{GetPublicAddressRequest, PublicAddress, SetPublicAddressRequest};

use super::report::Report;
use crate::{
    pages::see_other,
    web::{
        components::{Field, Form, Kind, base, done, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/public", get(show).post(save))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, !after.done.is_empty(), &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, saved: bool, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let request = GetPublicAddressRequest { submission_id: id.to_owned() };
    let answer = visitor.clients().explanations().get_public_address(request).await?.into_inner();
    Ok(render(visitor, &report, &answer.public_address.unwrap_or_default(), saved, attempt))
}

fn render(
    visitor: &Visitor,
    report: &Report,
    public: &PublicAddress,
    saved: bool,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("公开网址", "Publication");
    let address = format!("{}/public", report.address());
    let content = html! {
        (trail(lang, &[("/submissions", t("年报填报", "Reports")), (&report.address(), &report.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("年报应在学校官网公开。请填写公开的网址与日期，系统只核对网址的写法、所在网站和日期，不会去访问它。", "The report is published on the school's own site. Give its address and the day; the form, the site and the day are looked at, the address is never called.")) }
        } }
        @if saved { (done(t("已保存。", "Saved."))) }
        (refusal(lang, attempt))
        dl.facts {
            dt { (t("学校官网", "The school's site")) }
            dd { @if public.site.is_empty() { span.grey { (t("名录中没有登记，请联系教育主管部门补登。", "The register has none; ask the commission to enter it.")) } } @else { (public.site) } }
        }
        @if report.editable(visitor) {
            (Form { action: &address, attempt, keep: &format!("public/{}", report.submission.submission_id) }.around(html! {
                (base("etag", &public.etag))
                (Field::new(Kind::Text, "address", t("公开网址", "Address"), attempt, &public.address)
                    .hint(t("从浏览器的地址栏复制，以 https:// 开头。", "Copied from the browser, beginning with https://.")).optional(lang))
                (Field::new(Kind::Date, "publish_date", t("公开日期", "Published on"), attempt, &public.publish_date).optional(lang))
                div.actions { button.primary type="submit" { (t("保存", "Save")) } a href={ (report.address()) "/findings" } { (t("看检查结果", "See the findings")) } }
            }))
        } @else {
            dl.facts {
                dt { (t("公开网址", "Address")) } dd { @if public.address.is_empty() { span.grey { (t("没有填写", "not given")) } } @else { span.code { (public.address) } } }
                dt { (t("公开日期", "Published on")) } dd { @if public.publish_date.is_empty() { span.grey { (t("没有填写", "not given")) } } @else { (public.publish_date) } }
            }
        }
    };
    workplace(visitor, Page::work(title, &address, Place::Submissions), attempt, content)
}

async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let given = PublicAddress {
        address: form.get("address").trim().to_owned(),
        publish_date: form.get("publish_date").trim().to_owned(),
        etag: form.get("etag").to_owned(),
        site: String::new(),
    };
    let request = SetPublicAddressRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        public_address: Some(given),
    };
    match visitor.clients().explanations().set_public_address(request).await {
        Ok(_) => Ok(see_other(&format!("/submissions/{}/public?done=saved", link::segment(&id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let named = |field: &str| field.trim_start_matches("public_address.").to_owned();
            page(&visitor, &id, false, &Attempt::refused(form, failure, named)).await
        }
    }
}
