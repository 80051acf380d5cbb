//! The panel of experts: who may review, what each knows and where each has worked, and what each has declared.

mod edit;
mod list;
mod relations;

use axum::Router;
use zhijian_platform::Lang;
use zhijian_proto::review::v1::{ListReviewersRequest, Reviewer, relation};

use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{error::Failure, i18n::words, session::Visitor},
};

pub fn routes() -> Router {
    Router::new().merge(list::routes()).merge(edit::routes()).merge(relations::routes())
}

/// Everybody on the panel, in order of name.
pub async fn everybody(visitor: &Visitor) -> Result<Vec<Reviewer>, Failure> {
    let pages = all_pages(|page_token| {
        let mut reviewers = visitor.clients().reviewers();
        async move {
            let request = ListReviewersRequest { page_size: WHOLE_PAGE, page_token };
            let answer = reviewers.list_reviewers(request).await?.into_inner();
            Ok((answer.reviewers, answer.next_page_token))
        }
    });
    pages.await
}

/// The kinds of relation that people choose from.
const KINDS: [relation::Kind; 7] = [
    relation::Kind::Kin,
    relation::Kind::CoAuthor,
    relation::Kind::ProjectPartner,
    relation::Kind::Teacher,
    relation::Kind::Adviser,
    relation::Kind::Interest,
    relation::Kind::Other,
];

/// What a kind of relation is called.
pub fn relation_word(lang: Lang, kind: relation::Kind) -> &'static str {
    let t = words(lang);
    match kind {
        relation::Kind::Unspecified => "",
        relation::Kind::Kin => t("亲属在该单位工作或就读", "A relative works or studies there"),
        relation::Kind::CoAuthor => t("合著者", "Co-author"),
        relation::Kind::ProjectPartner => t("项目合作", "Project partner"),
        relation::Kind::Teacher => t("师生", "Teacher or student"),
        relation::Kind::Adviser => t("兼职、顾问", "Part-time or adviser"),
        relation::Kind::Interest => t("经济利益", "Money in it"),
        relation::Kind::Other => t("其他", "Other"),
    }
}

/// The key of a kind in forms.
fn relation_key(kind: relation::Kind) -> &'static str {
    kind.as_str_name().trim_start_matches("KIND_")
}
