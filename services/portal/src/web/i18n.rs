//! Two languages, side by side where they are used.

use zhijian_platform::Lang;
use zhijian_proto::common::v1::Text;

/// A function that picks one of two fixed texts: `let t = words(lang); t("提交", "Submit")`.
pub fn words(lang: Lang) -> impl Fn(&'static str, &'static str) -> &'static str + Copy {
    move |zh, en| lang.pick(zh, en)
}

/// The text of a message in `lang`; nothing if the message is absent.
pub fn text(lang: Lang, text: Option<&Text>) -> &str {
    text.map_or("", |text| lang.pick(&text.zh, &text.en))
}

/// A name, or what stands in for one that is absent (a code, an id).
pub fn name_or<'a>(lang: Lang, name: Option<&'a Text>, instead: &'a str) -> &'a str {
    match text(lang, name) {
        "" => instead,
        name => name,
    }
}

/// Formats one of two texts, each with its values in place: `say!(lang, "共 {n} 项", "{n} in all")`.
#[macro_export]
#[doc(hidden)]
macro_rules! say {
    ($lang:expr, $zh:literal, $en:literal) => {
        match $lang {
            zhijian_platform::Lang::Zh => format!($zh),
            zhijian_platform::Lang::En => format!($en),
        }
    };
}
