//! Reading schemes from their files.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use zhijian_platform::rules::{self, RulesDir, RulesError};

use super::{Definition, Scheme};

pub(super) const FOLDER: &str = "review/schemes";
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("review/schemes/case-selection.toml", include_str!("../../../schemes/case-selection.toml")),
    (
        "review/schemes/new-programme-monitoring.toml",
        include_str!("../../../schemes/new-programme-monitoring.toml"),
    ),
    ("review/schemes/pilot-monitoring.toml", include_str!("../../../schemes/pilot-monitoring.toml")),
    ("review/schemes/private-inspection.toml", include_str!("../../../schemes/private-inspection.toml")),
    ("review/schemes/project-acceptance.toml", include_str!("../../../schemes/project-acceptance.toml")),
    ("review/schemes/report-review.toml", include_str!("../../../schemes/report-review.toml")),
    ("review/schemes/social-service.toml", include_str!("../../../schemes/social-service.toml")),
    ("review/schemes/teaching-monitoring.toml", include_str!("../../../schemes/teaching-monitoring.toml")),
    ("review/schemes/textbook-selection.toml", include_str!("../../../schemes/textbook-selection.toml")),
];

/// The schemes in force, by code.
#[derive(Debug, Clone)]
pub struct Schemes(BTreeMap<String, Arc<Scheme>>);

impl Schemes {
    /// Reads the shipped schemes and those of the overriding directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let extra = dir.extra(FOLDER);
        let names: BTreeSet<&str> =
            SHIPPED.iter().map(|(name, _)| *name).chain(extra.iter().map(String::as_str)).collect();
        let mut schemes = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let definition: Definition = rules::load(dir, name, shipped)?;
            if name != format!("{FOLDER}/{}.toml", definition.code) {
                return Err(RulesError::content(
                    name,
                    "code",
                    "the code must be the file's name without .toml",
                ));
            }
            let scheme = Scheme::new(definition)
                .map_err(|error| RulesError::content(name, error.key, error.detail))?;
            schemes.insert(scheme.code().to_owned(), Arc::new(scheme));
        }
        Ok(Self(schemes))
    }

    /// The scheme of this code.
    pub fn get(&self, code: &str) -> Option<&Arc<Scheme>> {
        self.0.get(code)
    }

    /// Every scheme, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Scheme>> {
        self.0.values()
    }

    /// The codes, for messages.
    pub fn codes(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}
