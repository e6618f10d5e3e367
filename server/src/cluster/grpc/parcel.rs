//! Something on its way to another server.

use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use pitaya_protocol::cluster::{BindMsg, Error, KickAnswer, KickMsg, Push, Request, Response};
use pitaya_protocol::codes;
use prost::Message;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tonic::client::Grpc;
use tonic::{Code, Status};

use super::connection::{Broken, Connection};
use super::lanes::gone;
use super::messages::{Messages, Method, Read};
use super::metrics::{Metrics, Place};
use crate::cluster::CallError;

/// What is sent.
#[derive(Debug)]
pub(super) enum Letter {
    Call(Box<Request>),
    Push(Push),
    Kick(KickMsg),
    Bind(BindMsg),
}

/// Who hears what became of it.
#[derive(Debug)]
pub(super) enum Sender {
    Waits(oneshot::Sender<Result<Response, CallError>>),
    Counts(Arc<Metrics>),
}

/// A letter, its deadline, and its place under the limit of those that are under way.
#[derive(Debug)]
pub(super) struct Parcel {
    letter: Letter,
    limit: Duration,
    deadline: Instant,
    sender: Sender,
    _place: Place,
}

impl Letter {
    /// The user that it is for; none where it is for a server.
    pub(super) fn uid(&self) -> &str {
        match self {
            Self::Call(_) => "",
            Self::Push(push) => &push.uid,
            Self::Kick(kick) => &kick.user_id,
            Self::Bind(binding) => &binding.uid,
        }
    }

    /// Its length on the wire.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Call(request) => request.encoded_len(),
            Self::Push(push) => push.encoded_len(),
            Self::Kick(kick) => kick.encoded_len(),
            Self::Bind(binding) => binding.encoded_len(),
        }
    }
}

impl Parcel {
    pub(super) fn new(letter: Letter, limit: Duration, sender: Sender, place: Place) -> Self {
        Self {
            letter,
            limit,
            deadline: Instant::now() + limit,
            sender,
            _place: place,
        }
    }

    pub(super) fn fail(self, error: CallError) {
        self.sender.hear(Err(error));
    }

    /// Takes it there. The first poll puts it on the connection.
    pub(super) async fn fly(self, connection: Connection, server: String, message_bytes: usize) {
        let Self {
            letter,
            limit,
            deadline,
            mut sender,
            _place,
        } = self;
        let origin = connection.origin();
        let way = Grpc::with_origin(connection, origin).max_decoding_message_size(message_bytes);
        let answer = {
            let exchange = timeout_at(deadline, letter.exchange(way, deadline));
            tokio::select! {
                biased;
                answer = exchange => answer,
                () = sender.left() => return,
            }
        };
        let late = CallError::Timeout {
            server: server.clone(),
            after: limit,
        };
        sender.hear(match answer {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(status))) => Err(unreadable(server, &status)),
            Ok(Err(status)) => match Broken::read(&status) {
                None => Err(unreadable(server, &status)),
                Some(Broken::NotTaken(_)) => Err(gone(&server)),
                Some(Broken::Refused { code, message }) => refused(code, &message, late),
                Some(Broken::Lost(_)) => Err(CallError::Lost { server }),
            },
            Err(_) => Err(late),
        });
    }
}

impl Letter {
    async fn exchange(
        self,
        mut way: Grpc<Connection>,
        deadline: Instant,
    ) -> Result<Read<Response>, Status> {
        match self {
            Self::Call(request) => ask(&mut way, Method::Call, *request, deadline).await,
            Self::Push(push) => ask(&mut way, Method::Push, push, deadline).await,
            Self::Bind(binding) => ask(&mut way, Method::Bind, binding, deadline).await,
            Self::Kick(kick) => {
                let answer = ask::<_, KickAnswer>(&mut way, Method::Kick, kick, deadline).await?;
                Ok(answer.map(|_| Response::default()))
            }
        }
    }
}

async fn ask<Question, Answer>(
    way: &mut Grpc<Connection>,
    method: Method,
    question: Question,
    deadline: Instant,
) -> Result<Read<Answer>, Status>
where
    Question: Message + 'static,
    Answer: Message + Default + 'static,
{
    let mut request = tonic::Request::new(question);
    request.set_timeout(deadline.saturating_duration_since(Instant::now()));
    let path: PathAndQuery = method.path();
    let answer = way.unary(request, path, Messages::<Question, Answer>::default());
    Ok(answer.await?.into_inner())
}

impl Sender {
    /// Waits until nobody wants the answer any more.
    async fn left(&mut self) {
        match self {
            Self::Waits(caller) => caller.closed().await,
            Self::Counts(_) => std::future::pending().await,
        }
    }

    fn hear(self, answer: Result<Response, CallError>) {
        match (self, answer) {
            // The caller may have gone in the meantime.
            (Self::Waits(caller), answer) => drop(caller.send(answer)),
            (
                Self::Counts(metrics),
                Ok(Response {
                    error: Some(error), ..
                }),
            ) => {
                tracing::debug!(code = %error.code, error = %error.msg, "not delivered");
                metrics.undelivered("refused");
            }
            (Self::Counts(_), Ok(_)) => {}
            (Self::Counts(metrics), Err(error)) => {
                tracing::debug!(%error, "not delivered");
                metrics.undelivered(match error {
                    CallError::Timeout { .. } => "timeout",
                    CallError::Gone { .. } => "gone",
                    CallError::Lost { .. } => "lost",
                    _ => "other",
                });
            }
        }
    }
}

fn unreadable(server: String, status: &Status) -> CallError {
    CallError::Unreadable {
        server,
        reason: status.message().to_owned(),
    }
}

/// A status instead of an answer. Callees in Go answer so what they could not begin, and callers in Go pass the text on (wire 16).
fn refused(code: Code, message: &str, late: CallError) -> Result<Response, CallError> {
    match (code, late) {
        (Code::DeadlineExceeded, late) => Err(late),
        (Code::Unavailable | Code::Cancelled, CallError::Timeout { server, .. }) => {
            Err(CallError::Lost { server })
        }
        (Code::OutOfRange | Code::ResourceExhausted, _) => {
            Err(CallError::Unsendable(message.to_owned()))
        }
        _ => Ok(Response {
            error: Some(Error {
                code: codes::UNKNOWN.to_owned(),
                msg: format!("rpc error: code = {code:?} desc = {message}"),
                ..Error::default()
            }),
            ..Response::default()
        }),
    }
}
