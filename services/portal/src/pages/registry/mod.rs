//! The registers: institutions and programmes, each entry, and files that come in and go out.

mod edit;
mod files;
mod import;
pub mod import_report;
mod list;
mod programmes;
mod show;

use axum::Router;
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::identity::v1::{Organisation, Role, organisation};

use crate::web::{i18n::words, session::Visitor};

pub fn routes() -> Router {
    Router::new()
        .merge(list::routes())
        .merge(programmes::routes())
        .merge(import::routes())
        .merge(files::routes())
        .merge(show::routes())
        .merge(edit::routes())
}

/// The kinds that people choose from, in the order of a register.
const KINDS: [organisation::Kind; 7] = [
    organisation::Kind::HigherVocational,
    organisation::Kind::SpecialisedSecondary,
    organisation::Kind::VocationalHigh,
    organisation::Kind::Enterprise,
    organisation::Kind::DistrictCommission,
    organisation::Kind::EvaluationBody,
    organisation::Kind::Commission,
];

/// What a kind of organisation is called.
pub fn kind_word(lang: Lang, kind: organisation::Kind) -> &'static str {
    use organisation::Kind;
    let t = words(lang);
    match kind {
        Kind::Unspecified => "",
        Kind::HigherVocational => t("高等职业院校", "Higher vocational institution"),
        Kind::SpecialisedSecondary => t("中等专业学校", "Specialised secondary school"),
        Kind::VocationalHigh => t("职业高中", "Vocational high school"),
        Kind::DistrictCommission => t("区教育委员会", "District commission"),
        Kind::Enterprise => t("企业", "Enterprise"),
        Kind::Commission => t("教育委员会", "Commission"),
        Kind::EvaluationBody => t("评估机构", "Evaluation body"),
    }
}

/// The key of a kind in addresses.
fn kind_key(kind: organisation::Kind) -> &'static str {
    kind.as_str_name().trim_start_matches("KIND_")
}

fn kind_from_key(key: &str) -> Option<organisation::Kind> {
    KINDS.into_iter().find(|kind| kind_key(*kind) == key)
}

/// What an ownership is called.
fn ownership_word(lang: Lang, ownership: organisation::Ownership) -> &'static str {
    let t = words(lang);
    match ownership {
        organisation::Ownership::Unspecified => "",
        organisation::Ownership::Public => t("公办", "Public"),
        organisation::Ownership::Private => t("民办", "Private"),
    }
}

/// Whether an organisation has closed or was merged.
fn is_closed(organisation: &Organisation) -> bool {
    !organisation.closing_date.is_empty()
}

/// The two registers and the way to bring files.
fn tabs(visitor: &Visitor, here: &str) -> Markup {
    let t = words(visitor.lang());
    let current = |address: &str| (here == address).then_some("page");
    html! {
        nav.tabs aria-label=(t("名录", "Register")) {
            a href="/registry" aria-current=[current("/registry")] { (t("机构", "Institutions")) }
            a href="/registry/programmes" aria-current=[current("/registry/programmes")] { (t("专业", "Programmes")) }
            @if visitor.has(Role::Commission) {
                a href="/registry/import/organisations" aria-current=[current("/registry/import/organisations")] { (t("导入机构", "Import institutions")) }
                a href="/registry/import/programmes" aria-current=[current("/registry/import/programmes")] { (t("导入专业", "Import programmes")) }
            }
        }
    }
}

/// Whom a school asks when its entry is wrong.
fn whom_to_ask(visitor: &Visitor, above: &str) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if !visitor.has(Role::Commission) {
            p.hint {
                (t("名录由教育主管部门维护，学校只能查看。内容有误或学校更名、合并时，请联系", "The commission keeps the register; schools read it. If something is wrong, or a school was renamed or merged, ask "))
                @if above.is_empty() { (t("市教委职业教育主管处室", "the commission's office for vocational education")) } @else { (above) }
                (t("，并附批复文件。", " and send the ruling along."))
            }
        }
    }
}

/// Whether the kind is a school of either level.
fn is_school(kind: organisation::Kind) -> bool {
    use organisation::Kind;
    matches!(kind, Kind::HigherVocational | Kind::SpecialisedSecondary | Kind::VocationalHigh)
}
