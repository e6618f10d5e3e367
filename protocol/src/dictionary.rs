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
#[derive(Debug, Default)]
struct Tables {
    /// The route of each code up to the highest.
    by_code: Vec<Option<Box<str>>>,
    /// The codes in the order of their routes.
    by_route: Vec<u16>,
}

/// A dictionary to which entries are added one by one.
#[derive(Debug, Default)]
pub struct DictionaryBuilder(Tables);

/// What is wrong with one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an entry is a route and a code, and each stands once"
)]
pub enum Conflict {
    /// The route is empty or longer than 255 bytes.
    BadRoute,
    /// The route has a code already.
    DuplicateRoute,
    /// The code has a route already.
    DuplicateCode,
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

impl Tables {
    fn route(&self, code: u16) -> Option<&str> {
        self.by_code.get(usize::from(code))?.as_deref()
    }

    /// Where the route stands in `by_route`, or where it would.
    fn find(&self, route: &str) -> Result<usize, usize> {
        let known = |code: &u16| self.route(*code).cmp(&Some(route));
        self.by_route.binary_search_by(known)
    }
}

impl DictionaryBuilder {
    /// Adds an entry; white space around the route is dropped, as Go Pitaya does.
    ///
    /// Hand out codes from 1: the family's C client takes 0 for "not in the dictionary" (wire 6.3).
    ///
    /// # Errors
    ///
    /// [`Conflict`]: the entry was not added.
    pub fn add(&mut self, route: &str, code: u16) -> Result<(), Conflict> {
        let tables = &mut self.0;
        let route = route.trim_ascii();
        if route.is_empty() || route.len() > MAX_ROUTE {
            return Err(Conflict::BadRoute);
        }
        let Err(at) = tables.find(route) else {
            return Err(Conflict::DuplicateRoute);
        };
        if tables.route(code).is_some() {
            return Err(Conflict::DuplicateCode);
        }
        let slot = usize::from(code);
        if tables.by_code.len() <= slot {
            tables.by_code.resize_with(slot + 1, || None);
        }
        tables.by_code[slot] = Some(route.into());
        tables.by_route.insert(at, code);
        Ok(())
    }

    /// The dictionary of what was added.
    #[must_use]
    pub fn build(self) -> Dictionary {
        let tables = self.0;
        Dictionary((!tables.by_route.is_empty()).then(|| Arc::new(tables)))
    }
}

impl Dictionary {
    /// A dictionary of these entries; see [`DictionaryBuilder::add`].
    ///
    /// # Errors
    ///
    /// [`DictionaryError`]: nothing is built unless every entry is right.
    pub fn new<R: AsRef<str>>(
        entries: impl IntoIterator<Item = (R, u16)>,
    ) -> Result<Self, DictionaryError> {
        let mut builder = DictionaryBuilder::default();
        for (route, code) in entries {
            let route = route.as_ref();
            builder.add(route, code).map_err(|conflict| {
                let route = route.trim_ascii().to_owned();
                match conflict {
                    Conflict::BadRoute => DictionaryError::BadRoute(route),
                    Conflict::DuplicateRoute => DictionaryError::DuplicateRoute(route),
                    Conflict::DuplicateCode => DictionaryError::DuplicateCode {
                        code,
                        first: builder.0.route(code).unwrap_or_default().to_owned(),
                        second: route,
                    },
                }
            })?;
        }
        Ok(builder.build())
    }

    /// The code of a route.
    #[must_use]
    pub fn code(&self, route: &str) -> Option<u16> {
        let tables = self.0.as_deref()?;
        let at = tables.find(route).ok()?;
        Some(tables.by_route[at])
    }

    /// The route of a code.
    #[must_use]
    pub fn route(&self, code: u16) -> Option<&str> {
        self.0.as_deref()?.route(code)
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
        let tables = self.0.as_deref();
        let codes = tables.into_iter().flat_map(|tables| &tables.by_route);
        codes.filter_map(|code| Some((self.route(*code)?, *code)))
    }
}
