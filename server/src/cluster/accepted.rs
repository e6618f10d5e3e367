//! A request of another server, from its admission to its answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use pitaya_protocol::cluster::{Member, Msg, MsgType, Response, Session as Described, keys};
use pitaya_protocol::{Route, SerializerSet, codes};

use super::bus::{Reply, refusal};
use super::context::Context;
use super::lanes::Turn;
use super::node::{Node, Open};
use super::remote::RemoteCall;
use super::system;
use super::trace::{Span, failure};
use crate::call::{self, Call};
use crate::component::EndpointKind;
use crate::error::Error;
use crate::handle::Handle;
use crate::session::Session;

/// A request that was read and admitted.
pub(super) struct Accepted<S: SerializerSet> {
    pub(super) server: Handle<S>,
    pub(super) node: Arc<Node<S>>,
    pub(super) open: Open<S>,
    pub(super) context: Context,
    pub(super) reply: Reply,
}

impl<S: SerializerSet> Accepted<S> {
    /// A client's message that its frontend has forwarded.
    pub(super) fn message(self, described: Option<Described>, frontend: &str, msg: Msg) {
        let Some(local) = local_part(&msg.route) else {
            return self.bad_route(&msg.route);
        };
        let kind = match MsgType::try_from(msg.r#type) {
            Ok(MsgType::MsgNotify) => EndpointKind::Notify,
            _ => EndpointKind::Request,
        };
        let index = match self.server.router().find(local, kind) {
            Ok(index) => index,
            Err(error) => {
                self.server.metrics().unknown_route();
                self.reply.send(failed(&error));
                return;
            }
        };
        let described = described.unwrap_or_default();
        let (session, watch) = self.session(frontend, &described);
        let saves = session.remote().map_or(0, crate::session::Remote::saves);
        let concurrent = self.server.router().entry(index).is_concurrent();
        let frontend: Arc<str> = frontend.into();
        let key = (frontend.clone(), described.id);
        let (server, node) = (self.server.clone(), self.node.clone());
        let work = async move {
            self.node.can_answer_to(&frontend).await;
            session.describe(&described, saves);
            self.handle(&session, index, kind, msg.data, watch).await;
        };
        if concurrent {
            server.spawn_for_others(work);
            return;
        }
        let limit = node.config().requests_per_session;
        match node.lanes.enter(&key, Box::pin(work), limit) {
            // Dropped, it answers that it was not handled.
            Turn::Full => server.metrics().limit("requests_per_session"),
            Turn::Later => {}
            Turn::Now(first) => {
                server.spawn_for_others(async move {
                    let mut job = Some(first);
                    while let Some(current) = job {
                        // Handlers' panics are answered; of one elsewhere the lane must not die.
                        if AssertUnwindSafe(current).catch_unwind().await.is_err() {
                            tracing::error!("a request of another server panicked");
                        }
                        job = node.lanes.next(&key);
                    }
                });
            }
        }
    }

    /// Runs a handler and answers when it has ended, or when the time of the request is over; the handler completes all the same.
    async fn handle(
        self,
        session: &Session<S>,
        index: usize,
        kind: EndpointKind,
        body: Bytes,
        watch: bool,
    ) {
        let Self {
            server,
            open,
            context,
            reply,
            ..
        } = self;
        let started = std::time::Instant::now();
        let entry = server.router().entry(index);
        let call = Call::new(session.clone(), index, kind, session.serializer(), body);
        let deadline = context.deadline();
        let span = Span::asked(context.metadata(), entry.route());
        let handler = context.enter(guarded(entry.route(), || {
            server.router().dispatch(index, call)
        }));
        let handler = span.around(handler);
        let mut reply = Some(reply);
        let ended = in_time(deadline, handler, || {
            if let Some(reply) = reply.take() {
                reply.send(Response { watch, ..late() });
            }
        })
        .await;
        entry.meter().record(started.elapsed());
        span.end(|| failure(&ended));
        if let Err(error) = session.save_data().await {
            tracing::warn!(%error, "a session's data were not sent to its frontend");
        }
        if let Some(reply) = reply {
            let mut response = match ended {
                // Without data the caller would take the answer for none (wire 13).
                Ok(_) if kind == EndpointKind::Notify => data(Bytes::from_static(b"ack")),
                Ok(body) => data(body.into_bytes()),
                Err(error) => {
                    error.log(entry.route());
                    failed(&error)
                }
            };
            response.watch = watch;
            reply.send(response);
        }
        drop(open);
    }

    /// The session that a frontend describes, and whether the frontend shall tell of its end.
    fn session(&self, frontend: &str, described: &Described) -> (Session<S>, bool) {
        let member = self.frontend(frontend, described);
        let suite = member.is_of_this_suite();
        let make = |member| {
            let id = self.server.next_id();
            Session::served(id, self.server.clone(), member, described)
        };
        if frontend.is_empty() {
            return (make(member), false);
        }
        let id: Arc<str> = frontend.into();
        let found = self.node.served.find_or(&id, described.id, || make(member));
        let (session, remembered) = found;
        // Said with every answer: the one that said it first may have been lost.
        (session, remembered && suite)
    }

    /// The frontend with this id. Discovery may not list it yet when its first message comes; then it is what the message says of it.
    fn frontend(&self, id: &str, described: &Described) -> Arc<Member> {
        if let Some(known) = self.node.members().get(id) {
            return known.clone();
        }
        let server_type = self.context.metadata().peer_type().unwrap_or_default();
        let mut member = Member::new(server_type, id);
        member.frontend = true;
        if described.merge {
            member
                .metadata
                .insert(keys::SUITE.to_owned(), "1".to_owned());
        }
        Arc::new(member)
    }

    /// A remote method.
    pub(super) fn remote(self, msg: Msg) {
        let Some(local) = local_part(&msg.route) else {
            return self.bad_route(&msg.route);
        };
        if let Some(method) = local.strip_prefix("sys.") {
            let answer = system::answer(&self.server, &self.node, &self.context, method, &msg.data);
            self.reply.send(match answer {
                Ok(bytes) => data(bytes),
                Err(error) => failed(&error),
            });
            return;
        }
        let Some(method) = self.server.router().remote(local) else {
            let error = Error::new(codes::NOT_FOUND, "route not found").with("route", local);
            self.server.metrics().unknown_route();
            self.reply.send(failed(&error));
            return;
        };
        let Self {
            server,
            open,
            context,
            reply,
            ..
        } = self;
        let spawner = server.clone();
        spawner.spawn_for_others(async move {
            let started = std::time::Instant::now();
            let entry = server.router().remote_entry(method);
            let deadline = context.deadline();
            let call = RemoteCall::new(
                server.clone(),
                context.clone(),
                entry.route().clone(),
                msg.data,
            );
            let span = Span::asked(context.metadata(), entry.route());
            let work = context.enter(guarded(entry.route(), || {
                server.router().dispatch_remote(method, call)
            }));
            let work = span.around(work);
            let mut reply = Some(reply);
            let ended = in_time(deadline, work, || {
                if let Some(reply) = reply.take() {
                    reply.send(late());
                }
            })
            .await;
            entry.meter().record(started.elapsed());
            span.end(|| failure(&ended));
            if let Some(reply) = reply {
                reply.send(match ended {
                    Ok(body) => data(body.into_bytes()),
                    Err(error) => {
                        error.log(entry.route());
                        failed(&error)
                    }
                });
            }
            drop(open);
        });
    }

    fn bad_route(self, route: &str) {
        self.node.complaints.add("route", route);
        let error = Error::new(codes::BAD_REQUEST, "cannot decode route").with("route", route);
        self.reply.send(failed(&error));
    }
}

/// `service.method` of a route: the server type is not compared, as in the family (wire 25).
fn local_part(text: &str) -> Option<&str> {
    let route = Route::parse(text).ok()?;
    match route.server {
        Some(server) => Some(&text[server.len() + 1..]),
        None => Some(text),
    }
}

/// Runs application code whose panic is an answer.
async fn guarded<F>(route: &str, begin: impl FnOnce() -> F) -> call::Reply
where
    F: Future<Output = call::Reply>,
{
    let work = AssertUnwindSafe(async move { begin().await });
    match work.catch_unwind().await {
        Ok(reply) => reply,
        Err(panic) => {
            let panic = crate::agent::panic_text(&*panic);
            tracing::error!(route, panic, "a handler panicked");
            Err(Error::new(codes::UNKNOWN, "the handler panicked"))
        }
    }
}

/// Waits for `work`; `late` is called when the deadline passes first.
async fn in_time<T>(
    deadline: Option<tokio::time::Instant>,
    work: impl Future<Output = T>,
    late: impl FnOnce(),
) -> T {
    let Some(deadline) = deadline else {
        return work.await;
    };
    tokio::pin!(work);
    match tokio::time::timeout_at(deadline, work.as_mut()).await {
        Ok(ended) => ended,
        Err(_) => {
            late();
            work.await
        }
    }
}

fn late() -> Response {
    refusal(codes::TIMEOUT, "the handler did not end in time")
}

fn data(data: Bytes) -> Response {
    Response {
        data,
        ..Response::default()
    }
}

fn failed(error: &Error) -> Response {
    let error = error.to_payload();
    Response {
        error: Some(pitaya_protocol::cluster::Error {
            code: error.code,
            msg: error.msg,
            metadata: error.metadata,
        }),
        ..Response::default()
    }
}
