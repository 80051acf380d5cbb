//! The style sheet, the script and the mark, carried in the binary under addresses that name their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

/// A file under its address.
pub struct Asset {
    /// The address, which changes with the content.
    pub href: String,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content);
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { href: format!("/assets/{name}.{hash}.{extension}"), media_type, content }
    }
}

/// The files of the style sheet, one after the other; where two say something about the same, the later one holds.
macro_rules! style {
    ($($name:literal)*) => { concat!($(include_str!(concat!("../../assets/style/", $name, ".css"))),*) };
}

/// The one style sheet.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = style!(
        "ground" "frame" "forms" "lists" "material" "ledger" "work" "charts" "book" "narrow" "cards" "insight" "edition"
    );
    Asset::new("zhijian", "css", "text/css; charset=utf-8", content)
});
/// The one script.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("zhijian", "js", "text/javascript; charset=utf-8", include_str!("../../assets/zhijian.js"))
});
/// The mark shown in the browser's tab.
pub static MARK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("mark", "svg", "image/svg+xml", include_str!("../../assets/mark.svg")));

/// Serves an asset for as long as anybody likes to keep it: another content has another address.
pub async fn get(Path(name): Path<String>) -> Response {
    let href = format!("/assets/{name}");
    let found = [&*STYLE, &*SCRIPT, &*MARK].into_iter().find(|asset| asset.href == href);
    match found {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn assets_answer_only_under_the_address_of_their_content() {
        let name = STYLE.href.trim_start_matches("/assets/").to_owned();
        let answer = get(Path(name)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(get(Path("zhijian.css".to_owned())).await.status(), StatusCode::NOT_FOUND);
    }
}
