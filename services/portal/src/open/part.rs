//! A table as it is asked for: which part, which page, which format.

use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhijian_platform::Lang;
use zhijian_tables::{Error, Table, csv, json as shapes, parquet, query::Query, xlsx};

use super::{Caller, answer::Data, arguments::Arguments, problem::Wrong, route::TABLE_MEDIA};
use crate::{
    say,
    web::{error::Failure, link},
};

/// The most lines on one page of JSON.
const WHOLE: usize = 1000;

/// What is asked of a table.
pub struct Part {
    query: Query,
    page_size: usize,
    page_token: Option<String>,
    asked: String,
}

/// What the answer says besides the table.
pub struct About<'a> {
    /// The name of a file of it, without its ending.
    pub file: &'a str,
    /// Members of the JSON document.
    pub head: Value,
    /// Whether it is published.
    pub is_final: bool,
}

impl Part {
    /// Reads the arguments of a table.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(lang: Lang, arguments: &Arguments) -> Result<Self, Vec<Wrong>> {
        let query = Query::parse(arguments.one("columns"), arguments.all("where"), arguments.one("q"))
            .map_err(|fault| vec![Wrong::of_query(lang, &fault)])?;
        let conditions: Vec<&str> = arguments.all("where").collect();
        let asked = json!([arguments.one("columns"), conditions, arguments.one("q")]).to_string();
        let page_size = arguments.integer("page_size").unwrap_or(WHOLE);
        Ok(Self { query, page_size, page_token: arguments.one("page_token").map(str::to_owned), asked })
    }

    /// Whether the whole table is asked for.
    pub fn is_whole(&self) -> bool {
        self.query.is_whole()
    }

    /// Answers a part of `table` in `format`.
    pub fn answer(&self, caller: &Caller, table: Table, format: &str, about: &About<'_>) -> Response {
        let table = match self.query.run(table) {
            Ok(table) => table,
            Err(fault) => return caller.refuse_arguments(vec![Wrong::of_query(caller.lang, &fault)]),
        };
        let name = format!("{}.{format}", about.file);
        let file = |media: &'static str, bytes: Result<Vec<u8>, Error>| match bytes {
            Ok(bytes) => caller.give(Data::new(media, bytes, about.is_final).file(&name)),
            Err(error) => {
                tracing::error!(%error, file = name, "a table cannot be written");
                caller.refuse(&Failure::refused(tonic::Code::Internal))
            }
        };
        match format {
            "csv" => file(TABLE_MEDIA[1], csv::write(&table).map(String::into_bytes)),
            "xlsx" => file(TABLE_MEDIA[2], xlsx::write(&table)),
            "parquet" => file(TABLE_MEDIA[3], parquet::write(&table)),
            _ => self.page(caller, &table, about),
        }
    }

    fn page(&self, caller: &Caller, table: &Table, about: &About<'_>) -> Response {
        let lang = caller.lang;
        // A token is bound to what was asked and to the content: the second page of something else is no answer.
        let print = fingerprint(&self.asked, table);
        let start = match &self.page_token {
            None => 0,
            Some(token) => match token.split_once('-').filter(|(_, of)| *of == print) {
                Some((start, _)) if start.parse().is_ok_and(|start: usize| start < table.rows.len()) => {
                    start.parse().unwrap_or_default()
                }
                _ => {
                    let detail = say!(
                        lang,
                        "page_token 不属于这个请求，或者数据已经更新。请不带 page_token 从头开始。",
                        "The page_token is not of this request, or the data have changed. Leave it out to start over."
                    );
                    return caller.refuse_arguments(vec![Wrong::new("page_token", detail)]);
                }
            },
        };
        let end = table.rows.len().min(start + self.page_size);
        let next = (end < table.rows.len()).then(|| format!("{end}-{print}"));
        let mut document = about.head.clone();
        document["total_rows"] = Value::from(table.rows.len());
        document["next_page_token"] = next.clone().map_or(Value::Null, Value::from);
        document["columns"] = Value::from(shapes::columns(&table.columns));
        let rows = shapes::lines(&table.columns, &table.rows[start..end]);
        let whole = Document { head: &document, rows };
        let mut response = caller.give(Data::json(&whole, about.is_final));
        let next = next.map(|token| {
            let query = link::without(caller.uri.query().unwrap_or_default(), "page_token");
            let path = if query.is_empty() {
                caller.uri.path().to_owned()
            } else {
                format!("{}?{query}", caller.uri.path())
            };
            format!("<{}>; rel=\"next\"", link::address(&path, &[("page_token", &token)]))
        });
        if let Some(next) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    }
}

#[derive(serde::Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: &'a Value,
    rows: Vec<shapes::Line<'a>>,
}

fn fingerprint(asked: &str, table: &Table) -> String {
    let mut hash = Sha256::new();
    hash.update(asked);
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        hash.update(&cell.display);
        hash.update([0]);
        hash.update(&cell.value);
        hash.update([0]);
    }
    format!("{:x}", hash.finalize()).chars().take(16).collect()
}
