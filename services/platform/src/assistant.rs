//! How a language model is reached that may be asked for suggestions.

use std::{fmt, time::Duration};

/// A model behind an OpenAI-compatible address.
#[derive(Clone, PartialEq, Eq)]
pub struct Assistant {
    /// Where `/chat/completions` is found: "http://host:port/v1", "https://…".
    pub address: String,
    /// Which model is asked.
    pub model: String,
    /// What is sent as bearer token, where the address wants one.
    pub key: Option<String>,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl fmt::Debug for Assistant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("Assistant")
            .field("address", &self.address)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
