//! Arguments: every one is declared, and what is not declared, repeated or out of bounds is refused by name.

use axum::extract::Query;
use http::Uri;
use zhijian_platform::Lang;

use super::problem::Wrong;
use crate::say;

/// A declared argument.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it may be.
    pub kind: Kind,
    /// What it does, in Chinese and English.
    pub about: (&'static str, &'static str),
    /// A value that can be tried.
    pub example: &'static str,
}

/// Where an argument stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query, at most once.
    Query,
    /// In the query, any number of times.
    Repeated,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number within bounds.
    Integer(i64, i64),
    /// One of these.
    Choice(&'static [&'static str]),
}

/// Arguments that were declared and are within bounds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments(Vec<(String, String)>);

impl Arguments {
    /// Reads the query of an address.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn read(lang: Lang, uri: &Uri, declared: &[Parameter]) -> Result<Self, Vec<Wrong>> {
        let pairs =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
        let mut wrong = vec![];
        let mut taken: Vec<&str> = vec![];
        for (name, value) in &pairs {
            let Some(parameter) = declared.iter().find(|one| one.place != Place::Path && one.name == name)
            else {
                wrong.push(unknown(lang, name, declared));
                continue;
            };
            if parameter.place == Place::Query && taken.contains(&parameter.name) {
                wrong.push(Wrong::new(
                    name,
                    say!(lang, "{name} 只能给一次。", "{name} is given once at most."),
                ));
            }
            taken.push(parameter.name);
            wrong.extend(check(lang, parameter, value));
        }
        if wrong.is_empty() { Ok(Self(pairs)) } else { Err(wrong) }
    }

    /// The value of an argument that is given at most once; nothing if it is empty.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The values of an argument.
    pub fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a whole number.
    pub fn integer<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.one(name).and_then(|value| value.parse().ok())
    }
}

fn unknown(lang: Lang, name: &str, declared: &[Parameter]) -> Wrong {
    let known: Vec<&str> =
        declared.iter().filter(|one| one.place != Place::Path).map(|one| one.name).collect();
    let name: String = name.chars().take(60).collect();
    if known.is_empty() {
        return Wrong::new(&name, say!(lang, "这个地址不带参数。", "This address takes no arguments."));
    }
    let known = known.join(", ");
    let detail =
        say!(lang, "没有参数“{name}”。可用：{known}。", "There is no argument {name}. There are: {known}.");
    Wrong::new(&name, detail)
}

fn check(lang: Lang, parameter: &Parameter, value: &str) -> Option<Wrong> {
    let name = parameter.name;
    let detail = match parameter.kind {
        _ if value.is_empty() => return None,
        Kind::Text(most) if value.chars().count() > most => {
            say!(lang, "{name} 最多 {most} 个字。", "{name} has at most {most} characters.")
        }
        Kind::Integer(least, most)
            if !value.parse().is_ok_and(|value: i64| (least..=most).contains(&value)) =>
        {
            say!(lang, "{name} 应为 {least}–{most} 的整数。", "{name} is a whole number of {least}–{most}.")
        }
        Kind::Choice(choices) if !choices.contains(&value) => {
            let choices = choices.join(", ");
            say!(lang, "{name} 应为下列之一：{choices}。", "{name} is one of: {choices}.")
        }
        _ => return None,
    };
    Some(Wrong::new(name, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: [Parameter; 4] = [
        Parameter { name: "q", place: Place::Query, kind: Kind::Text(5), about: ("", ""), example: "" },
        Parameter {
            name: "where",
            place: Place::Repeated,
            kind: Kind::Text(9),
            about: ("", ""),
            example: "",
        },
        Parameter {
            name: "page_size",
            place: Place::Query,
            kind: Kind::Integer(1, 10),
            about: ("", ""),
            example: "",
        },
        Parameter {
            name: "level",
            place: Place::Query,
            kind: Kind::Choice(&["a", "b"]),
            about: ("", ""),
            example: "",
        },
    ];

    fn read(query: &str) -> Result<Arguments, Vec<String>> {
        let uri: Uri = format!("/x?{query}").parse().expect("an address");
        Arguments::read(Lang::En, &uri, &DECLARED)
            .map_err(|wrong| wrong.into_iter().map(|one| one.parameter).collect())
    }

    #[test]
    fn reads_what_is_declared() {
        let given = read("q=%E8%AF%BE%E7%A8%8B&where=a&where=b&page_size=10&level=").expect("sound");
        assert_eq!(given.one("q"), Some("课程"));
        assert_eq!(given.all("where").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(given.integer::<usize>("page_size"), Some(10));
        assert_eq!(given.one("level"), None, "empty is not given");
    }

    #[test]
    fn names_everything_that_is_wrong() {
        assert_eq!(read("q=1&q=2"), Err(vec!["q".into()]));
        assert_eq!(read("q=123456"), Err(vec!["q".into()]));
        assert_eq!(
            read("page_size=11&level=c&size=3"),
            Err(vec!["page_size".into(), "level".into(), "size".into()])
        );
        for size in ["0", "-1", "1e3", "99999999999999999999", "NaN", "١"] {
            assert_eq!(read(&format!("page_size={size}")), Err(vec!["page_size".into()]), "{size}");
        }
    }
}
