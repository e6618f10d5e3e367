//! The route dictionary: short codes for routes, agreed in the handshake (wire 7.3).

use std::collections::HashMap;
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

#[derive(Debug)]
struct Tables {
    codes: HashMap<Arc<str>, u16>,
    routes: HashMap<u16, Arc<str>>,
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
        let mut tables = Tables {
            codes: HashMap::new(),
            routes: HashMap::new(),
        };
        for (route, code) in entries {
            let route = route.as_ref().trim();
            if route.is_empty() || route.len() > MAX_ROUTE {
                return Err(DictionaryError::BadRoute(route.to_owned()));
            }
            let route: Arc<str> = route.into();
            if tables.codes.insert(route.clone(), code).is_some() {
                return Err(DictionaryError::DuplicateRoute(route.to_string()));
            }
            if let Some(first) = tables.routes.insert(code, route.clone()) {
                let (first, second) = (first.to_string(), route.to_string());
                return Err(DictionaryError::DuplicateCode {
                    code,
                    first,
                    second,
                });
            }
        }
        Ok(Self((!tables.codes.is_empty()).then(|| Arc::new(tables))))
    }

    /// The code of a route.
    #[must_use]
    pub fn code(&self, route: &str) -> Option<u16> {
        self.0.as_ref()?.codes.get(route).copied()
    }

    /// The route of a code.
    #[must_use]
    pub fn route(&self, code: u16) -> Option<&str> {
        Some(self.0.as_ref()?.routes.get(&code)?)
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |tables| tables.codes.len())
    }

    /// All entries, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u16)> {
        self.0
            .iter()
            .flat_map(|tables| tables.codes.iter().map(|(route, code)| (&**route, *code)))
    }
}
