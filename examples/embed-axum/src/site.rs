//! The web program.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use pitaya_server::{GameUpgrade, Handle};
use serde::Deserialize;

use crate::{game, login::Logins};

/// The program, with a game server on `/ws` or without.
///
/// `origins` are the web origins whose pages may play. They matter because browsers send the cookie along with the requests of any page.
pub fn site(game: Option<Handle>, origins: &[&str]) -> Router {
    let site = Router::new()
        .route("/health", get(async || "ok"))
        .route("/login", post(log_in))
        .route("/me", get(me));
    let logins = Logins::default();
    let Some(game) = game else {
        return site.with_state(logins);
    };
    let origins: Vec<Box<str>> = origins.iter().map(|origin| (*origin).into()).collect();
    let play = {
        let (game, logins) = (game.clone(), logins.clone());
        async move |headers: HeaderMap, upgrade: GameUpgrade| match logins.user(&headers) {
            Some(user) => upgrade.origins(origins).with_uid(user).serve(&game),
            None => (StatusCode::UNAUTHORIZED, "log in first").into_response(),
        }
    };
    let announce = async move |text: String| game::announce(&game, &text).to_string();
    site.route("/ws", get(play))
        .route("/announce", post(announce))
        .with_state(logins)
}

#[derive(Debug, Deserialize)]
struct Credentials {
    name: String,
}

/// Anyone may be anyone here; a real program asks for a password.
async fn log_in(State(logins): State<Logins>, Json(given): Json<Credentials>) -> Response {
    let name = given.name.trim();
    if name.is_empty() || name.len() > 32 {
        return (StatusCode::BAD_REQUEST, "a name has 1 to 32 bytes").into_response();
    }
    match logins.login(name) {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], format!("welcome, {name}")).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn me(State(logins): State<Logins>, headers: HeaderMap) -> Response {
    match logins.user(&headers) {
        Some(user) => user.into_response(),
        None => (StatusCode::UNAUTHORIZED, "log in first").into_response(),
    }
}
