//! Rectifications that wait for somebody other than the school.

use maud::html;
use zhijian_proto::review::v1::{ListRectificationsRequest, Rectification, rectification::State};

use super::Task;
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    say,
    web::{
        components::{Mark, Sign, Tone},
        error::Failure,
        i18n::{name_or, words},
        session::Visitor,
    },
};

/// What waits for the commission: plans to decide on, and dates that have passed.
pub async fn commission(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let t = words(visitor.lang());
    let waits = |one: &Rectification| {
        if one.overdue && one.next_level.is_some() {
            Some(t("逾期，处理", "Late: see to it"))
        } else {
            (one.state() == State::Planned).then(|| t("审定方案", "Decide on the plan"))
        }
    };
    waiting(visitor, waits).await
}

/// What waits for the chair: re-checks to appoint.
pub async fn chair(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let t = words(visitor.lang());
    let waits = |one: &Rectification| match one.state() {
        State::Claimed => Some(t("安排复查", "Appoint the re-check")),
        State::Rechecking => Some(t("看复查进度", "See the re-check")),
        _ => None,
    };
    waiting(visitor, waits).await
}

/// One task a kind of action: the rectification itself if there is one, else the list.
async fn waiting(
    visitor: &Visitor,
    action: impl Fn(&Rectification) -> Option<&'static str>,
) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let all = all_pages(|page_token| {
        let mut rectifications = visitor.clients().rectifications();
        let request = ListRectificationsRequest {
            page_size: WHOLE_PAGE,
            page_token,
            ..ListRectificationsRequest::default()
        };
        async move {
            let answer = rectifications.list_rectifications(request).await?.into_inner();
            Ok((answer.rectifications, answer.next_page_token))
        }
    });
    let mut kinds: Vec<(&'static str, Vec<Rectification>)> = vec![];
    for one in all.await? {
        let Some(action) = action(&one) else { continue };
        match kinds.iter_mut().find(|(kind, _)| *kind == action) {
            Some((_, of_kind)) => of_kind.push(one),
            None => kinds.push((action, vec![one])),
        }
    }
    let task = |(action, of_kind): (&'static str, Vec<Rectification>)| {
        let count = of_kind.len();
        let first = &of_kind[0];
        let entry = first.entry.clone().unwrap_or_default();
        let programme = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code);
        Task {
            title: match count {
                1 => say!(lang, "整改：{programme}", "Rectification: {programme}"),
                _ => say!(lang, "{count} 个专业的整改", "Rectification of {count} programmes"),
            },
            href: match count {
                1 => format!("/rectifications/{}", first.rectification_id),
                _ => "/rectifications".to_owned(),
            },
            mark: Mark::new(Sign::Half, Tone::Need, t("整改待处理", "Rectification waits")),
            way: html! { (t("学校已经走完自己的一步。", "The school has done its step, or let its date pass.")) },
            due: None,
            action: Some(action),
        }
    };
    Ok(kinds.into_iter().map(task).collect())
}
