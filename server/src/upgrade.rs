//! An axum program's way to hand a request over to the game server.

use std::{convert::Infallible, fmt, net::SocketAddr};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Extensions, HeaderValue, Request, StatusCode, header, request::Parts};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use pitaya_protocol::SerializerSet;

use crate::{
    handle::Handle,
    peer::{Peer, TransportKind},
    transport::http::{Refusal, respond},
};

/// A request for a WebSocket, which becomes a connection of the game server (feature `axum`).
///
/// It is an extractor. What the program found out about the user goes into the [`Peer`]; then [`serve`](Self::serve) answers
/// the request. axum's own `WebSocketUpgrade` is of no use here: it hides the byte stream and buffers 128 KiB per
/// connection.
///
/// The peer carries the request's head, without the extensions that the program's layers put into it, and its address if
/// the program is served with [`ConnectInfo<SocketAddr>`](ConnectInfo).
///
/// ```
/// use axum::{Router, extract::State, response::Response, routing::get};
/// use pitaya_server::{GameUpgrade, Handle};
///
/// async fn play(State(game): State<Handle>, upgrade: GameUpgrade) -> Response {
///     upgrade.origins(["https://play.example"]).with_uid("alice").serve(&game)
/// }
///
/// let app: Router<Handle> = Router::new().route("/ws", get(play));
/// ```
#[must_use = "the request is refused unless it is served"]
pub struct GameUpgrade {
    /// Nothing on a connection that cannot be upgraded, such as HTTP/2.
    on: Option<OnUpgrade>,
    request: Request<()>,
    peer: Peer,
    origins: Box<[Box<str>]>,
}

impl GameUpgrade {
    /// Who asks.
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The web origins whose pages may connect; others are answered 403. Default: all. A client without an `Origin` header is
    /// no browser and always may.
    ///
    /// A program that tells users by a cookie must set it: browsers send cookies along with the requests of any page.
    pub fn origins<O: Into<Box<str>>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Binds the session to `uid` before its first message.
    pub fn with_uid(self, uid: impl Into<String>) -> Self {
        self.map_peer(|peer| peer.with_uid(uid))
    }

    /// Adds to the peer whatever else the program knows.
    pub fn map_peer(mut self, change: impl FnOnce(Peer) -> Peer) -> Self {
        self.peer = change(self.peer);
        self
    }

    /// Answers the request: `101 Switching Protocols`, and the session begins; or what [`UpgradeRejection`] says. The session
    /// belongs to the server, whose shutdown it is part of.
    pub fn serve<S: SerializerSet>(self, server: &Handle<S>) -> Response {
        self.try_serve(server)
            .unwrap_or_else(IntoResponse::into_response)
    }

    /// The same, for programs that answer refusals themselves.
    ///
    /// # Errors
    ///
    /// [`UpgradeRejection`], without any effect on the connection.
    pub fn try_serve<S: SerializerSet>(
        self,
        server: &Handle<S>,
    ) -> Result<Response, UpgradeRejection> {
        let answer = respond(&self.request, &self.origins)
            .map_err(|refusal| UpgradeRejection(Reason::Refused(refusal)))?;
        let on = self
            .on
            .ok_or(UpgradeRejection(Reason::Refused(Refusal::NotWebSocket)))?;
        if !server.is_running() {
            return Err(UpgradeRejection(Reason::Stopping));
        }
        let (mut parts, ()) = self.request.into_parts();
        unshare(&mut parts);
        let peer = self.peer.with_http(parts);
        let game = server.clone();
        server.connections().spawn(async move {
            match on.await {
                Ok(upgraded) => game.serve_websocket(TokioIo::new(upgraded), peer).await,
                Err(error) => tracing::debug!(%peer, %error, "the connection was not upgraded"),
            }
        });
        Ok(answer.map(|()| Body::empty()))
    }
}

/// Copies what is kept for the connection's life: as parsed, it is slices of hyper's read buffer and would keep all of that.
fn unshare(head: &mut Parts) {
    for value in head.headers.values_mut() {
        if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
            *value = copy;
        }
    }
    if let Ok(copy) = head.uri.to_string().parse() {
        head.uri = copy;
    }
}

impl<T: Send + Sync> FromRequestParts<T> for GameUpgrade {
    /// Requests that are not for a WebSocket are refused by [`serve`](GameUpgrade::serve), after the program's own checks.
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &T) -> Result<Self, Infallible> {
        let on = parts.extensions.remove::<OnUpgrade>();
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0);
        let peer = address.map_or_else(Peer::memory, Peer::new);
        let mut head = parts.clone();
        head.extensions = Extensions::new();
        Ok(Self {
            on,
            request: Request::from_parts(head, ()),
            peer: peer.with_transport(TransportKind::WebSocket),
            origins: Box::default(),
        })
    }
}

impl fmt::Debug for GameUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GameUpgrade")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Why a request did not become a connection: 403 for a foreign origin, 426 for a request that is not for a WebSocket, 405 and
/// 400 for malformed ones, 503 when the game server is shutting down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpgradeRejection(Reason);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Refused(Refusal),
    Stopping,
}

impl UpgradeRejection {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0 {
            Reason::Refused(refusal) => StatusCode::from_u16(refusal.status())
                .expect("the statuses of refusals are between 100 and 999"),
            Reason::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn text(&self) -> &'static str {
        match self.0 {
            Reason::Refused(refusal) => refusal.text(),
            Reason::Stopping => "the game server is shutting down",
        }
    }
}

impl fmt::Display for UpgradeRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status(), self.text())
    }
}

impl std::error::Error for UpgradeRejection {}

impl IntoResponse for UpgradeRejection {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.text()).into_response();
        let headers = response.headers_mut();
        match self.0 {
            Reason::Refused(Refusal::NotWebSocket) => {
                // RFC 9110, 15.5.22 and RFC 6455, 4.4.
                headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(
                    header::SEC_WEBSOCKET_VERSION,
                    HeaderValue::from_static("13"),
                );
            }
            Reason::Refused(Refusal::Method) => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            Reason::Refused(_) | Reason::Stopping => {}
        }
        response
    }
}
