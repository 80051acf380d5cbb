//! One institution: what the register knows of it, its names over the years, its programmes, its people.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Code;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::{
        Account, GetOrganisationRequest, ListAccountsRequest, ListOrganisationChangesRequest, Organisation,
        OrganisationChange, Role,
    },
    submission::v1::{ListProgrammesRequest, Programme},
};

use super::{is_closed, is_school, kind_word, ownership_word, programmes, whom_to_ask};
use crate::{
    pages::lookup::{Organisations, WHOLE_PAGE, all_pages, says_demonstration},
    say,
    web::{
        components::{demo, done, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

/// How many changes a page shows at once.
const CHANGES: i32 = 20;

pub fn routes() -> Router {
    Router::new().route("/registry/{code}", get(show))
}

#[derive(Deserialize, Default)]
struct Asked {
    /// What was done just now.
    #[serde(default)]
    done: String,
    /// A day on which the name is asked for.
    #[serde(default)]
    day: String,
}

struct Entry {
    organisation: Organisation,
    /// The name on the day asked for.
    name_on_day: Option<Option<String>>,
    related: Organisations,
    programmes: Vec<Programme>,
    /// Nothing where the reader may not see them.
    changes: Option<Vec<OrganisationChange>>,
    accounts: Option<Vec<Account>>,
}

async fn show(visitor: Visitor, Path(code): Path<String>, Query(asked): Query<Asked>) -> Answer {
    visitor.signed_in()?;
    let day = asked.day.trim().to_owned();
    let request = |name_date: String| GetOrganisationRequest { code: code.clone(), name_date };
    let mut organisations = visitor.clients().organisations();
    let read = match organisations.get_organisation(request(day.clone())).await {
        // A day that cannot be read is as good as none.
        Err(status) if status.code() == Code::InvalidArgument && !day.is_empty() => {
            organisations.get_organisation(request(String::new())).await
        }
        read => read,
    };
    let answer = read
        .map_err(|status| match status.code() {
            Code::InvalidArgument => Failure::not_found(),
            _ => status.into(),
        })?
        .into_inner();
    let lang = visitor.lang();
    let name_on_day = (!day.is_empty())
        .then(|| answer.name_on_date.as_ref().map(|name| name_or(lang, Some(name), &name.zh).to_owned()));
    let organisation = answer.organisation.ok_or_else(Failure::not_found)?;
    let into = organisation.merger.as_ref().map(|merger| merger.into_code.as_str());
    let related = [organisation.parent_code.as_str(), into.unwrap_or_default()];
    let entry = Entry {
        related: Organisations::of(&visitor, related).await?,
        programmes: of_school(&visitor, &code).await?,
        changes: changes(&visitor, &code).await?,
        accounts: accounts(&visitor, &code).await?,
        name_on_day,
        organisation,
    };
    Ok(render(&visitor, &entry, &asked))
}

async fn of_school(visitor: &Visitor, code: &str) -> Result<Vec<Programme>, Failure> {
    all_pages(|page_token| {
        let mut client = visitor.clients().programmes();
        let request = ListProgrammesRequest {
            page_size: WHOLE_PAGE,
            page_token,
            organisation_codes: vec![code.to_owned()],
            ..ListProgrammesRequest::default()
        };
        async move {
            let answer = client.list_programmes(request).await?.into_inner();
            Ok((answer.programmes, answer.next_page_token))
        }
    })
    .await
}

async fn changes(visitor: &Visitor, code: &str) -> Result<Option<Vec<OrganisationChange>>, Failure> {
    let request = ListOrganisationChangesRequest {
        code: code.to_owned(),
        page_size: CHANGES,
        ..ListOrganisationChangesRequest::default()
    };
    match visitor.clients().registry().list_organisation_changes(request).await {
        Ok(answer) => Ok(Some(answer.into_inner().changes)),
        Err(status) if status.code() == Code::PermissionDenied => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// Who acts for the institution, if the reader may know.
async fn accounts(visitor: &Visitor, code: &str) -> Result<Option<Vec<Account>>, Failure> {
    if !visitor.has(Role::Commission) {
        return Ok(None);
    }
    let all = all_pages(|page_token| {
        let mut client = visitor.clients().accounts();
        let request =
            ListAccountsRequest { page_size: WHOLE_PAGE, page_token, ..ListAccountsRequest::default() };
        async move {
            let answer = client.list_accounts(request).await?.into_inner();
            Ok((answer.accounts, answer.next_page_token))
        }
    })
    .await?;
    let here = |account: &Account| account.roles.iter().any(|grant| grant.organisation_code == code);
    Ok(Some(all.into_iter().filter(here).collect()))
}

fn render(visitor: &Visitor, entry: &Entry, asked: &Asked) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let one = &entry.organisation;
    let title = name_or(lang, one.name.as_ref(), &one.code);
    let address = format!("/registry/{}", one.code);
    let content = html! {
        (trail(lang, &[("/registry", t("机构名录", "Register of institutions"))]))
        div.head {
            div {
                h1 { (title) @if one.demonstration && !says_demonstration(title) { " " (demo(lang)) } }
                p.lead {
                    (kind_word(lang, one.kind()))
                    @let ownership = ownership_word(lang, one.ownership());
                    @if !ownership.is_empty() { (t("，", ", ")) (ownership) }
                    @if !one.district.is_empty() { (t("，", ", ")) (one.district) }
                }
            }
            div.actions {
                @if visitor.has(Role::Commission) {
                    a.button href={ (address) "/edit" } { (t("修改登记", "Change the entry")) }
                    a href={ "/notices/contacts/" (one.code) } { (t("收件邮箱", "Where messages go")) }
                }
            }
        }
        @match asked.done.as_str() {
            "changed" => (done(t("已保存，原来的内容留在变动记录里。", "Saved; what it was stays in the history."))),
            "same" => (done(t("内容与登记的相同，没有改动。", "Nothing was changed: the entry says this already."))),
            _ => {},
        }
        (closed(visitor, entry))
        (whom_to_ask(visitor, entry.related.plain(lang, &one.parent_code)))
        div.columns {
            section { h2 { (t("登记内容", "Entry")) } (facts(visitor, entry)) }
            section { h2 { (t("名称沿革", "Names over the years")) } (names(visitor, entry, asked)) }
        }
        @if is_school(one.kind()) {
            h2 { (t("专业", "Programmes")) }
            @if entry.programmes.is_empty() { p.grey { (t("没有登记专业。", "No programmes are registered.")) } }
            @else { div.scroll { (programmes::table(lang, &entry.programmes, None)) } }
        }
        @if let Some(accounts) = &entry.accounts { (people(lang, accounts, &one.code)) }
        @if let Some(changes) = &entry.changes { (history(visitor, changes)) }
    };
    workplace(visitor, Page::work(title, &address, Place::Registry), &Attempt::default(), content)
}

fn closed(visitor: &Visitor, entry: &Entry) -> Markup {
    let lang = visitor.lang();
    let one = &entry.organisation;
    if !is_closed(one) {
        return html! {};
    }
    let day = one.closing_date.as_str();
    html! {
        div.banner.need {
            @if let Some(merger) = &one.merger {
                p {
                    (say!(lang, "已于 {day} 并入", "Merged on {day} into ")) " "
                    a href={ "/registry/" (merger.into_code) } { (entry.related.name(lang, &merger.into_code)) }
                    (words(lang)("。登记内容保留备查。", ". The entry is kept for reference."))
                }
            } @else {
                p { (say!(lang, "已于 {day} 停办。登记内容保留备查。", "Closed on {day}. The entry is kept for reference.")) }
            }
        }
    }
}

fn facts(visitor: &Visitor, entry: &Entry) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let one = &entry.organisation;
    let row = |name: &'static str, value: &str| {
        html! { @if !value.is_empty() { dt { (name) } dd { (value) } } }
    };
    html! {
        dl.facts {
            dt { (t("机构代码", "Code")) } dd.code { (one.code) }
            @if !one.credit_code.is_empty() { dt { (t("统一社会信用代码", "Credit code")) } dd.code { (one.credit_code) } }
            (row(t("英文名称", "Name in the other language"), text(if lang == Lang::Zh { Lang::En } else { Lang::Zh }, one.name.as_ref())))
            (row(t("主管部门", "Supervising body"), &one.supervising_body))
            @if !one.parent_code.is_empty() {
                dt { (t("上级机构", "Stands under")) }
                dd { a href={ "/registry/" (one.parent_code) } { (entry.related.name(lang, &one.parent_code)) } }
            }
            (row(t("建校日期", "Founded"), &one.founding_date))
            (row(t("停办日期", "Closed"), &one.closing_date))
            @if !one.website.is_empty() {
                dt { (t("网址", "Website")) } dd { a href=(one.website) rel="noopener noreferrer" { (one.website) } }
            }
        }
    }
}

fn names(visitor: &Visitor, entry: &Entry, asked: &Asked) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let one = &entry.organisation;
    let address = format!("/registry/{}", one.code);
    let unknown = t("不详", "unknown");
    let or_unknown = |date: &str| if date.is_empty() { unknown.to_owned() } else { date.to_owned() };
    html! {
        @if one.former_names.is_empty() { p.grey { (t("没有登记曾用名。", "No former names are registered.")) } }
        @else {
            ol.history {
                @for former in &one.former_names {
                    @let (from, to) = (or_unknown(&former.from_date), or_unknown(&former.to_date));
                    li {
                        span { @if former.mistaken { s { (name_or(Lang::Zh, former.name.as_ref(), "")) } " " span.grey { (t("误登", "entered by mistake")) } }
                            @else { (name_or(lang, former.name.as_ref(), text(Lang::Zh, former.name.as_ref()))) } }
                        span.grey.small { (say!(lang, "{from} 至 {to}", "{from} to {to}")) }
                    }
                }
                li {
                    strong { (name_or(lang, one.name.as_ref(), &one.code)) }
                    span.grey.small { @if is_closed(one) { (t("最后的名称", "the last name")) } @else { (t("现用", "in force")) } }
                }
            }
        }
        form.filters method="get" action=(address) {
            div {
                label for="day" { (t("查某一天的名称", "The name on a day")) }
                input id="day" name="day" type="date" value=(asked.day);
            }
            button type="submit" { (t("查", "Look up")) }
        }
        @if let Some(name) = &entry.name_on_day {
            @let day = asked.day.as_str();
            p role="status" {
                @match name {
                    Some(name) => { (say!(lang, "{day} 的名称是", "On {day} it was called ")) " " strong { (name) } }
                    None => (say!(lang, "{day} 的名称没有登记，或当时尚未建校、已经停办。", "No name is known for {day}, or it did not exist then.")),
                }
            }
        }
    }
}

fn people(lang: Lang, accounts: &[Account], code: &str) -> Markup {
    let t = words(lang);
    html! {
        h2 { (t("账户", "Accounts")) }
        @if accounts.is_empty() { p.grey { (t("还没有人能以这个机构的名义登录。", "Nobody can sign in for this institution yet.")) } }
        @else {
            div.scroll { table.narrow {
                thead { tr {
                    th scope="col" { (t("姓名", "Name")) }
                    th scope="col" { (t("登录名", "Sign-in name")) }
                    th scope="col" { (t("在本机构的角色", "Roles here")) }
                } }
                tbody { @for account in accounts { tr {
                    th scope="row" { (account.display_name) }
                    td.code { (account.sign_in_name) }
                    td {
                        @for (place, grant) in account.roles.iter().filter(|grant| grant.organisation_code == code).enumerate() {
                            @if place > 0 { (t("、", ", ")) } (states::role(lang, grant.role()))
                        }
                    }
                } } }
            } }
        }
    }
}

fn history(visitor: &Visitor, changes: &[OrganisationChange]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        h2 { (t("变动记录", "History of the entry")) }
        @if changes.is_empty() { p.grey { (t("登记以来没有变动。", "Nothing was changed since it was registered.")) } }
        @for change in changes {
            @let begun = change.action != "organisation.update" && change.changes.iter().all(|field| field.old_value.is_empty());
            details open[!begun] {
                summary {
                    @if let Some(time) = format::moment(change.time.as_ref()) { time datetime=(time.to_rfc3339()) { (format::stamp(time)) } " " }
                    (match change.action.as_str() {
                        "organisation.import" => t("导入", "import"),
                        "organisation.create" => t("登记", "registered"),
                        _ => t("修改", "changed"),
                    })
                    @if !change.account_name.is_empty() { (t("，", ", ")) (change.account_name) }
                }
                div.scroll { table.narrow {
                    thead { tr {
                        th scope="col" { (t("项目", "Field")) }
                        th scope="col" { (t("原来", "Before")) }
                        th scope="col" { (t("改为", "After")) }
                    } }
                    tbody { @for field in &change.changes { tr {
                        th scope="row" { (name_or(lang, field.heading.as_ref(), &field.field)) }
                        td { @if field.old_value.is_empty() { span.grey { "—" } } @else { (field.old_value) } }
                        td { @if field.new_value.is_empty() { span.grey { "—" } } @else { (field.new_value) } }
                    } } }
                } }
            }
        }
    }
}
