//! The remote methods that every server has (wire 18), and those between servers of this suite.

use bytes::Bytes;
use pitaya_protocol::cluster::{
    CloseSession, KickAnswer, KickMsg, PushMany, Response, Session as Described, Watched,
    read_data, serializer_number,
};
use pitaya_protocol::{Close, CloseCode, Closed, Origin, SerializerSet, codes};
use prost::Message;

use super::context::Context;
use super::inbox::session_not_found;
use super::node::Node;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::session::Session;

/// Answers `sys.method`.
pub(crate) fn answer<S: SerializerSet>(
    server: &Handle<S>,
    node: &Node<S>,
    context: &Context,
    method: &str,
    data: &Bytes,
) -> Result<Bytes> {
    match method {
        "bindsession" => bind(server, &read(data)?),
        "pushsession" => set_data(server, &read(data)?),
        "kick" => kick(server, &read(data)?),
        "pushmany" => push_many(server, &read(data)?),
        "close" => close(server, &read(data)?),
        "watched" => watched(server, node, context, read(data)?),
        _ => {
            Err(Error::new(codes::NOT_FOUND, "route not found")
                .with("route", format!("sys.{method}")))
        }
    }
}

fn bind<S: SerializerSet>(server: &Handle<S>, described: &Described) -> Result<Bytes> {
    session(server, described.id)?.bind_local(&described.uid)?;
    Ok(ack())
}

/// Servers of the family send everything, those of this suite what has changed.
fn set_data<S: SerializerSet>(server: &Handle<S>, described: &Described) -> Result<Bytes> {
    let session = session(server, described.id)?;
    let data = read_data(&described.data)?;
    if described.merge {
        session.merge_data(data);
    } else {
        session.replace_data(data);
    }
    Ok(ack())
}

fn kick<S: SerializerSet>(server: &Handle<S>, kick: &KickMsg) -> Result<Bytes> {
    let sessions = server.sessions_of(&kick.user_id);
    if sessions.is_empty() {
        return Err(session_not_found());
    }
    for session in sessions {
        session.close(Close::new(CloseCode::KICKED));
    }
    Ok(KickAnswer { kicked: true }.encode_to_vec().into())
}

/// Each session gets the body of its own serializer. One that has just ended is passed over.
fn push_many<S: SerializerSet>(server: &Handle<S>, push: &PushMany) -> Result<Bytes> {
    let by_number = push
        .sessions
        .iter()
        .filter_map(|number| session(server, *number).ok());
    let by_user = push.uids.iter().flat_map(|uid| server.sessions_of(uid));
    for session in by_number.chain(by_user) {
        let serializer = serializer_number(session.serializer());
        let body = push
            .bodies
            .iter()
            .find(|body| body.serializer == 0 || body.serializer == serializer);
        if let Some(body) = body
            && let Err(error) = session.push_body(&push.route, &body.data)
        {
            tracing::debug!(%error, session = session.id(), "a push of another server was not queued");
        }
    }
    Ok(ack())
}

fn close<S: SerializerSet>(server: &Handle<S>, wanted: &CloseSession) -> Result<Bytes> {
    let code = u16::try_from(wanted.code)
        .map_err(|_| Error::new(codes::BAD_REQUEST, "no such close code"))?;
    let close = Close::new(CloseCode::from_number(code)).with_reason(wanted.reason.clone());
    session(server, wanted.session)?.close(close);
    Ok(ack())
}

/// A session that this server serves was bound or has ended; its frontend says so.
fn watched<S: SerializerSet>(
    server: &Handle<S>,
    node: &Node<S>,
    context: &Context,
    watched: Watched,
) -> Result<Bytes> {
    let frontend = context.metadata().peer_id().unwrap_or_default();
    let session = node
        .served
        .find(frontend, watched.session)
        .ok_or_else(session_not_found)?;
    if !watched.uid.is_empty() {
        session.bound_by_frontend(&watched.uid);
    }
    if watched.closed != 0 {
        node.served.remove(frontend, watched.session);
        let code = u16::try_from(watched.closed).map_or(CloseCode::EOF, CloseCode::from_number);
        let close = Close::new(code).with_reason(watched.reason);
        server.end_served(session, Closed::new(close, Origin::Peer));
    }
    Ok(ack())
}

fn session<S: SerializerSet>(server: &Handle<S>, number: i64) -> Result<Session<S>> {
    let id = u64::try_from(number).ok();
    id.and_then(|id| server.session(id))
        .ok_or_else(session_not_found)
}

fn read<T: Message + Default>(data: &Bytes) -> Result<T> {
    T::decode(data.clone()).map_err(|error| Error::new(codes::BAD_REQUEST, error.to_string()))
}

/// What the family answers: an answer within the answer (wire 18).
fn ack() -> Bytes {
    let inner = Response {
        data: Bytes::from_static(b"ack"),
        ..Response::default()
    };
    inner.encode_to_vec().into()
}
