//! Former names as one cell: "甲职业学校（1985至2003-06）；乙学校（至1985）".

use zhijian_documents::register::narrow;

use crate::domain::{Broken, date::Date, particulars::FormerName, text};

/// Writes former names into one cell.
pub fn write(names: &[FormerName]) -> String {
    let date = |date: &Option<Date>| date.as_ref().map(Date::to_string).unwrap_or_default();
    let one = |name: &FormerName| {
        let mistaken = if name.mistaken { "，误登" } else { "" };
        match (date(&name.from), date(&name.to)) {
            (from, to) if from.is_empty() && to.is_empty() && mistaken.is_empty() => name.zh.clone(),
            (from, to) if from.is_empty() && to.is_empty() => format!("{}（误登）", name.zh),
            (from, to) => format!("{}（{from}至{to}{mistaken}）", name.zh),
        }
    };
    names.iter().map(one).collect::<Vec<_>>().join("；")
}

/// Reads what [`write`] writes, and what people write for it: half-width brackets and semicolons, dashes for 至.
///
/// # Errors
/// Says in Chinese and English which part cannot be read.
pub fn read(cell: &str) -> Result<Vec<FormerName>, (String, String)> {
    cell.split(['；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(one).collect()
}

fn one(part: &str) -> Result<FormerName, (String, String)> {
    let unreadable = || {
        (
            format!(
                "“{part}”读不懂：请写成“名称（启用日期至停用日期）”，例如“演示第一职业学校（1985至2003-06）”。"
            ),
            format!(
                "“{part}” cannot be read: write “name（from至to）”, such as 演示第一职业学校（1985至2003-06）."
            ),
        )
    };
    // The period is in the last brackets; a name may have brackets of its own.
    let closes = part.ends_with(['）', ')']);
    let opening = part.rfind(['（', '(']).filter(|_| closes);
    let (name, period) = match opening {
        Some(opening) => {
            let inside = part[opening..].trim_start_matches(['（', '(']).trim_end_matches(['）', ')']);
            if is_period(inside) { (&part[..opening], inside) } else { (part, "") }
        }
        None => (part, ""),
    };
    let name = text::line(name, text::NAME).map_err(|error| (error.zh(), error.to_string()))?;
    let period = narrow(period);
    let (period, mistaken) = match period.strip_suffix("误登") {
        Some(rest) => (rest.trim_end_matches([',', '，', ' ']).to_owned(), true),
        None => (period, false),
    };
    let mut former = FormerName { zh: name, en: String::new(), from: None, to: None, mistaken };
    if period.is_empty() {
        return Ok(former);
    }
    let (from, to) = ["至", "到", "—", "–", "~"]
        .into_iter()
        .find_map(|dash| period.split_once(dash))
        .ok_or_else(unreadable)?;
    let date = |text: &str| match text.trim_matches([' ', '—', '–']) {
        "" => Ok(None),
        text => Date::parse(text).map(Some).map_err(|_| unreadable()),
    };
    former.from = date(from)?;
    former.to = date(to)?;
    Ok(former)
}

/// Whether brackets hold a period rather than a part of the name.
fn is_period(inside: &str) -> bool {
    inside.contains("误登")
        || (inside.contains(['至', '到', '—', '–', '~', '～'])
            && inside.chars().any(|c| narrow(&c.to_string()).contains(|n: char| n.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn former_names_are_read_as_people_write_them() {
        let names =
            read("演示第一职业学校（1985-09至2003-06）； 演示技校(至1985);演示学校（东校区）").unwrap();
        let shown: Vec<_> = names
            .iter()
            .map(|name| {
                (
                    name.zh.as_str(),
                    name.from.as_ref().map(Date::to_string),
                    name.to.as_ref().map(Date::to_string),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("演示第一职业学校", Some("1985-09".into()), Some("2003-06".into())),
                ("演示技校", None, Some("1985".into())),
                ("演示学校（东校区）", None, None),
            ]
        );
        assert!(read("甲（去年至2003）").unwrap_err().0.contains("读不懂"));
        assert!(read("甲（1985至13月，误登）").is_err());
        assert!(read("甲（误登）").unwrap()[0].mistaken);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            names in prop::collection::vec(("[甲乙丙丁]{1,8}(（东校区）)?", 1900_i32..2000, prop::option::of(0_i32..20), any::<bool>()), 0..4)
        ) {
            let names: Vec<FormerName> = names.into_iter().map(|(zh, from, lasted, mistaken)| FormerName {
                zh, en: String::new(), mistaken,
                from: Date::parse(&from.to_string()).ok(),
                to: lasted.and_then(|years| Date::parse(&format!("{}-06", from + years)).ok()),
            }).collect();
            prop_assert_eq!(read(&write(&names)), Ok(names));
        }

        #[test]
        fn nothing_panics(cell in "\\PC{0,60}|[甲（）()至0-9；;误登—-]{0,30}") {
            let _ = read(&cell);
        }
    }
}
