//! Items of procedures whose present step is the reader's.

use maud::html;
use tonic::Code;
use zhijian_proto::review::v1::ListItemsRequest;

use super::Task;
use crate::{
    pages::procedures::{mark, title},
    web::{error::Failure, format, i18n::words, session::Visitor},
};

/// How many the page of work shows; all of them are on the page of procedures.
const SHOWN: i32 = 20;

/// What waits for the reader, what is due first coming first.
pub async fn tasks(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let request = ListItemsRequest { page_size: SHOWN, mine: true, ..Default::default() };
    let items = match visitor.clients().items().list_items(request).await {
        Ok(answer) => answer.into_inner().items,
        // While a cluster is being upgraded, the review service may be older than these pages.
        Err(status) if status.code() == Code::Unimplemented => vec![],
        Err(status) => return Err(status.into()),
    };
    let lang = visitor.lang();
    let t = words(lang);
    let task = |item: &zhijian_proto::review::v1::Item| Task {
        title: title(lang, item),
        href: format!("/items/{}", item.item_id),
        mark: mark(lang, item),
        way: html! { (t("评审工作", "Procedures")) },
        due: item.due_date.parse().ok().and_then(format::end_of_day),
        action: Some(t("办理", "Take the step")),
    };
    Ok(items.iter().map(task).collect())
}
