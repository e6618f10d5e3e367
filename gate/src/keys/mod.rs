//! The keys of the configuration: how each is spelled, what it means, and where its value goes.

mod cluster;
mod limits;
mod operation;
mod players;

use crate::settings::Settings;
use crate::value::{Setting, Shown};

/// A key, in both spellings.
#[derive(Clone, Copy)]
pub struct Key {
    name: &'static str,
    go: &'static [&'static str],
    meaning: &'static str,
    setting: fn(&mut Settings) -> &mut dyn Setting,
}

/// Writes a table of keys: the name, Go Pitaya's names for it, the setting, the meaning.
macro_rules! table {
    ($($name:literal [$($go:literal)*] $($setting:ident).+: $meaning:literal;)*) => {
        &[$($crate::keys::Key {
            name: $name,
            go: &[$($go),*],
            meaning: $meaning,
            setting: |settings| &mut settings.$($setting).+,
        }),*]
    };
}
use table;

/// All keys, in the order of the documentation.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    [players::KEYS, limits::KEYS, cluster::KEYS, operation::KEYS]
        .into_iter()
        .flatten()
}

impl Key {
    /// Our name for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Go Pitaya's names for it, the first one being preferred; none where it has no such setting.
    #[must_use]
    pub const fn go(&self) -> &'static [&'static str] {
        self.go
    }

    /// All its names, ours first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.go.iter().copied())
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Its default as it is written in a TOML file; `None` where there is none.
    #[must_use]
    pub fn default(&self) -> Option<String> {
        match self.of(&mut Settings::default()).show() {
            Shown::Value(value) => Some(value),
            Shown::Unset | Shown::Hidden => None,
        }
    }

    pub(crate) fn of<'a>(&self, settings: &'a mut Settings) -> &'a mut dyn Setting {
        (self.setting)(settings)
    }
}

/// The variable of a key: in capitals and with `_` for dots, as Go Pitaya's viper does it. Ours begin with `PITAYA_GATE_`.
pub(crate) fn variable(name: &str) -> String {
    let capitals = name.replace('.', "_").to_uppercase();
    if name.starts_with("gate.") {
        format!("PITAYA_{capitals}")
    } else {
        capitals
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}
