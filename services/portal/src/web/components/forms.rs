//! Forms and their fields: what was typed stays, what is wrong stands beside it.

use maud::{Markup, Render, html};
use zhijian_platform::Lang;

use crate::{
    say,
    web::{
        form::{Attempt, REQUEST_ID},
        i18n::words,
    },
};

/// Why a form was not taken, what was kept, and links to each place to mend.
pub fn refusal(lang: Lang, attempt: &Attempt) -> Markup {
    let t = words(lang);
    if !attempt.is_refused() {
        return html! {};
    }
    let message = attempt.failure.as_ref().map(|failure| failure.message.as_str()).unwrap_or_default();
    let count = attempt.faults.len();
    // A form of one button carries nothing but its hidden fields.
    let typed = attempt.form.pairs().iter().any(|(name, value)| {
        !matches!(name.as_str(), REQUEST_ID | "etag") && !name.ends_with("_id") && !value.is_empty()
    });
    html! {
        div.banner.wrong role="alert" tabindex="-1" data-faults {
            h2 {
                @if count > 1 { (say!(lang, "没有成功：有 {count} 处需要处理", "This did not go through: {count} things want mending")) }
                @else { (t("没有成功", "This did not go through")) }
            }
            @if count > 0 {
                ul {
                    @for fault in &attempt.faults {
                        li {
                            @if fault.field.is_empty() { (fault.message) }
                            @else { a href={ "#" (id_of(&fault.field)) } { (fault.message) } }
                        }
                    }
                }
            } @else if message.is_empty() {
                p { (t("请稍后再试。", "Please try again shortly.")) }
            } @else {
                p { (message) }
            }
            @if let Some(incident) = attempt.failure.as_ref().and_then(|failure| failure.incident.as_deref()) {
                p.small { (t("事件编号：", "Incident: ")) span.code { (incident) } }
            }
            @if typed { p.small { (t("您填写的内容都还在这一页。", "Everything you typed is still on this page.")) } }
        }
    }
}

/// The element id of a form field, which links point to.
pub fn id_of(field: &str) -> String {
    format!("f-{field}")
}

/// A hidden field.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A hidden field that says which version the reader works upon; kept typing remembers it.
pub fn base(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value) data-base; }
}

/// A posting form with its request id, so that a repeated post is safe.
pub struct Form<'a> {
    /// Where it posts.
    pub action: &'a str,
    /// What was typed before, if it was refused.
    pub attempt: &'a Attempt,
    /// The name under which the browser keeps what is typed; empty for none.
    pub keep: &'a str,
}

impl<'a> Form<'a> {
    /// A form of one button: nothing is typed that would need keeping.
    pub fn plain(action: &'a str, attempt: &'a Attempt) -> Self {
        Self { action, attempt, keep: "" }
    }

    /// The form around its fields.
    pub fn around(&self, fields: Markup) -> Markup {
        html! {
            form method="post" action=(self.action) novalidate data-keep=[(!self.keep.is_empty()).then_some(self.keep)]
                data-refused[self.attempt.is_refused()] {
                (hidden(REQUEST_ID, &self.attempt.next_request_id()))
                (fields)
            }
        }
    }
}

/// A form that is one button.
pub fn button(
    action: &str,
    attempt: &Attempt,
    hidden_fields: &[(&str, &str)],
    label: &str,
    primary: bool,
) -> Markup {
    Form::plain(action, attempt).around(html! {
        @for (name, value) in hidden_fields { (hidden(name, value)) }
        button type="submit" class=[primary.then_some("primary")] { (label) }
    })
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A long text.
    Long,
    /// A secret.
    Password,
    /// A day.
    Date,
    /// A day and time.
    Moment,
    /// A whole number.
    Whole,
}

/// A labelled field: label above, hint below it, error beside.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    kind: Kind,
    hint: &'a str,
    value: &'a str,
    fault: Option<&'a str>,
    autocomplete: &'a str,
    optional: Option<Lang>,
    distinct: &'a str,
}

impl<'a> Field<'a> {
    /// A field, with what was typed (else `stored`) and what is wrong with it.
    pub fn new(kind: Kind, name: &'a str, label: &'a str, attempt: &'a Attempt, stored: &'a str) -> Self {
        let value = if kind == Kind::Password { "" } else { attempt.form.or(name, stored) };
        let fault = attempt.fault(name);
        Self { name, label, kind, hint: "", value, fault, autocomplete: "off", optional: None, distinct: "" }
    }

    /// Says what belongs in it.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Lets browsers fill it in.
    pub fn autocomplete(mut self, autocomplete: &'a str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    /// May stay empty, and says so.
    pub fn optional(self, lang: Lang) -> Self {
        self.optional_if(true, lang)
    }

    /// May stay empty, and says so, if `optional`.
    pub fn optional_if(mut self, optional: bool, lang: Lang) -> Self {
        self.optional = optional.then_some(lang);
        self
    }

    /// Tells it from fields of the same name in other forms of the page.
    pub fn distinct(mut self, of: &'a str) -> Self {
        self.distinct = of;
        self
    }
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        // Only one form of a page was refused; the summary's links lead to its fields.
        let id = match self.distinct {
            "" => id_of(self.name),
            _ if self.fault.is_some() => id_of(self.name),
            of => format!("{}-{of}", id_of(self.name)),
        };
        let described = [
            (!self.hint.is_empty()).then(|| format!("{id}-hint")),
            self.fault.map(|_| format!("{id}-wrong")),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
        let described = (!described.is_empty()).then_some(described);
        let invalid = self.fault.map(|_| "true");
        let (input, class) = match self.kind {
            Kind::Text | Kind::Lines | Kind::Long => ("text", None),
            Kind::Password => ("password", None),
            Kind::Date => ("date", Some("short")),
            Kind::Moment => ("datetime-local", Some("short")),
            Kind::Whole => ("text", Some("short")),
        };
        let required = self.optional.is_none();
        html! {
            div.field {
                label for=(id) {
                    (self.label)
                    @if let Some(lang) = self.optional { span.grey { (words(lang)("（选填）", " (optional)")) } }
                }
                @if !self.hint.is_empty() { span.hint id={ (id) "-hint" } { (self.hint) } }
                @if let Some(fault) = self.fault { span.wrong-text id={ (id) "-wrong" } { (fault) } }
                @if matches!(self.kind, Kind::Lines | Kind::Long) {
                    textarea id=(id) name=(self.name) class=[(self.kind == Kind::Long).then_some("long")]
                        required[required] aria-invalid=[invalid] aria-describedby=[described] {
                        // The parser drops one line end right after the tag, which may be the text's own.
                        "\n" (self.value)
                    }
                } @else {
                    input id=(id) name=(self.name) type=(input) value=(self.value) class=[class]
                        autocomplete=(self.autocomplete) required[required]
                        inputmode=[(self.kind == Kind::Whole).then_some("numeric")]
                        aria-invalid=[invalid] aria-describedby=[described];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::form::{Fault, FormData};

    fn refused() -> Attempt {
        let form =
            FormData::new(vec![("office".into(), "<校长>".into()), ("request_id".into(), "r1".into())]);
        Attempt::faulty(form, vec![Fault { field: "office".into(), message: "请写职务全称。".into() }])
    }

    #[test]
    fn a_refused_field_keeps_what_was_typed_and_says_why() {
        let attempt = refused();
        let shown = Field::new(Kind::Text, "office", "职务", &attempt, "院长").render().into_string();
        assert!(shown.contains("value=\"&lt;校长&gt;\""), "{shown}");
        assert!(shown.contains("aria-invalid=\"true\""), "{shown}");
        assert!(shown.contains("aria-describedby=\"f-office-wrong\""), "{shown}");
        let summary = refusal(Lang::Zh, &attempt).into_string();
        assert!(summary.contains("href=\"#f-office\""), "{summary}");
    }

    #[test]
    fn the_summary_leads_to_the_field_of_the_form_that_was_refused() {
        let attempt = refused();
        let field = |attempt| {
            Field::new(Kind::Text, "office", "职务", attempt, "").distinct("7").render().into_string()
        };
        assert!(field(&attempt).contains("id=\"f-office\""), "{}", field(&attempt));
        assert!(field(&Attempt::default()).contains("id=\"f-office-7\""), "as long as nothing is wrong");
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let attempt =
            Attempt { form: FormData::new(vec![("password".into(), "secret".into())]), ..Attempt::default() };
        let shown = Field::new(Kind::Password, "password", "密码", &attempt, "").render().into_string();
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_form_carries_a_request_id_and_says_whether_it_was_refused() {
        let fresh = Form { action: "/x", attempt: &Attempt::default(), keep: "x" }.around(html! {});
        let fresh = fresh.into_string();
        assert!(fresh.contains("name=\"request_id\""), "{fresh}");
        assert!(fresh.contains("data-keep=\"x\""), "{fresh}");
        assert!(!fresh.contains("data-refused"), "{fresh}");
        let again = Form::plain("/x", &refused()).around(html! {}).into_string();
        assert!(again.contains("data-refused"), "{again}");
        // It was refused for certain, so the next try is another request.
        assert!(!again.contains("\"r1\""), "{again}");
    }
}
