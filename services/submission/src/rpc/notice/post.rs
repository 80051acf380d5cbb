//! Messages that another service asks for: drafts like any other.

use chrono::NaiveDate;
use zhijian_platform::{Call, Error, Resource, Violation, id};
use zhijian_proto::{
    common::v1::Text,
    submission::v1::{PostNoticeRequest, PostNoticeResponse},
};

use super::{MAX_BODY, MAX_SUBJECT, Notices, draft::add};
use crate::{
    domain::{notice::State, text::is_filled},
    store::notice::{self as notices, Model},
};

/// How many characters the code of a rule may have.
const MAX_RULE: usize = 60;

impl Notices {
    pub(super) async fn post(
        &self,
        call: Call,
        input: PostNoticeRequest,
    ) -> Result<PostNoticeResponse, Error> {
        let grant = call.authorise(&Resource::new("outbox", input.cycle_year.to_string()))?;
        let faults = faults(&input);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let cycle = self.rpc.cycle(input.cycle_year).await?;
        let code = input.organisation_code.clone();
        let conn = self.rpc.ctx.db.reader();
        if input.dry_run {
            let known = notices::is_known(conn, cycle.year, &code, &input.rule_code, &input.due_day).await?;
            return Ok(PostNoticeResponse { drafted: !known });
        }
        let contacts = notices::contacts(conn, vec![code.clone()]).await?;
        let chosen = contacts.get(&code).map(|contact| contact.language.clone());
        let language = chosen.unwrap_or_else(|| self.reminders.language.clone());
        let said = |text: &Option<Text>| {
            let text = text.clone().unwrap_or_default();
            if language == "en" { text.en } else { text.zh }
        };
        let row = Model {
            notice_id: id::new("ntc"),
            cycle_year: cycle.year,
            organisation_code: code,
            rule_code: input.rule_code.clone(),
            due_day: input.due_day.clone(),
            subject: said(&input.subject),
            body: said(&input.body),
            language,
            submission_ids: String::new(),
            state: State::Draft.as_str().to_owned(),
            attempts: 0,
            operation_id: String::new(),
            failure_zh: String::new(),
            failure_en: String::new(),
            send_after: None,
            create_time: self.rpc.ctx.db.clock().now(),
            approve_time: None,
            sent_time: None,
            version: 1,
        };
        self.rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let added = add(tx, cycle.year, vec![row]).await?;
                    Ok(PostNoticeResponse { drafted: added.drafted > 0 })
                })
            })
            .await
    }
}

fn faults(input: &PostNoticeRequest) -> Vec<Violation> {
    let mut faults = vec![];
    let mut want = |holds: bool, field: &str, zh: &str, en: &str| {
        if !holds {
            faults.push(Violation::new(field, zh, en));
        }
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let rule = &input.rule_code;
    want(
        (1..=MAX_RULE).contains(&rule.len()) && rule.chars().all(word),
        "rule_code",
        "规则代码只用字母、数字和连字符，1–60 个字符。",
        "A rule's code has 1–60 letters, digits and hyphens.",
    );
    want(
        input.due_day.parse::<NaiveDate>().is_ok(),
        "due_day",
        "日期须写成 2026-11-30。",
        "Write a day as 2026-11-30.",
    );
    let filled = |text: &Option<Text>, most: usize, lines: bool| {
        text.as_ref().is_some_and(|text| {
            [&text.zh, &text.en]
                .iter()
                .all(|words| is_filled(words, most) && (lines || !words.contains(['\n', '\r'])))
        })
    };
    want(
        filled(&input.subject, MAX_SUBJECT, false),
        "subject",
        "标题请写 1–120 字，不换行。",
        "A subject has 1–120 characters on one line.",
    );
    want(
        filled(&input.body, MAX_BODY, true),
        "body",
        "正文请写 1–4000 字。",
        "A body has 1–4000 characters.",
    );
    faults
}
