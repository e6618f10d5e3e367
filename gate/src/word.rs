//! Settings that are one word of a few.

use crate::given::Given;

/// A type whose values have names.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// All names. The first name of a value is the one that is shown.
    const NAMES: &'static [(&'static str, Self)];

    fn of(given: &Given) -> Result<Self, String> {
        let word = given.text().unwrap_or_default().to_lowercase();
        let found = Self::NAMES.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            format!("is none of {}", names.join(", "))
        })
    }

    fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, value)| *value == self);
        found.map_or("", |(name, _)| name)
    }
}
