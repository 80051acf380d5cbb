//! The commission's remarks as they stand beside a cell or a section, with what each side can do about them.
//!
//! A ledger is one form, and forms cannot stand within each other: so the fields of a remark name their form, which stands
//! elsewhere on the page ([`Said::shells`]).

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{Comment, ListCommentsRequest, comment};

use super::report::{Report, Standing};
use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone, base, hidden, id_of},
        error::Failure,
        form::{Attempt, REQUEST_ID},
        format,
        i18n::words,
        session::Visitor,
    },
};

/// Every remark on a report that the reader may see, oldest first.
pub async fn load(visitor: &Visitor, report: &Report) -> Result<Vec<Comment>, Failure> {
    // Nobody can have remarked on what was never handed in.
    if report.submission.revision_number == 0 {
        return Ok(vec![]);
    }
    let request = ListCommentsRequest { submission_id: report.submission.submission_id.clone() };
    Ok(visitor.clients().comments().list_comments(request).await?.into_inner().comments)
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot<'a> {
    /// An indicator, by code.
    Cell(&'a str),
    /// A section, by code.
    Section(&'a str),
    /// The report as a whole.
    Whole,
}

impl<'a> Spot<'a> {
    /// What a remark is about.
    pub fn of(comment: &'a Comment) -> Self {
        match (comment.indicator_code.as_str(), comment.section_code.as_str()) {
            ("", "") => Self::Whole,
            ("", section) => Self::Section(section),
            (indicator, _) => Self::Cell(indicator),
        }
    }

    /// How a form says it ("cell.SC01", "section.talent", "").
    pub fn key(self) -> String {
        match self {
            Self::Cell(code) => format!("cell.{code}"),
            Self::Section(code) => format!("section.{code}"),
            Self::Whole => String::new(),
        }
    }

    /// What a form said.
    pub fn parse(key: &'a str) -> Self {
        match key.split_once('.') {
            Some(("cell", code)) => Self::Cell(code),
            Some(("section", code)) => Self::Section(code),
            _ => Self::Whole,
        }
    }
}

/// Where a remark stands.
pub fn mark(lang: Lang, state: comment::State, for_desk: bool) -> Mark {
    use comment::State;
    let t = words(lang);
    match (state, for_desk) {
        (State::Unsent | State::Unspecified, _) => Mark::new(
            Sign::Empty,
            Tone::Quiet,
            t("未发出，退回或接收时发给学校", "Not sent: it goes out with your decision"),
        ),
        (State::Open, true) => Mark::new(Sign::Wait, Tone::Go, t("等学校答复", "Waits for the school")),
        (State::Open, false) => Mark::new(Sign::Warn, Tone::Need, t("待答复", "To be answered")),
        (State::Answered, true) => {
            Mark::new(Sign::Half, Tone::Need, t("学校已答复，待您确认", "Answered: see if it will do"))
        }
        (State::Answered, false) => Mark::new(Sign::Half, Tone::Done, t("已答复", "Answered")),
        (State::Resolved, _) => Mark::new(Sign::Tick, Tone::Done, t("已解决", "Resolved")),
    }
}

/// The remarks on a report, on one page of it.
pub struct Said<'a> {
    pub visitor: &'a Visitor,
    pub report: &'a Report,
    pub comments: &'a [Comment],
    /// A remark or answer that was refused.
    pub attempt: &'a Attempt,
    /// The page to come back to.
    pub back: &'a str,
}

impl Said<'_> {
    fn is_desk(&self) -> bool {
        self.report.standing(self.visitor) == Standing::Desk
    }

    /// The remarks on one place.
    pub fn on(&self, spot: Spot<'_>) -> impl Iterator<Item = &Comment> {
        self.comments.iter().filter(move |comment| Spot::of(comment) == spot)
    }

    /// Whether there is anything to show or to do at a place.
    pub fn has(&self, spot: Spot<'_>) -> bool {
        self.on(spot).next().is_some()
    }

    /// Whether the reader can remark now.
    pub fn can_add(&self) -> bool {
        self.is_desk() && self.report.takes_comments()
    }

    fn can_answer(&self, comment: &Comment) -> bool {
        let waits = matches!(comment.state(), comment::State::Open | comment::State::Answered);
        let mine = self.attempt.form.get("comment_id") == comment.comment_id;
        let open = self.report.standing(self.visitor) == Standing::Owner && self.report.can_be_handed_in();
        // What was typed stays in sight, even if it came too late.
        waits && (open || (mine && self.attempt.is_refused()))
    }

    /// The remarks on a place, each with what can be done about it.
    pub fn cards(&self, spot: Spot<'_>) -> Markup {
        html! { @for comment in self.on(spot) { (self.card(comment)) } }
    }

    /// One remark.
    pub fn card(&self, comment: &Comment) -> Markup {
        let (lang, now) = (self.visitor.lang(), self.visitor.now());
        let t = words(lang);
        let number = comment.revision_number;
        let told = |time: Option<&prost_types::Timestamp>| {
            html! { @if let Some(time) = format::moment(time) { (format::happened(lang, time, now)) } }
        };
        html! {
            article.remark.comment id=(id_of(&comment.comment_id)) {
                p {
                    (mark(lang, comment.state(), self.is_desk())) "　"
                    span.grey { (comment.author_name) (say!(lang, "，对第 {number} 版，", ", on revision {number}, ")) (told(comment.create_time.as_ref())) }
                }
                p.said { (comment.body) }
                @if !comment.answer.is_empty() {
                    p.grey { (t("答复：", "Answer: ")) (comment.answerer_name) (t("，", ", ")) (told(comment.answer_time.as_ref())) }
                    p.said { (comment.answer) }
                }
                @if self.can_answer(comment) { (self.answer(comment)) }
                @if self.is_desk() { (self.decide(comment)) }
            }
        }
    }

    fn answer(&self, comment: &Comment) -> Markup {
        let t = words(self.visitor.lang());
        let form = shell_id(&comment.comment_id);
        let mine = self.attempt.form.get("comment_id") == comment.comment_id;
        let typed = if mine { self.attempt.form.or("answer", &comment.answer) } else { &comment.answer };
        let fault = self.attempt.fault("answer").filter(|_| mine);
        let label = if comment.answer.is_empty() {
            t("答复", "Answer")
        } else {
            t("更新答复", "Change the answer")
        };
        let id = format!("{form}-answer");
        html! {
            details open[comment.answer.is_empty() || (mine && self.attempt.is_refused())] {
                summary { (label) }
                (area(&id, "answer", t("怎样处理的，或者为什么不改", "What was done about it, or why nothing was"), typed, fault, &form))
                div.actions { button type="submit" form=(form) { (label) } }
            }
        }
    }

    fn decide(&self, comment: &Comment) -> Markup {
        use comment::State;
        let t = words(self.visitor.lang());
        let form = shell_id(&comment.comment_id);
        let address = format!("{}/comments/{}", self.report.address(), comment.comment_id);
        let button = |verb: &str, label: &str| {
            html! { button type="submit" form=(form) formaction={ (address) "/" (verb) } { (label) } }
        };
        html! {
            div.actions {
                @match comment.state() {
                    State::Unsent | State::Unspecified => (button("delete", t("删除", "Delete"))),
                    State::Open => (button("resolve", t("标为已解决", "Resolve"))),
                    State::Answered => { (button("resolve", t("标为已解决", "Resolve"))) (button("reopen", t("请学校再答复", "Ask again"))) },
                    State::Resolved => (button("reopen", t("重新打开", "Open again"))),
                }
            }
        }
    }

    /// The field in which a remark on a place is written, folded away until it is wanted.
    pub fn add(&self, spot: Spot<'_>, about: &str) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        if !self.can_add() {
            return html! {};
        }
        let form = shell_id(&spot.key());
        let id = format!("{form}-body");
        html! {
            details.remark-on {
                summary aria-label=(say!(lang, "{about}：写意见", "{about}: write a remark")) { (t("写意见", "Remark")) }
                (area(&id, "body", t("什么问题、怎样修改", "What is wrong, and how to mend it"), "", None, &form))
                div.actions { button type="submit" form=(form) { (t("记下意见", "Note the remark")) } }
            }
        }
    }

    /// The forms that the fields of these places belong to.
    pub fn shells<'b>(&self, spots: impl IntoIterator<Item = Spot<'b>>) -> Markup {
        let address = format!("{}/comments", self.report.address());
        let submission = &self.report.submission.submission_id;
        html! {
            @for spot in spots {
                (self.shells_of(self.on(spot)))
                @if self.can_add() {
                    @let key = spot.key();
                    (self.shell(&shell_id(&key), &address, &format!("remark/{submission}/{key}"), hidden("place", &key)))
                }
            }
        }
    }

    /// The forms that the fields of these remarks belong to.
    pub fn shells_of<'b>(&self, comments: impl IntoIterator<Item = &'b Comment>) -> Markup {
        let address = format!("{}/comments", self.report.address());
        let submission = &self.report.submission.submission_id;
        html! {
            @for comment in comments {
                @let id = &comment.comment_id;
                (self.shell(&shell_id(id), &format!("{address}/{id}/answer"), &format!("answer/{submission}/{id}"), html! {
                    (hidden("comment_id", id)) (base("etag", &comment.etag))
                }))
            }
        }
    }

    fn shell(&self, id: &str, action: &str, keep: &str, fields: Markup) -> Markup {
        html! {
            form id=(id) method="post" action=(action) novalidate data-keep=(keep) data-refused[self.attempt.is_refused()] {
                (hidden(REQUEST_ID, &self.attempt.next_request_id())) (hidden("back", self.back)) (fields)
            }
        }
    }
}

fn shell_id(of: &str) -> String {
    format!("say-{of}")
}

/// A field of several lines that belongs to a form elsewhere on the page.
fn area(id: &str, name: &str, label: &str, typed: &str, fault: Option<&str>, form: &str) -> Markup {
    // Only one form of a page was refused; the summary's links lead to its fields.
    let refused = id_of(name);
    let id = if fault.is_some() { &refused } else { id };
    html! {
        div.field {
            label for=(id) { (label) }
            @if let Some(fault) = fault { span.wrong-text id={ (id) "-wrong" } { (fault) } }
            textarea id=(id) name=(name) form=(form) maxlength="1000" required
                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{id}-wrong"))] { "\n" (typed) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_a_form_says_it_is() {
        for spot in [Spot::Cell("SC01"), Spot::Section("talent"), Spot::Whole] {
            assert_eq!(Spot::parse(&spot.key()), spot);
        }
        assert_eq!(Spot::parse("elsewhere.x"), Spot::Whole);
        let about = Comment { section_code: "talent".into(), ..Comment::default() };
        assert_eq!(Spot::of(&about), Spot::Section("talent"));
        assert_eq!(Spot::of(&Comment::default()), Spot::Whole);
    }
}
