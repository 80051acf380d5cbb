//! Reads the manifests of editions and the chapters that they name.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};

use super::{Binding, Chapter, Place, parse, prose};
use crate::domain::{definition::Plan, template::Values};

const FOLDER: &str = "publication/editions";

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// The files in the binary.
        const SHIPPED: &[(&str, &str)] =
            &[$((concat!("publication/editions/", $name), include_str!(concat!("../../../editions/", $name)))),*];
    };
}

shipped![
    "2025.toml",
    "2025/overview.md",
    "2025/talent.md",
    "2025/service.md",
    "2025/culture.md",
    "2025/international.md",
    "2025/integration.md",
    "2025/support.md",
    "2025/challenge.md",
    "2025/secondary-overview.md",
    "2025/secondary-talent.md",
    "2025/secondary-service.md",
    "2025/secondary-challenge.md",
    "2025/higher-overview.md",
    "2025/higher-talent.md",
    "2025/higher-service.md",
    "2025/higher-challenge.md",
    "2025/institution.md",
];

/// The templates of every year for which there is a manifest.
#[derive(Debug, Clone, Default)]
pub struct Editions(BTreeMap<i32, Templates>);

/// The templates of one year.
#[derive(Debug, Clone)]
pub struct Templates {
    pub year: i32,
    /// Who issues the reports.
    pub issuer: String,
    /// The kinds of report that an institution hands in.
    pub schools: Vec<String>,
    /// The region's own editions, in order.
    pub editions: Vec<Template>,
    /// The report of each institution.
    pub institution: Option<Template>,
    pub charts: BTreeMap<String, ChartTemplate>,
    pub published: BTreeMap<String, Published>,
}

/// A template.
#[derive(Debug, Clone)]
pub struct Template {
    pub code: String,
    pub title: Text,
    pub subtitle: String,
    pub note: String,
    pub chapters: Vec<Chapter>,
}

/// A chart.
#[derive(Debug, Clone)]
pub struct ChartTemplate {
    pub number: String,
    pub title: String,
    pub kind: zhijian_typeset::model::ChartKind,
    pub unit: String,
    pub source: String,
    pub notes: Vec<String>,
    pub categories: Vec<String>,
    pub series: Vec<SeriesTemplate>,
}

/// A series of a chart; a value that is "" in the manifest is none.
#[derive(Debug, Clone)]
pub struct SeriesTemplate {
    pub name: String,
    pub values: Vec<(Place, Option<Binding>)>,
}

/// A number that was published elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    pub name: Text,
    pub value: Decimal,
    pub unit: String,
    /// Where it was published.
    pub source: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    year: i32,
    issuer: String,
    scopes: BTreeMap<String, Vec<String>>,
    editions: Vec<TemplateFile>,
    institution: Option<TemplateFile>,
    #[serde(default)]
    charts: Vec<ChartFile>,
    #[serde(default)]
    published: BTreeMap<String, Published>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    #[serde(default)]
    code: String,
    title: Text,
    #[serde(default)]
    subtitle: String,
    #[serde(default)]
    note: String,
    chapters: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartFile {
    number: String,
    title: String,
    kind: zhijian_typeset::model::ChartKind,
    #[serde(default)]
    unit: String,
    source: String,
    #[serde(default)]
    notes: Vec<String>,
    categories: Vec<String>,
    series: Vec<SeriesFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesFile {
    name: String,
    values: Vec<String>,
}

impl Editions {
    /// Reads the shipped manifests and those of the rules directory.
    ///
    /// # Errors
    /// Names the file, and the line or key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let is_manifest = |name: &&str| name.ends_with(".toml");
        let mut names: BTreeSet<String> =
            SHIPPED.iter().map(|(name, _)| *name).filter(is_manifest).map(str::to_owned).collect();
        names.extend(dir.extra(FOLDER));
        let mut years = BTreeMap::new();
        for name in names {
            let manifest: Manifest = rules::load(dir, &name, shipped(&name))?;
            if name != format!("{FOLDER}/{}.toml", manifest.year) {
                let detail = format!("a file of the year {0} is called {FOLDER}/{0}.toml", manifest.year);
                return Err(RulesError::content(&name, "year", detail));
            }
            years.insert(manifest.year, Load { dir, file: &name }.templates(manifest)?);
        }
        Ok(Self(years))
    }

    /// The templates of `year`, if there are any.
    pub fn of(&self, year: i32) -> Option<&Templates> {
        self.0.get(&year)
    }
}

impl Templates {
    /// Adds to `plan` what the editions need.
    pub fn want(&self, plan: &mut Plan) {
        for template in self.editions.iter().chain(&self.institution) {
            for chapter in &template.chapters {
                chapter.want(self.year, &self.schools, plan);
            }
        }
        let values = self.charts.values().flat_map(|chart| &chart.series).flat_map(|series| &series.values);
        for binding in values.filter_map(|(_, binding)| binding.as_ref()) {
            binding.want(self.year, plan);
        }
    }
}

fn shipped(name: &str) -> &'static str {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text)
}

struct Load<'a> {
    dir: &'a RulesDir,
    file: &'a str,
}

impl Load<'_> {
    fn fault(&self, key: impl Into<String>, detail: impl Into<String>) -> RulesError {
        RulesError::content(self.file, key, detail)
    }

    fn templates(&self, manifest: Manifest) -> Result<Templates, RulesError> {
        let schools = manifest.scopes.get("all").filter(|kinds| !kinds.is_empty());
        let schools = schools.ok_or_else(|| self.fault("scopes.all", "is missing or empty"))?.clone();
        let names = parse::Names {
            scopes: manifest.scopes,
            published: manifest.published.keys().cloned().collect(),
            institution: false,
        };
        let mut codes = BTreeSet::new();
        let mut editions = Vec::with_capacity(manifest.editions.len());
        for (index, file) in manifest.editions.into_iter().enumerate() {
            let sound = !file.code.is_empty()
                && file.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && !file.code.starts_with("institution");
            if !sound || !codes.insert(file.code.clone()) {
                let detail = "must be a–z and -, not begin with \"institution\", and be given once";
                return Err(self.fault(format!("editions[{index}].code"), detail));
            }
            editions.push(self.template(&format!("editions[{index}]"), file, &names)?);
        }
        let own = parse::Names { institution: true, ..names.clone() };
        let institution =
            manifest.institution.map(|file| self.template("institution", file, &own)).transpose()?;
        let mut charts = BTreeMap::new();
        for chart in manifest.charts {
            let chart = self.chart(chart, &names)?;
            if let Some(twice) = charts.insert(chart.number.clone(), chart) {
                return Err(self.fault(format!("charts[{}].number", twice.number), "is given twice"));
            }
        }
        Ok(Templates {
            year: manifest.year,
            issuer: manifest.issuer,
            schools,
            editions,
            institution,
            charts,
            published: manifest.published,
        })
    }

    fn template(&self, key: &str, file: TemplateFile, names: &parse::Names) -> Result<Template, RulesError> {
        for (part, text) in [("title.zh", &file.title.zh), ("subtitle", &file.subtitle), ("note", &file.note)]
        {
            self.prose(&format!("{key}.{part}"), text)?;
        }
        if file.chapters.is_empty() {
            return Err(self.fault(format!("{key}.chapters"), "must not be empty"));
        }
        let chapters = file.chapters.iter().map(|chapter| {
            let name = format!("{FOLDER}/{chapter}");
            let text = self.dir.text(&name, shipped(&name))?;
            if text.trim().is_empty() {
                return Err(self.fault(format!("{key}.chapters"), format!("there is no {name}")));
            }
            parse::chapter(&name, &text, names)
        });
        Ok(Template {
            chapters: chapters.collect::<Result<_, _>>()?,
            code: file.code,
            title: file.title,
            subtitle: file.subtitle,
            note: file.note,
        })
    }

    fn chart(&self, file: ChartFile, names: &parse::Names) -> Result<ChartTemplate, RulesError> {
        let key = format!("charts[{}]", file.number);
        let words = [("title", &file.title), ("source", &file.source)].into_iter();
        for (part, text) in words.chain(file.notes.iter().map(|note| ("notes", note))) {
            self.prose(&format!("{key}.{part}"), text)?;
        }
        for category in file.categories.iter().chain(file.series.iter().map(|series| &series.name)) {
            self.prose(&format!("{key}.categories"), category)?;
        }
        let mut series = Vec::with_capacity(file.series.len());
        for one in file.series {
            let key = format!("{key}.series[{}]", one.name);
            if one.values.len() != file.categories.len() {
                let detail =
                    format!("there are {} values for {} categories", one.values.len(), file.categories.len());
                return Err(self.fault(format!("{key}.values"), detail));
            }
            let values = one.values.iter().enumerate().map(|(index, text)| {
                let key = format!("{key}.values[{index}]");
                let binding = match text.as_str() {
                    "" => None,
                    text => Some(parse::binding(text, names).map_err(|detail| self.fault(&key, detail))?),
                };
                Ok((Place { file: self.file.to_owned(), line: 0, key }, binding))
            });
            series
                .push(SeriesTemplate { values: values.collect::<Result<_, RulesError>>()?, name: one.name });
        }
        if series.is_empty() {
            return Err(self.fault(format!("{key}.series"), "must not be empty"));
        }
        Ok(ChartTemplate {
            number: file.number,
            title: file.title,
            kind: file.kind,
            unit: file.unit,
            source: file.source,
            notes: file.notes,
            categories: file.categories,
            series,
        })
    }

    fn prose(&self, key: &str, text: &str) -> Result<(), RulesError> {
        // A manifest's texts may also name the institution that the report is of.
        if let Some(unknown) = Values::year(2000).unknown(&text.replace("{name}", "")) {
            return Err(self.fault(key, format!("{{{unknown}}} means nothing here")));
        }
        prose::check(&text.replace("{name}", "")).map_err(|detail| self.fault(key, detail))
    }
}
