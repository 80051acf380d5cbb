//! The first account, opened with the code that the server wrote down at its first start.

use axum::{Router, response::Response, routing::get};
use http::HeaderMap;
use maud::html;
use zhijian_proto::{
    common::v1::Text,
    identity::v1::{Organisation, Region, SetUpRequest, SignInRequest, organisation},
};

use super::{see_other, sign_in::set_session};
use crate::web::{
    components::{Field, Form, Kind, refusal},
    error::Answer,
    form::{Attempt, FormData},
    i18n::words,
    layout::{Page, reading},
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new()
        .route("/setup", get(async |visitor: Visitor| page(&visitor, &Attempt::default())).post(set_up))
}

fn page(visitor: &Visitor, attempt: &Attempt) -> Response {
    let t = words(visitor.lang());
    let title = t("建立第一个账户", "Open the first account");
    let field = |kind, name, label| Field::new(kind, name, label, attempt, "");
    reading(
        visitor,
        Page::reading(title, "/setup"),
        attempt,
        html! {
            h1 { (title) }
            p.lede { (t("第一个账户属于教育主管部门，由它为学校、专家和发布员开户。",
                "The first account is the commission's; it opens those of schools, reviewers and publishers.")) }
            div.narrow {
                (refusal(visitor.lang(), attempt))
                (Form { action: "/setup", attempt, keep: "setup" }.around(html! {
                    (field(Kind::Text, "set_up_code", t("开通码", "Set-up code"))
                        .hint(t("在服务器数据目录的 set-up-code 文件里，启动时也会显示。", "It stands in the file set-up-code of the server's data directory.")))
                    h2 { (t("地区", "Region")) }
                    (field(Kind::Text, "region.name.zh", t("中文名称", "Name in Chinese")).hint(t("例如：北京市", "For instance 北京市")))
                    (field(Kind::Text, "region.name.en", t("英文名称", "Name in English")).hint(t("例如：Beijing", "For instance Beijing")))
                    h2 { (t("教育主管部门", "Commission")) }
                    (field(Kind::Text, "organisation.code", t("机构代码", "Code"))
                        .hint(t("十位数字：两位类型、两位省份、六位序号。", "Ten digits: type, province, serial.")))
                    (field(Kind::Text, "organisation.name.zh", t("中文名称", "Name in Chinese")))
                    (field(Kind::Text, "organisation.name.en", t("英文名称", "Name in English")))
                    h2 { (t("账户", "Account")) }
                    (field(Kind::Text, "display_name", t("姓名", "Your name")).autocomplete("name"))
                    (field(Kind::Text, "sign_in_name", t("用户名", "Sign-in name"))
                        .hint(t("3–64 位小写字母、数字、“-”、“_”、“.”。", "3–64 of a–z, 0–9, “-”, “_”, “.”."))
                        .autocomplete("username"))
                    (field(Kind::Password, "password", t("密码", "Password"))
                        .hint(t("至少 10 位。", "At least 10 characters."))
                        .autocomplete("new-password"))
                    div.actions { button.primary type="submit" { (t("建立账户", "Open the account")) } }
                }))
            }
        },
    )
}

async fn set_up(visitor: Visitor, headers: HeaderMap, form: FormData) -> Answer {
    let text = |prefix: &str| {
        let zh = form.get(&format!("{prefix}.zh")).to_owned();
        let en = form.get(&format!("{prefix}.en")).to_owned();
        Some(Text { zh, en })
    };
    let request = SetUpRequest {
        request_id: form.request_id(),
        set_up_code: form.get("set_up_code").to_owned(),
        sign_in_name: form.get("sign_in_name").to_owned(),
        display_name: form.get("display_name").to_owned(),
        password: form.typed("password").unwrap_or_default().to_owned(),
        organisation: Some(Organisation {
            code: form.get("organisation.code").to_owned(),
            kind: organisation::Kind::Commission.into(),
            name: text("organisation.name"),
            ..Organisation::default()
        }),
        region: Some(Region { name: text("region.name"), ..Region::default() }),
    };
    if let Err(status) = visitor.clients().sessions().set_up(request).await {
        return Ok(page(&visitor, &Attempt::refused(form, status.into(), str::to_owned)));
    }
    let credentials = SignInRequest {
        sign_in_name: form.get("sign_in_name").to_owned(),
        password: form.typed("password").unwrap_or_default().to_owned(),
    };
    // The account stands even if this fails; its owner can sign in by hand.
    let Ok(answer) = visitor.clients().sessions().sign_in(credentials).await else {
        return Ok(see_other("/sign-in"));
    };
    let mut response = see_other("/work");
    set_session(&visitor, &headers, &answer.into_inner(), &mut response);
    Ok(response)
}
