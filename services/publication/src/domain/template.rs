//! Placeholders in the texts of the table files: `{year}`, `{year-3}`, `{count}`.

use zhijian_platform::Text;

/// What the placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    /// The year that `{year}` names; `{year-N}` is N years before.
    pub year: i32,
    /// What `{count}` names, where a text may speak of it.
    pub count: Option<u64>,
}

impl Values {
    /// Placeholders of a year, without a count.
    pub fn year(year: i32) -> Self {
        Self { year, count: None }
    }

    /// Replaces every placeholder; one that is unknown stays as it is.
    pub fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, name, after)) = next(rest) {
            text.push_str(before);
            match self.value(name) {
                Some(value) => text.push_str(&value),
                None => text.push_str(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// Replaces the placeholders in both languages.
    pub fn fill_text(&self, template: &Text) -> Text {
        Text::new(self.fill(&template.zh), self.fill(&template.en))
    }

    /// The first placeholder of `template` that means nothing here.
    pub fn unknown<'t>(&self, template: &'t str) -> Option<&'t str> {
        let mut rest = template;
        while let Some((_, name, after)) = next(rest) {
            if self.value(name).is_none() {
                return Some(name);
            }
            rest = after;
        }
        None
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "year" => Some(self.year.to_string()),
            "count" => self.count.map(|count| count.to_string()),
            _ => {
                let back: i32 = name.strip_prefix("year-")?.parse().ok()?;
                Some((self.year.checked_sub(back)?).to_string())
            }
        }
    }
}

/// What stands before the next pair of braces, in it and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_years_and_counts() {
        let values = Values { year: 2025, count: Some(182) };
        assert_eq!(values.fill("近三年（{year-3}—{year-1}年）{count} 个"), "近三年（2022—2024年）182 个");
        assert_eq!(values.fill("没有占位符"), "没有占位符");
    }

    #[test]
    fn names_and_keeps_what_it_does_not_know() {
        let values = Values::year(2025);
        assert_eq!(values.unknown("{year} {count}"), Some("count"));
        assert_eq!(values.unknown("{year-x}"), Some("year-x"));
        assert_eq!(values.unknown("{year-1}"), None);
        assert_eq!(values.fill("{count} {year} {"), "{count} 2025 {");
    }
}
