//! A language model behind an OpenAI-compatible address. Whatever it does or fails to do, the worst outcome is no answer.

use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use prost::bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use zhijian_platform::{Assistant, StartError};

use crate::domain::suggestion::Absent;

/// No sensible answer about a rubric is longer.
const MAX_ANSWER: usize = 256 * 1024;

/// The model, ready to be asked.
pub struct Model {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: Uri,
    assistant: Assistant,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

impl Model {
    /// Prepares to ask the configured model. Nothing is sent.
    ///
    /// # Errors
    /// If the address is not one of http or https.
    pub fn open(assistant: &Assistant) -> Result<Self, StartError> {
        let wrong = |detail: String| StartError::Assistant { detail };
        let address = format!("{}/chat/completions", assistant.address.trim_end_matches('/'));
        let address: Uri = address
            .parse()
            .ok()
            .filter(|uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
            .ok_or_else(|| {
                wrong(format!("{} is not an address like http://host:port/v1", assistant.address))
            })?;
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| wrong(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, address, assistant: assistant.clone() })
    }

    /// What the model is called.
    pub fn name(&self) -> &str {
        &self.assistant.model
    }

    /// What the model says.
    ///
    /// # Errors
    /// Why it says nothing.
    pub async fn ask(&self, system: &str, user: &str) -> Result<String, Absent> {
        let answer = tokio::time::timeout(self.assistant.timeout, self.exchange(system, user));
        let body = answer.await.map_err(|_| Absent::Late)??;
        let completion: Completion = serde_json::from_slice(&body).map_err(|_| Absent::Nonsense)?;
        let message = completion.choices.into_iter().next().ok_or(Absent::Nonsense)?.message;
        if message.refusal.is_some_and(|words| !words.is_empty()) {
            return Err(Absent::Refused);
        }
        message.content.ok_or(Absent::Nonsense)
    }

    async fn exchange(&self, system: &str, user: &str) -> Result<Bytes, Absent> {
        let body = json!({
            "model": self.assistant.model,
            "temperature": 0,
            "response_format": { "type": "json_object" },
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": user },
            ],
        });
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.address.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        if let Some(key) = &self.assistant.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = request.body(Full::new(body.to_string().into())).map_err(|_| Absent::Unreachable)?;
        let response = self.client.request(request).await.map_err(|_| Absent::Unreachable)?;
        if !response.status().is_success() {
            return Err(Absent::Refused);
        }
        let read = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        let read = read.map_err(|error| match error.is::<LengthLimitError>() {
            true => Absent::TooLong,
            false => Absent::Unreachable,
        });
        Ok(read?.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn addresses_that_cannot_be_asked_are_refused_at_the_start() {
        let open = |address: &str| {
            Model::open(&Assistant {
                address: address.into(),
                model: "demo".into(),
                key: None,
                timeout: Duration::from_secs(1),
            })
        };
        assert!(open("http://127.0.0.1:9/v1/").is_ok() && open("https://example.org/v1").is_ok());
        for address in ["", "127.0.0.1:9", "ftp://example.org", "file:///etc", "http://"] {
            assert!(matches!(open(address), Err(StartError::Assistant { .. })), "{address}");
        }
    }
}
