//! The application's own part of the handshake.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

/// Any error of the application.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

type Made = Pin<Box<dyn Future<Output = Result<Value, BoxError>> + Send>>;

/// Where the `user` object of a handshake comes from.
#[derive(Clone)]
pub(crate) enum User {
    /// The same for every attempt.
    Fixed(Map<String, Value>),
    /// A value without a JSON form, or with one that is no object.
    Unusable(Arc<dyn Error + Send + Sync>),
    /// Made anew for every attempt.
    Made(Arc<dyn Fn() -> Made + Send + Sync>),
}

impl User {
    pub(crate) fn fixed(user: &impl Serialize) -> Self {
        let object = serde_json::to_value(user)
            .map_err(BoxError::from)
            .and_then(object);
        match object {
            Ok(user) => Self::Fixed(user),
            Err(error) => Self::Unusable(error.into()),
        }
    }

    pub(crate) fn made<F, U, E>(make: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<U, E>> + Send + 'static,
        U: Serialize,
        E: Into<BoxError>,
    {
        Self::Made(Arc::new(move || {
            let made = make();
            Box::pin(async move {
                let user = made.await.map_err(Into::into)?;
                Ok(serde_json::to_value(user)?)
            })
        }))
    }

    /// The object for one attempt.
    pub(crate) async fn object(&self) -> Result<Map<String, Value>, BoxError> {
        match self {
            Self::Fixed(user) => Ok(user.clone()),
            Self::Unusable(error) => Err(error.to_string().into()),
            Self::Made(make) => make().await.and_then(object),
        }
    }
}

impl Default for User {
    fn default() -> Self {
        Self::Fixed(Map::new())
    }
}

/// Servers of the family refuse anything but an object (wire 2.1); nothing at all is an empty one.
fn object(value: Value) -> Result<Map<String, Value>, BoxError> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null => Ok(Map::new()),
        other => Err(format!("the handshake's user value has to be an object, not {other}").into()),
    }
}

impl fmt::Debug for User {
    /// The content may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Unusable(_) => "Unusable",
            Self::Made(_) => "Made",
        })
    }
}
