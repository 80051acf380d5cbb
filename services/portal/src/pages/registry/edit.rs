//! Changing one entry of the register: a new name keeps the old one, and the history keeps everything.

use axum::{Router, extract::Path, response::Response, routing::get};
use maud::html;
use prost_types::FieldMask;
use zhijian_proto::{
    common::v1::Text,
    identity::v1::{
        FormerName, GetOrganisationRequest, Merger, Organisation, UpdateOrganisationRequest,
        organisation::Ownership,
    },
};

use super::is_school;
use crate::{
    pages::see_other,
    web::{
        components::{Field, Form, Kind, base, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};
use zhijian_platform::Lang;

/// The fields that the form changes.
const MASK: [&str; 11] = [
    "name",
    "district",
    "parent_code",
    "ownership",
    "supervising_body",
    "website",
    "credit_code",
    "founding_date",
    "closing_date",
    "merger",
    "former_names",
];

pub fn routes() -> Router {
    Router::new().route("/registry/{code}/edit", get(show).post(save))
}

async fn read(visitor: &Visitor, code: &str) -> Result<Organisation, Failure> {
    let request = GetOrganisationRequest { code: code.to_owned(), ..GetOrganisationRequest::default() };
    let answer = visitor.clients().organisations().get_organisation(request).await?.into_inner();
    answer.organisation.ok_or_else(Failure::not_found)
}

async fn show(visitor: Visitor, Path(code): Path<String>) -> Answer {
    visitor.signed_in()?;
    let organisation = read(&visitor, &code).await?;
    Ok(page(&visitor, &organisation, &Attempt::default()))
}

async fn save(visitor: Visitor, Path(code): Path<String>, form: FormData) -> Answer {
    visitor.signed_in()?;
    let before = read(&visitor, &code).await?;
    let typed = |name: &str| form.get(name).to_owned();
    let merger = Merger { into_code: typed("merger.into_code"), date: typed("merger.date") };
    let ownership = match form.get("ownership") {
        "public" => Ownership::Public,
        "private" => Ownership::Private,
        _ => Ownership::Unspecified,
    };
    let organisation = Organisation {
        name: Some(Text { zh: typed("name.zh"), en: typed("name.en") }),
        district: typed("district"),
        parent_code: typed("parent_code"),
        ownership: ownership.into(),
        supervising_body: typed("supervising_body"),
        website: typed("website"),
        credit_code: typed("credit_code"),
        founding_date: typed("founding_date"),
        closing_date: typed("closing_date"),
        merger: (!merger.into_code.is_empty() || !merger.date.is_empty()).then_some(merger),
        former_names: former_names(&form, &before),
        etag: typed("etag"),
        ..before.clone()
    };
    let request = UpdateOrganisationRequest {
        request_id: form.request_id(),
        organisation: Some(organisation),
        update_mask: Some(FieldMask { paths: MASK.map(str::to_owned).to_vec() }),
        rename_date: typed("rename_date"),
        correction: form.get("correction") == "yes",
    };
    match visitor.clients().organisations().update_organisation(request).await {
        Ok(answer) => {
            let after = answer.into_inner().organisation.unwrap_or_default();
            let done = if after.etag == before.etag { "same" } else { "changed" };
            Ok(see_other(&format!("/registry/{code}?done={done}")))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, field_of);
            Ok(page(&visitor, &before, &attempt))
        }
    }
}

/// The names that the entry has, marked as the form says, and the one that it adds.
fn former_names(form: &FormData, before: &Organisation) -> Vec<FormerName> {
    let mut names: Vec<FormerName> = before
        .former_names
        .iter()
        .enumerate()
        .map(|(place, former)| FormerName {
            from_date: form.or(&format!("former.{place}.from"), &former.from_date).trim().to_owned(),
            to_date: form.or(&format!("former.{place}.to"), &former.to_date).trim().to_owned(),
            mistaken: form.get(&format!("former.{place}.mistaken")) == "yes",
            ..former.clone()
        })
        .collect();
    let added = form.get("former.new.name");
    if !added.is_empty() {
        names.push(FormerName {
            name: Some(Text { zh: added.to_owned(), en: String::new() }),
            from_date: form.get("former.new.from").to_owned(),
            to_date: form.get("former.new.to").to_owned(),
            mistaken: false,
        });
    }
    names
}

fn field_of(path: &str) -> String {
    match path.strip_prefix("organisation.").unwrap_or(path) {
        "name" => "name.zh".to_owned(),
        "merger" => "merger.into_code".to_owned(),
        path if path.starts_with("former_names") => "former.new.name".to_owned(),
        path => path.to_owned(),
    }
}

fn page(visitor: &Visitor, one: &Organisation, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("修改登记", "Change the entry");
    let up = format!("/registry/{}", one.code);
    let address = format!("{up}/edit");
    let name = name_or(lang, one.name.as_ref(), &one.code).to_owned();
    let form = &attempt.form;
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored);
    let optional = |name, label, stored| field(Kind::Text, name, label, stored).optional(lang);
    let merger = one.merger.clone().unwrap_or_default();
    let stored_ownership = match one.ownership() {
        Ownership::Public => "public",
        Ownership::Private => "private",
        Ownership::Unspecified => "",
    };
    let ownership = form.or("ownership", stored_ownership);
    let exact = t(
        "知道多少写多少：1958、1958-09 或 1958-09-01。",
        "As exact as it is known: 1958, 1958-09 or 1958-09-01.",
    );
    let content = html! {
        (trail(lang, &[("/registry", t("机构名录", "Register of institutions")), (&up, &name)]))
        div.head { div { h1 { (title) } p.lead { span.code { (one.code) } " " (name) } } }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: &format!("registry-{}", one.code) }.around(html! {
            (base("etag", form.or("etag", &one.etag)))
            h2 { (t("名称", "Name")) }
            (field(Kind::Text, "name.zh", t("中文名称", "Name in Chinese"), text(Lang::Zh, one.name.as_ref())))
            (field(Kind::Text, "name.en", t("英文名称", "Name in English"), text(Lang::En, one.name.as_ref())))
            (optional("rename_date", t("新名称启用日期", "New name in force since"), "")
                .hint(t("中文名称有变化时填写；原名称自动成为曾用名，到前一天为止。", "Where the Chinese name changes; the name before becomes a former name that ended the day before.")))
            div.field {
                input type="checkbox" id=(id_of("correction")) name="correction" value="yes" checked[form.get("correction") == "yes"];
                " " label for=(id_of("correction")) { (t("不是更名，只是更正错字", "Not a renaming: the old name was a slip")) }
            }
            h2 { (t("登记内容", "Entry")) }
            @if is_school(one.kind()) {
                div.field {
                    label for=(id_of("ownership")) { (t("办学性质", "Ownership")) }
                    @if let Some(fault) = attempt.fault("ownership") { span.wrong-text { (fault) } }
                    select id=(id_of("ownership")) name="ownership" {
                        option value="" { (t("未登记", "not registered")) }
                        option value="public" selected[ownership == "public"] { (t("公办", "Public")) }
                        option value="private" selected[ownership == "private"] { (t("民办", "Private")) }
                    }
                }
            }
            (optional("district", t("所在区", "District"), &one.district))
            (optional("supervising_body", t("主管部门", "Supervising body"), &one.supervising_body))
            (optional("parent_code", t("上级机构代码", "Code of what it stands under"), &one.parent_code))
            (optional("credit_code", t("统一社会信用代码", "Credit code"), &one.credit_code).hint(t("18 位，最后一位是校验码。", "18 characters; the last checks the others.")))
            (optional("website", t("网址", "Website"), &one.website))
            (optional("founding_date", t("建校日期", "Founded"), &one.founding_date).hint(exact))
            (optional("closing_date", t("停办日期", "Closed"), &one.closing_date).hint(exact))
            (optional("merger.into_code", t("并入机构代码", "Merged into (code)"), &merger.into_code))
            (optional("merger.date", t("并入日期", "Merged on"), &merger.date).hint(exact))
            h2 { (t("曾用名", "Former names")) }
            @if !one.former_names.is_empty() {
                p.hint { (t("曾用名不能删除；登记有误的，标为“误登”。", "Former names are never deleted; mark one that was entered by mistake.")) }
                div.scroll { table {
                    thead { tr {
                        th scope="col" { (t("曾用名", "Former name")) }
                        th scope="col" { (t("启用", "From")) }
                        th scope="col" { (t("停用", "To")) }
                        th scope="col" { (t("误登", "Mistaken")) }
                    } }
                    tbody { @for (place, former) in one.former_names.iter().enumerate() {
                        @let key = |part: &str| format!("former.{place}.{part}");
                        @let zh = text(Lang::Zh, former.name.as_ref());
                        @let mistaken = if form.is_empty() { former.mistaken } else { form.get(&key("mistaken")) == "yes" };
                        tr {
                            th scope="row" { (zh) }
                            td { input type="text" name=(key("from")) value=(form.or(&key("from"), &former.from_date)) size="12" aria-label={ (zh) " " (t("启用", "from")) }; }
                            td { input type="text" name=(key("to")) value=(form.or(&key("to"), &former.to_date)) size="12" aria-label={ (zh) " " (t("停用", "to")) }; }
                            td { input type="checkbox" name=(key("mistaken")) value="yes" checked[mistaken] aria-label={ (zh) " " (t("误登", "mistaken")) }; }
                        }
                    } }
                } }
            }
            (optional("former.new.name", t("补登一个曾用名", "Add a former name"), ""))
            (optional("former.new.from", t("启用日期", "From"), "").hint(exact))
            (optional("former.new.to", t("停用日期", "To"), ""))
            div.actions {
                button.primary type="submit" { (t("保存登记", "Save the entry")) }
                a href=(up) { (t("取消", "Cancel")) }
                span.saved data-saved {}
            }
        }))
    };
    workplace(visitor, Page::work(title, &address, Place::Registry), attempt, content)
}
