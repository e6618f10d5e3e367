//! Who is logged in: a random token in a cookie.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, header};

/// The logged-in users. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub struct Logins(Arc<Mutex<HashMap<String, String>>>);

/// The cookie's name.
const COOKIE: &str = "login";

impl Logins {
    /// Logs `name` in and returns the value for `Set-Cookie`.
    ///
    /// # Errors
    ///
    /// When the operating system has no random numbers.
    pub fn login(&self, name: &str) -> Result<String, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let token = random.iter().fold(String::new(), |mut token, byte| {
            // Writing to a string cannot fail.
            let _ = write!(token, "{byte:02x}");
            token
        });
        // A program on the internet adds `Secure`; this one has no certificate.
        let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token, name.to_owned());
        Ok(cookie)
    }

    /// The user whose cookie is among `headers`.
    #[must_use]
    pub fn user(&self, headers: &HeaderMap) -> Option<String> {
        let logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
            .find_map(|token| logins.get(token).cloned())
    }
}
