//! Files that come into the registers and the panel of experts: chosen, looked at as a table of what they would do, and only then taken.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{ImportHeader, ImportReport},
    identity::v1::{ImportOrganisationsRequest, Role, import_organisations_request as organisations},
    review::v1::{ImportReviewersRequest, import_reviewers_request as reviewers},
    submission::v1::{ImportProgrammeFileRequest, import_programme_file_request as programmes},
};

use super::{
    import_report::{rows, told, verdict, wrong},
    tabs,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{done, hidden, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData, REQUEST_ID},
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        upload::Files,
    },
};

/// How much goes into one message to a service.
const CHUNK: usize = 512 * 1024;

pub fn routes() -> Router {
    Router::new().route("/registry/import/{register}", get(choose).post(bring))
}

/// Which register a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Register {
    Organisations,
    Programmes,
    Reviewers,
}

impl Register {
    fn of(key: &str) -> Result<Self, Failure> {
        match key {
            "organisations" => Ok(Self::Organisations),
            "programmes" => Ok(Self::Programmes),
            "reviewers" => Ok(Self::Reviewers),
            _ => Err(Failure::not_found()),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Programmes => "programmes",
            Self::Reviewers => "reviewers",
        }
    }

    fn title(self, lang: Lang) -> &'static str {
        let t = words(lang);
        match self {
            Self::Organisations => t("导入机构", "Import institutions"),
            Self::Programmes => t("导入专业", "Import programmes"),
            Self::Reviewers => t("导入评审专家", "Import experts"),
        }
    }

    fn address(self) -> String {
        format!("/registry/import/{}", self.key())
    }

    /// Where the register is read.
    fn list(self) -> &'static str {
        match self {
            Self::Organisations => "/registry",
            Self::Programmes => "/registry/programmes",
            Self::Reviewers => "/panel",
        }
    }

    /// The place whose work it is.
    fn place(self) -> Place {
        match self {
            Self::Organisations | Self::Programmes => Place::Registry,
            Self::Reviewers => Place::Panel,
        }
    }

    /// Sends a file to the register.
    async fn send(
        self,
        visitor: &Visitor,
        header: ImportHeader,
        file: Vec<u8>,
    ) -> Result<ImportReport, Status> {
        let chunks: Vec<Vec<u8>> = file.chunks(CHUNK).map(<[u8]>::to_vec).collect();
        let report = match self {
            Self::Organisations => {
                let message = |part| ImportOrganisationsRequest { part: Some(part) };
                let parts = std::iter::once(organisations::Part::Header(header))
                    .chain(chunks.into_iter().map(organisations::Part::Chunk));
                let stream = futures::stream::iter(parts.map(message).collect::<Vec<_>>());
                visitor.clients().registry().import_organisations(stream).await?.into_inner().report
            }
            Self::Programmes => {
                let message = |part| ImportProgrammeFileRequest { part: Some(part) };
                let parts = std::iter::once(programmes::Part::Header(header))
                    .chain(chunks.into_iter().map(programmes::Part::Chunk));
                let stream = futures::stream::iter(parts.map(message).collect::<Vec<_>>());
                visitor
                    .clients()
                    .programme_registry()
                    .import_programme_file(stream)
                    .await?
                    .into_inner()
                    .report
            }
            Self::Reviewers => {
                let message = |part| ImportReviewersRequest { part: Some(part) };
                let parts = std::iter::once(reviewers::Part::Header(header))
                    .chain(chunks.into_iter().map(reviewers::Part::Chunk));
                let stream = futures::stream::iter(parts.map(message).collect::<Vec<_>>());
                visitor.clients().panel().import_reviewers(stream).await?.into_inner().report
            }
        };
        Ok(report.unwrap_or_default())
    }
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    created: String,
    #[serde(default)]
    updated: String,
}

/// Nobody is shown a form whose file would be refused: the chair keeps the panel, the commission every register.
fn keeper(visitor: &Visitor, register: &str) -> Result<(), Failure> {
    visitor.signed_in()?;
    let of_chair = register == "reviewers" && visitor.has(Role::Chair);
    if visitor.has(Role::Commission) || of_chair {
        Ok(())
    } else {
        Err(Failure::refused(tonic::Code::PermissionDenied))
    }
}

async fn choose(visitor: Visitor, Path(register): Path<String>, Query(after): Query<After>) -> Answer {
    keeper(&visitor, &register)?;
    let register = Register::of(&register)?;
    Ok(chooser(&visitor, register, &after, &Attempt::default()))
}

/// Either a file that was chosen, to be looked at, or one that was looked at, to be taken.
async fn bring(visitor: Visitor, Path(register): Path<String>, form: FormData, files: Files) -> Answer {
    keeper(&visitor, &register)?;
    let register = Register::of(&register)?;
    let lang = visitor.lang();
    let kept = form.get("content").to_owned();
    let (file_name, file) = if kept.is_empty() {
        match files.chosen(lang, "file") {
            Ok(brought) => (brought.file_name.clone(), brought.content.to_vec()),
            Err(fault) => {
                let attempt = Attempt::faulty(form, vec![fault]);
                return Ok(chooser(&visitor, register, &After::default(), &attempt));
            }
        }
    } else {
        let file =
            URL_SAFE_NO_PAD.decode(&kept).map_err(|_| Failure::refused(tonic::Code::InvalidArgument))?;
        (form.get("file_name").to_owned(), file)
    };
    let header = |dry_run: bool, plan: &str| ImportHeader {
        request_id: form.request_id(),
        dry_run,
        file_name: file_name.clone(),
        plan: plan.to_owned(),
    };
    let mut trouble = Attempt::default();
    if !kept.is_empty() {
        match register.send(&visitor, header(false, form.get("plan")), file.clone()).await {
            Ok(report) => {
                let (created, updated) = (report.created.to_string(), report.updated.to_string());
                let parts = [("created", created.as_str()), ("updated", updated.as_str())];
                return Ok(see_other(&link::address(&register.address(), &parts)));
            }
            // The newest outlook stands below, with why it was not taken above.
            Err(status) => {
                let request_id = (REQUEST_ID.to_owned(), form.request_id());
                trouble = Attempt::failed(FormData::new(vec![request_id]), Failure::from(status).on_form()?);
            }
        }
    }
    match register.send(&visitor, header(true, ""), file.clone()).await {
        Ok(report) => Ok(outlook(&visitor, register, &file_name, &file, &report, &trouble)),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let named = |_: &str| "file".to_owned();
            Ok(chooser(&visitor, register, &After::default(), &Attempt::refused(form, failure, named)))
        }
    }
}

fn chooser(visitor: &Visitor, register: Register, after: &After, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = register.title(lang);
    let address = register.address();
    let (created, updated) = (after.created.as_str(), after.updated.as_str());
    let content = html! {
        div.head { div { h1 { (title) } p.lead { (t("先核对，再导入：选好文件后会逐行列出新增、变更和有误的内容，确认之后才写入名录。", "Looked at first: the file's rows are listed as new, changed or at fault; nothing is written before you confirm.")) } } }
        @if register == Register::Reviewers { (trail(lang, &[("/panel", t("评审专家库", "Panel of experts"))])) } @else { (tabs(visitor, &address)) }
        @if !created.is_empty() {
            (done(&say!(lang, "导入完成：新增 {created} 条，变更 {updated} 条。", "Imported: {created} new, {updated} changed.")))
            p { a href=(register.list()) { (t("查看名录", "See the register")) } }
        }
        (refusal(lang, attempt))
        form method="post" action=(address) enctype="multipart/form-data" novalidate {
            (hidden(REQUEST_ID, &attempt.next_request_id()))
            div.field {
                label for=(id_of("file")) { (t("要导入的文件", "The file to import")) }
                span.hint { (t("XLSX 或 CSV，名录最多 20,000 行，专家最多 5,000 行。列的顺序不限，标题中英文均可；多余的列会告诉您。", "XLSX or CSV, at most 20,000 rows (5,000 experts). Columns in any order, headings in Chinese or English.")) }
                @if let Some(fault) = attempt.fault("file") { span.wrong-text { (fault) } }
                input id=(id_of("file")) name="file" type="file" required accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            }
            div.actions { button.primary type="submit" { (t("核对文件", "Look at the file")) } }
        }
        h2 { (t("模板与现有名录", "Templates and the register as it stands")) }
        p { (t("模板里有填写说明，代码列已设为文本，不会丢失开头的 0。也可以导出现有名录，修改后再导入：没有改动的行不受影响。", "Templates explain every column and keep codes as text. Or export the register, change it and bring it back: rows that say the same are left alone.")) }
        ul {
            li { (t("空白模板：", "Empty template: ")) (downloads(&format!("{}-template", register.key()))) }
            li { (t("现有名录：", "The register: ")) (downloads(register.key())) }
        }
        h2 { (t("系统怎样对应", "How rows are matched")) }
        ul {
            li { (match register {
                Register::Organisations => t("只按十位代码对应，从不按名称。名称与已登记的不同时，要填“更名日期”，原名自动成为曾用名；原登记是错字的，在“更名日期”填“更正”。", "By the ten-digit code alone, never by name. Where the name differs, give the date of the renaming; the old one becomes a former name."),
                Register::Reviewers => t("按账户的登录名对应，从不按姓名。账户须已开通并有评审专家角色，单位须已登记。", "By the account's sign-in name, never by name. The account must hold the reviewer's role, and organisations must be registered."),
                Register::Programmes => t("按学校代码、专业代码和层次对应，从不按名称。学校须已登记。", "By school, programme code and level, never by name. The school must be registered."),
            }) }
            li { (t("单元格留空，登记的内容不变；要清除，填“—”。", "An empty cell leaves what is registered; a dash takes it away.")) }
            li { (t("要么全部导入，要么一行也不导入。同一个文件再导入一次，不会重复登记。", "All rows go in or none. The same file again changes nothing.")) }
        }
    };
    workplace(visitor, Page::work(title, &address, register.place()), attempt, content)
}

fn downloads(name: &str) -> Markup {
    html! {
        a href={ "/registry/files/" (name) ".xlsx" } download { "XLSX" } " "
        a href={ "/registry/files/" (name) ".csv" } download { "CSV" }
    }
}

/// What the file would do, and the button that does it.
fn outlook(
    visitor: &Visitor,
    register: Register,
    file_name: &str,
    file: &[u8],
    report: &ImportReport,
    trouble: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let address = register.address();
    let title = t("核对导入内容", "Look at the import");
    let sound = report.faults.is_empty();
    let changing = report.created + report.updated;
    let content = html! {
        (trail(lang, &[(&address, register.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (file_name) @if !report.sheet.is_empty() { @let sheet = report.sheet.as_str(); (say!(lang, "，工作表“{sheet}”", ", sheet “{sheet}”")) } }
        } }
        (refusal(lang, trouble))
        (verdict(lang, report))
        (told(lang, report))
        @if sound && changing > 0 {
            form method="post" action=(address) enctype="multipart/form-data" {
                (hidden(REQUEST_ID, &trouble.next_request_id()))
                (hidden("file_name", file_name))
                (hidden("plan", &report.plan))
                (hidden("content", &URL_SAFE_NO_PAD.encode(file)))
                div.actions {
                    button.primary type="submit" { (say!(lang, "确认导入 {changing} 条", "Import {changing} rows")) }
                    a href=(address) { (t("换一个文件", "Choose another file")) }
                }
            }
        } @else {
            div.actions { a.button href=(address) { (t("改好后重新选择文件", "Choose the mended file")) } }
        }
        @if !sound { (wrong(lang, report)) }
        @if !report.rows.is_empty() { (rows(lang, report)) }
    };
    workplace(visitor, Page::work(title, &address, register.place()), trouble, content)
}
