//! The language a caller reads.

use std::future::Future;

/// One of the two languages of Zhijian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, which comes first.
    #[default]
    Zh,
    /// English.
    En,
}

tokio::task_local! {
    static CURRENT: Lang;
}

impl Lang {
    /// The first of the two languages that an `accept-language` value names; Chinese if it names neither.
    pub fn from_accept_language(value: &str) -> Self {
        value
            .split(',')
            .filter_map(|item| item.split(';').next())
            .find_map(|tag| match tag.trim().to_ascii_lowercase() {
                tag if tag.starts_with("en") => Some(Self::En),
                tag if tag.starts_with("zh") => Some(Self::Zh),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The value for `accept-language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Chooses between two texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The language of the request being answered; Chinese outside a request.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(|lang| *lang).unwrap_or_default()
    }

    /// Answers `future` as a request in this language: for tasks that go on with one.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}
