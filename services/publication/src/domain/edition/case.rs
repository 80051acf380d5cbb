//! Cases of accepted reports, set in the schools' own words.

use zhijian_typeset::model::{self as set, Inline};

use super::{Cases, Fault, Place, build::Setter, fault::What};
use crate::domain::case::{chosen, paragraphs};

/// What stands under every case: a number in it is not bound to the data, and readers are told so.
const SOURCE: &str = "学校提供；文中的数由学校自述，未与填报数据核对。";

impl Setter<'_> {
    /// The cases that a line of chapter `number` wants; `before` of the chapter are set already. Nothing where there is none
    /// and the edition may do without.
    pub fn cases(&mut self, place: &Place, cases: &Cases, number: usize, before: usize) -> Vec<set::Case> {
        let pinned = self.ground.pinned;
        let mut found = chosen(&pinned.cases, &cases.wanted);
        if cases.own {
            found.retain(|case| Some(case.subject.as_str()) == self.ground.institution);
        }
        if found.is_empty() && !cases.optional {
            let section = cases.wanted.section.clone().unwrap_or_default();
            let what = What::NoCases { year: pinned.year, section };
            self.faults.push(Fault { place: place.clone(), what });
        }
        let mut set = Vec::with_capacity(found.len());
        for (place_in_chapter, case) in (before + 1..).zip(found) {
            let owner = match pinned.organisations.get(&case.subject) {
                _ if cases.own => String::new(),
                Some(school) => school.name.zh.clone(),
                None => {
                    let what = What::MissingSchools { code: case.subject.clone() };
                    self.faults.push(Fault { place: place.clone(), what });
                    continue;
                }
            };
            let number = format!("{number}-{place_in_chapter}");
            set.push(set::Case {
                id: format!("case-{number}"),
                number,
                title: case.title.clone(),
                owner,
                paragraphs: paragraphs(&case.body)
                    .into_iter()
                    .map(|words| vec![Inline::Text(words)])
                    .collect(),
                source: SOURCE.to_owned(),
            });
        }
        set
    }
}
