//! The route dictionary: short codes for routes, agreed in the handshake (wire 7.3).

use std::sync::Arc;

use crate::route::MAX_ROUTE;

/// Routes and their codes. A value, never a global: two servers in one process may differ. Cloning is cheap.
///
/// ```
/// use pitaya_protocol::Dictionary;
///
/// let dictionary = Dictionary::new([("room.join", 1), ("onLine", 2)])?;
/// assert_eq!(dictionary.code("onLine"), Some(2));
/// assert_eq!(dictionary.route(1), Some("room.join"));
/// # Ok::<(), pitaya_protocol::DictionaryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dictionary(Option<Arc<Tables>>);

/// Lists: a hash table costs a browser more to load than it saves in looking a few routes up.
#[derive(Debug)]
struct Tables {
    /// Sorted.
    by_route: Vec<(Box<str>, u16)>,
    /// For each code up to the highest the number of its entry in `by_route`, counted from 1, or 0: at most 256 KiB.
    by_code: Vec<u32>,
}

/// Why a list of routes and codes is not a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryError {
    /// A route stands twice.
    #[error("the route `{0}` stands twice in the dictionary")]
    DuplicateRoute(String),
    /// Two routes have one code.
    #[error("the code {code} stands for both `{first}` and `{second}`")]
    DuplicateCode {
        /// The code.
        code: u16,
        /// The route that has it already.
        first: String,
        /// The route that claims it too.
        second: String,
    },
    /// A route is empty or longer than 255 bytes.
    #[error("`{0}` cannot be a route: it is empty or longer than 255 bytes")]
    BadRoute(String),
}

impl Dictionary {
    /// Builds the tables; white space around routes is dropped, as Go Pitaya does.
    ///
    /// Hand out codes from 1: the family's C client takes 0 for "not in the dictionary" (wire 6.3).
    ///
    /// # Errors
    ///
    /// [`DictionaryError`]: nothing is built unless every entry is right.
    pub fn new<R: AsRef<str>>(
        entries: impl IntoIterator<Item = (R, u16)>,
    ) -> Result<Self, DictionaryError> {
        let mut by_route = Vec::new();
        for (route, code) in entries {
            let route = route.as_ref().trim_ascii();
            if route.is_empty() || route.len() > MAX_ROUTE {
                return Err(DictionaryError::BadRoute(route.to_owned()));
            }
            by_route.push((Box::<str>::from(route), code));
        }
        by_route.sort_unstable();
        if let Some([(route, _), _]) = by_route.array_windows().find(|[a, b]| a.0 == b.0) {
            return Err(DictionaryError::DuplicateRoute(route.to_string()));
        }
        let mut by_code = Vec::new();
        for (at, (route, code)) in by_route.iter().enumerate() {
            let slot = usize::from(*code);
            if by_code.len() <= slot {
                by_code.resize(slot + 1, 0);
            }
            if let Some(first) = entry(by_code[slot]) {
                return Err(DictionaryError::DuplicateCode {
                    code: *code,
                    first: by_route[first].0.to_string(),
                    second: route.to_string(),
                });
            }
            by_code[slot] = at as u32 + 1;
        }
        Ok(Self(
            (!by_route.is_empty()).then(|| Arc::new(Tables { by_route, by_code })),
        ))
    }

    /// The code of a route.
    #[must_use]
    pub fn code(&self, route: &str) -> Option<u16> {
        let routes = &self.0.as_ref()?.by_route;
        let at = routes
            .binary_search_by(|(known, _)| (**known).cmp(route))
            .ok()?;
        Some(routes[at].1)
    }

    /// The route of a code.
    #[must_use]
    pub fn route(&self, code: u16) -> Option<&str> {
        let Tables { by_route, by_code } = self.0.as_deref()?;
        let at = entry(*by_code.get(usize::from(code))?)?;
        Some(&by_route[at].0)
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |tables| tables.by_route.len())
    }

    /// All entries, sorted by route.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u16)> {
        let entries = self.0.iter().flat_map(|tables| &tables.by_route);
        entries.map(|(route, code)| (&**route, *code))
    }
}

/// The place in `by_route` that a slot of `by_code` stands for.
fn entry(slot: u32) -> Option<usize> {
    (slot as usize).checked_sub(1)
}
