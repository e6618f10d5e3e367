//! Where a configuration comes from: files, then the environment, then the command line; the later one counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::configuration::{Configuration, Origin, Warning, check};
use crate::foreign::{Foreign, foreign_keys};
use crate::given::Given;
use crate::keys::{Key, keys, variable};
use crate::settings::Settings;
use crate::{dictionary, file};

/// What all variables of Go Pitaya and of the gate begin with.
const PREFIX: &str = "PITAYA_";
/// Names the file, for the program. It is no key.
const CONFIG: &str = "PITAYA_GATE_CONFIG";

/// Collects where settings come from. A file counts less than a variable, a variable less than the command line.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is read before `read`"]
pub struct Sources {
    files: Vec<PathBuf>,
    variables: BTreeMap<String, String>,
    sets: Vec<(String, String)>,
}

/// All that is wrong with a configuration, each with its key, its value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// What is wrong, one sentence each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Sources {
    /// Nothing but the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, which counts more than those before. The end of its name says whether it is TOML, YAML or JSON.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// Adds the environment of this process. Variables that are no Unicode are passed over.
    pub fn environment(mut self) -> Self {
        let all = std::env::vars_os();
        let texts = all.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        self.variables.extend(texts);
        self
    }

    /// Adds a variable.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Adds a key of the command line, in any spelling.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.sets.push((key.into(), value.into()));
        self
    }

    /// Reads all of it.
    ///
    /// # Errors
    ///
    /// Every value that cannot be used, and every file that cannot be read. Keys that a gate does not have are warnings.
    pub fn read(self) -> Result<Configuration, ConfigError> {
        let mut reading = Reading::default();
        for path in &self.files {
            let layer = reading.file(path);
            reading.apply(layer);
        }
        let layer = reading.variables(&self.variables);
        reading.apply(layer);
        let layer = reading.sets(&self.sets);
        reading.apply(layer);
        reading.end()
    }
}

/// A value of a key that the gate has.
struct Found {
    key: &'static Key,
    /// Which of the key's names it has: ours is the first.
    rank: usize,
    given: Given,
    origin: Origin,
}

#[derive(Default)]
struct Reading {
    settings: Settings,
    origins: BTreeMap<&'static str, Origin>,
    warnings: Vec<Warning>,
    problems: Vec<String>,
}

impl Reading {
    fn file(&mut self, path: &Path) -> Vec<Found> {
        let mut found = Vec::new();
        match file::read(path) {
            Ok(tables) => self.walk(path, "", tables, &mut found),
            Err(why) => self.problems.push(format!("{}: {why}", path.display())),
        }
        found
    }

    fn walk(
        &mut self,
        path: &Path,
        above: &str,
        tables: Vec<(String, Given)>,
        found: &mut Vec<Found>,
    ) {
        for (key, given) in tables {
            // Keys do not differ by case, as in viper.
            let name = match above {
                "" => key.to_lowercase(),
                above => format!("{above}.{}", key.to_lowercase()),
            };
            let origin = Origin::File {
                path: path.to_owned(),
                spelled: name.clone(),
            };
            match (find(&name), given) {
                (Some((key, rank)), given) => found.push(Found {
                    key,
                    rank,
                    given,
                    origin,
                }),
                (None, Given::Table(tables)) if is_above_keys(&name) => {
                    self.walk(path, &name, tables, found)
                }
                (None, _) => self.warn_of_key(&origin, &name),
            }
        }
    }

    fn variables(&mut self, variables: &BTreeMap<String, String>) -> Vec<Found> {
        let mut found = Vec::new();
        for (name, value) in variables {
            // An empty variable is as one that is not there, as in viper.
            if !name.starts_with(PREFIX) || name == CONFIG || value.is_empty() {
                continue;
            }
            let origin = Origin::Variable(name.clone());
            let known = keys().find_map(|key| {
                let rank = key.names().position(|spelled| variable(spelled) == *name)?;
                Some((key, rank))
            });
            match (known, Foreign::of_variable(name)) {
                (Some((key, rank)), _) => found.push(Found {
                    key,
                    rank,
                    given: Given::Text(value.clone()),
                    origin,
                }),
                (None, Some(foreign)) => self
                    .warnings
                    .push(Warning::ignored(&origin, foreign.instead)),
                (None, None) => self.warnings.push(Warning::unknown(&origin)),
            }
        }
        found
    }

    fn sets(&mut self, sets: &[(String, String)]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for (name, value) in sets {
            let name = name.trim().to_lowercase();
            let origin = Origin::CommandLine(name.clone());
            let Some((key, rank)) = find(&name) else {
                self.warn_of_key(&origin, &name);
                continue;
            };
            // What stands behind counts.
            found.retain(|before| (before.key.name(), before.rank) != (key.name(), rank));
            found.push(Found {
                key,
                rank,
                given: Given::Text(value.clone()),
                origin,
            });
        }
        found
    }

    fn warn_of_key(&mut self, origin: &Origin, name: &str) {
        self.warnings.push(match Foreign::of_key(name) {
            Some(foreign) => Warning::ignored(origin, foreign.instead),
            None => Warning::unknown(origin),
        });
    }

    /// Takes the values of one source: of two spellings of one key ours, or the one that Go reads first.
    fn apply(&mut self, mut layer: Vec<Found>) {
        layer.sort_by_key(|found| (found.key.name(), found.rank));
        let mut last: Option<Found> = None;
        for found in layer {
            if let Some(winner) = &last
                && winner.key.name() == found.key.name()
            {
                if winner.given != found.given {
                    self.warnings
                        .push(Warning::overridden(&found.origin, &winner.origin));
                }
                continue;
            }
            let setting = found.key.of(&mut self.settings);
            match setting.read(&found.given) {
                Ok(()) => {
                    self.origins.insert(found.key.name(), found.origin.clone());
                }
                Err(why) => {
                    let value = if setting.is_secret() {
                        "***".to_owned()
                    } else {
                        found.given.to_string()
                    };
                    self.problems
                        .push(found.origin.complain(found.key.name(), &value, &why));
                }
            }
            last = Some(found);
        }
    }

    fn end(mut self) -> Result<Configuration, ConfigError> {
        let mut faults = Vec::new();
        if let Some(path) = &self.settings.dictionary {
            match dictionary::read(path) {
                Ok(codes) => self.settings.server.dictionary = codes,
                Err(why) => faults.push(("gate.dictionary", why)),
            }
        }
        // Settings that were not read are not looked at: one mistake is told once.
        if self.problems.is_empty() {
            faults.extend(check(&self.settings));
        }
        let configuration = Configuration::new(self.settings, self.origins, self.warnings);
        let complaints = faults
            .iter()
            .map(|(key, why)| configuration.complain(key, why));
        self.problems.extend(complaints);
        if self.problems.is_empty() {
            Ok(configuration)
        } else {
            Err(ConfigError(self.problems))
        }
    }
}

/// The key of this name, and which of its names it is.
fn find(name: &str) -> Option<(&'static Key, usize)> {
    keys().find_map(|key| Some((key, key.names().position(|known| known == name)?)))
}

/// Whether there are keys that begin with this name and a dot.
fn is_above_keys(name: &str) -> bool {
    let above = |key: &str| {
        key.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    keys().any(|key| key.names().any(above))
        || foreign_keys().iter().any(|foreign| above(foreign.name))
}
