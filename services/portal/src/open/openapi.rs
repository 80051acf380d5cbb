//! The description of the open data after OpenAPI 3.1, made from the list of routes.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{
    Caller,
    answer::Data,
    arguments::{Kind, Parameter, Place},
    route::{ROUTES, Route, parameters},
};

pub async fn describe(caller: Caller) -> Response {
    match caller.arguments(parameters("getDescription")) {
        Ok(_) => caller.give(Data::json(&document(), true)),
        Err(refusal) => refusal,
    }
}

/// The description. Chinese first, English after it.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        paths.insert(format!("/open/v1{}", route.path), json!({ "get": operation(route) }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": both(("质鉴开放数据", "Zhijian open data")),
            "version": "1",
            "description": both((
                "已发布的结果，供程序读取。不需要登录；小数以字符串给出；每个回答带指纹（ETag），没有变化时回答 304。",
                "Published results, for programs. No sign-in; decimals are strings; every answer carries its fingerprint (ETag) and answers 304 while nothing has changed.",
            )),
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "instance"],
                    "properties": {
                        "type": { "type": "string" },
                        "title": { "type": "string" },
                        "status": { "type": "integer" },
                        "detail": { "type": "string" },
                        "instance": { "type": "string" },
                        "errors": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["parameter", "detail"],
                                "properties": { "parameter": { "type": "string" }, "detail": { "type": "string" } },
                            },
                        },
                    },
                },
                "Text": {
                    "type": "object",
                    "required": ["zh", "en"],
                    "properties": { "zh": { "type": "string" }, "en": { "type": "string" } },
                },
                "Cell": {
                    "type": "object",
                    "required": ["display", "display_en", "value"],
                    "properties": {
                        "display": { "type": "string" },
                        "display_en": { "type": "string" },
                        "value": { "type": ["string", "null"], "description": both(("未取整的小数", "The unrounded decimal")) },
                    },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let content: Map<String, Value> = route
        .media
        .iter()
        .map(|media| {
            let media = media.split(';').next().unwrap_or_default();
            let schema = if media.ends_with("json") {
                json!({ "type": "object" })
            } else {
                json!({ "type": "string" })
            };
            (media.to_owned(), json!({ "schema": schema }))
        })
        .collect();
    let problem = |about| {
        json!({
            "description": both(about),
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    json!({
        "operationId": route.id,
        "summary": both(route.about),
        "parameters": route.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": {
            "200": {
                "description": both(route.about),
                "headers": { "ETag": { "schema": { "type": "string" } }, "Cache-Control": { "schema": { "type": "string" } } },
                "content": content,
            },
            "304": { "description": both(("没有变化", "Nothing has changed")) },
            "400": problem(("参数不对", "An argument cannot be taken")),
            "404": problem(("没有，或者还没有公开", "Not there, or not public")),
        },
    })
}

fn parameter(parameter: &Parameter) -> Value {
    let value = match parameter.kind {
        Kind::Text(most) => json!({ "type": "string", "maxLength": most }),
        Kind::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Choice(choices) => json!({ "type": "string", "enum": choices }),
    };
    let schema = match parameter.place {
        Place::Repeated => json!({ "type": "array", "items": value }),
        Place::Path | Place::Query => value,
    };
    let in_path = parameter.place == Place::Path;
    let mut described = json!({
        "name": parameter.name,
        "in": if in_path { "path" } else { "query" },
        "required": in_path,
        "description": both(parameter.about),
        "schema": schema,
    });
    if !parameter.example.is_empty() {
        described["example"] = match parameter.kind {
            Kind::Integer(..) => parameter.example.parse::<i64>().map_or(Value::Null, Value::from),
            Kind::Text(_) | Kind::Choice(_) => Value::from(parameter.example),
        };
    }
    described
}

fn both((zh, en): (&str, &str)) -> String {
    format!("{zh} / {en}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_of_a_path_is_a_parameter_and_every_operation_has_its_name() {
        let mut ids = std::collections::HashSet::new();
        for route in ROUTES {
            assert!(ids.insert(route.id), "{} is there twice", route.id);
            let placeholders = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
            let in_path = route.parameters.iter().filter(|one| one.place == Place::Path).map(|one| one.name);
            assert!(placeholders.eq(in_path), "{}", route.path);
        }
    }
}
