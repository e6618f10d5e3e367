//! The chat's web side: the files of its page, and the game on `/ws` of the same port.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use pitaya_server::{GameUpgrade, Handle};
use tower_http::services::ServeDir;

/// What the page may load: what comes from here, and its WebAssembly. Lines of strangers are shown on it, so nothing else runs.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/// Files under this path carry a hash of their content in their name.
const HASHED: &str = "/assets/";

/// The page's files from the folder that its build wrote, and `/ws`.
///
/// There are no logins that another site's page could ride on, so pages of any origin may play, as programs may.
pub fn site(game: Handle, files: &Path) -> Router {
    let play = async move |upgrade: GameUpgrade| upgrade.serve(&game);
    Router::new()
        .fallback_service(ServeDir::new(files))
        .layer(from_fn(with_headers))
        .route("/ws", get(play))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with(HASHED);
    let mut response = next.run(request).await;
    let found = response.status().is_success() || response.status().as_u16() == 304;
    let headers = response.headers_mut();
    set(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    // What has a new name with every change is kept for good, the rest is asked for again each time.
    let cache = if hashed && found {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    set(headers, header::CACHE_CONTROL, cache);
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
