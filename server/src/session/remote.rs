//! The session of a client that is connected to another server, as a server that serves it has it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use pitaya_protocol::cluster::{
    CloseSession, KickMsg, Member, Push, Session as Described, read_data, remotes, serializer_of,
};
use pitaya_protocol::handshake::{ClientInfo, HandshakeRequest};
use pitaya_protocol::{Capabilities, Close, Framer, Message, RouteRef, SerializerSet};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{Beginning, PushError, Session, UidError};
use crate::cluster::CallError;
use crate::handle::Handle;
use crate::peer::Peer;

/// Where the client is connected, and what this server knows of it.
pub(crate) struct Remote {
    frontend: Arc<Member>,
    number: i64,
    known: Mutex<Known>,
}

/// What is known of the session's data.
struct Known {
    /// As the frontend sent them last.
    sent: Bytes,
    /// What was changed here and not sent to the frontend.
    changed: BTreeSet<String>,
    /// Everything was replaced here.
    replaced: bool,
    /// Counts what was sent to the frontend: what it had sent before that is old.
    saves: u64,
    used: Instant,
}

impl Remote {
    pub(crate) const fn frontend(&self) -> &Arc<Member> {
        &self.frontend
    }

    /// The session's number on its frontend.
    pub(crate) const fn number(&self) -> i64 {
        self.number
    }

    /// How often the data were sent to the frontend.
    pub(crate) fn saves(&self) -> u64 {
        self.known().saves
    }

    /// When the session was last spoken for.
    pub(crate) fn used(&self) -> Instant {
        self.known().used
    }

    pub(super) fn changed(&self, key: &str) {
        self.known().changed.insert(key.to_owned());
    }

    pub(super) fn replaced(&self) {
        self.known().replaced = true;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing panics while it holds the lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: SerializerSet> Session<S> {
    /// A session of `frontend`, as that describes it.
    pub(crate) fn served(
        id: u64,
        server: Handle<S>,
        frontend: Arc<Member>,
        described: &Described,
    ) -> Self {
        let peer = match described.address.parse() {
            Ok(address) => Peer::behind(Some(address)),
            Err(_) => Peer::behind(None),
        };
        // What a frontend of the family does not say is the first of the set, as it has one for all.
        let serializer = serializer_of(described.serializer)
            .filter(|serializer| S::ALL.contains(serializer))
            .unwrap_or(S::ALL[0]);
        let beginning = Beginning {
            peer,
            handshake: HandshakeRequest::new(ClientInfo::default(), Map::new()),
            serializer,
            compress: false,
            capabilities: Capabilities::NONE,
        };
        let known = Known {
            sent: Bytes::new(),
            changed: BTreeSet::new(),
            replaced: false,
            saves: 0,
            used: Instant::now(),
        };
        let remote = Remote {
            frontend,
            number: described.id,
            known: Mutex::new(known),
        };
        Self::begin(id, server, beginning, Some(Box::new(remote)))
    }

    /// The frontend's part of it, if the client is connected to another server.
    pub(crate) fn remote(&self) -> Option<&Remote> {
        self.0.remote.as_deref()
    }

    /// Takes over what the frontend says, unless this server has sent something newer since `saves` was read.
    pub(crate) fn describe(&self, described: &Described, saves: u64) {
        let Some(remote) = self.remote() else { return };
        if !described.uid.is_empty() {
            self.state()
                .uid
                .get_or_insert_with(|| described.uid.as_str().into());
        }
        let mut known = remote.known();
        known.used = Instant::now();
        if known.saves != saves || known.sent == described.data {
            return;
        }
        match read_data(&described.data) {
            Ok(data) => {
                known.sent = described.data.clone();
                self.state().data = (!data.is_empty()).then(|| Box::new(data));
            }
            Err(error) => tracing::warn!(%error, "a frontend sent session data that are no object"),
        }
    }

    /// Sends what was changed in the session's data to the server that the client is connected to. The server does it by itself when a handler has
    /// ended; code that runs elsewhere calls it. There is nothing to do where the client is connected to this server.
    ///
    /// # Errors
    ///
    /// [`CallError`]; the changes are kept for the next time.
    pub async fn save_data(&self) -> Result<(), CallError> {
        let Some(remote) = self.remote() else {
            return Ok(());
        };
        let merge = remote.frontend.is_of_this_suite();
        let (changed, replaced) = {
            let mut known = remote.known();
            if known.changed.is_empty() && !known.replaced {
                return Ok(());
            }
            known.saves += 1;
            known.sent = Bytes::new();
            (
                std::mem::take(&mut known.changed),
                std::mem::take(&mut known.replaced),
            )
        };
        let data = {
            let state = self.state();
            let all = state.data.as_deref();
            if merge && !replaced {
                let value = |key: &String| all.and_then(|data| data.get(key)).cloned();
                let entry = |key: &String| (key.clone(), value(key).unwrap_or(Value::Null));
                changed.iter().map(entry).collect()
            } else {
                all.cloned().unwrap_or_default()
            }
        };
        let argument = Described {
            id: remote.number,
            uid: self.uid().as_deref().unwrap_or_default().to_owned(),
            data: serde_json::to_vec(&data).unwrap_or_default().into(),
            merge: merge && !replaced,
            ..Described::default()
        };
        let server = self.server().clone();
        let saved = server
            .ask(&remote.frontend, remotes::SET_DATA, &argument)
            .await;
        if let Err(error) = saved {
            let mut known = remote.known();
            known.changed.extend(changed);
            known.replaced |= replaced;
            return Err(error.into_call_error());
        }
        Ok(())
    }

    pub(super) async fn bind_remote(&self, remote: &Remote, uid: &str) -> Result<(), UidError> {
        if uid.is_empty() {
            return Err(UidError::Empty);
        }
        if let Some(bound) = self.uid() {
            return Err(UidError::AlreadyBound(bound));
        }
        let argument = Described {
            id: remote.number,
            uid: uid.to_owned(),
            ..Described::default()
        };
        let server = self.server().clone();
        server
            .ask(&remote.frontend, remotes::BIND, &argument)
            .await
            .map_err(UidError::Frontend)?;
        self.state().uid.get_or_insert_with(|| uid.into());
        Ok(())
    }

    /// Asks the frontend to end the session. A frontend of the family can only kick, and only users.
    pub(super) fn close_remote(&self, remote: &Remote, close: &Close) {
        let Some(node) = self.server().node() else {
            return;
        };
        let told = if remote.frontend.is_of_this_suite() {
            let argument = CloseSession {
                session: remote.number,
                code: u32::from(close.code.number()),
                reason: close.reason().to_owned(),
            };
            node.tell(&remote.frontend, remotes::CLOSE, &argument)
        } else if let Some(uid) = self.uid() {
            let argument = KickMsg {
                user_id: (*uid).to_owned(),
            };
            node.tell(&remote.frontend, remotes::KICK, &argument)
        } else {
            Err(CallError::Unsendable(
                "frontends of the family end sessions of bound users only".into(),
            ))
        };
        if let Err(error) = told {
            tracing::warn!(%error, frontend = remote.frontend.id, "a session was not ended");
        }
    }

    /// Sends packets that were written for this session's variant to its frontend, and to those of `others`, sessions of the same frontend.
    pub(crate) fn push_packets_remote(
        &self,
        remote: &Remote,
        packets: &[u8],
        others: &[Self],
    ) -> Result<(), PushError> {
        let Some(node) = self.server().node() else {
            return Err(PushError::Closed);
        };
        let mut framer = Framer::new(packets.len());
        framer.push(packets);
        while let Ok(Some(packet)) = framer.next_packet() {
            let Ok(message) = Message::decode(packet.body) else {
                continue;
            };
            let RouteRef::Name(route) = message.route else {
                continue;
            };
            let data = Bytes::copy_from_slice(message.body);
            if remote.frontend.is_of_this_suite() {
                let sessions = std::iter::once(self).chain(others);
                let numbers = sessions.filter_map(Self::remote).map(Remote::number);
                node.push_to_sessions(&remote.frontend, numbers.collect(), route, data)?;
                continue;
            }
            for session in std::iter::once(self).chain(others) {
                // Frontends of the family are told of users, not of sessions (wire 15.3).
                let uid = session.uid().ok_or(PushError::NotBound)?;
                let push = Push {
                    route: route.to_owned(),
                    uid: (*uid).to_owned(),
                    data: data.clone(),
                };
                node.bus()
                    .push_to_user(&remote.frontend.server_type, push)?;
            }
        }
        Ok(())
    }

    /// What the session is to other servers.
    pub(crate) fn described(&self) -> Described {
        let address = self.peer().address().map(|address| address.to_string());
        Described {
            id: i64::try_from(self.id()).unwrap_or(i64::MAX),
            uid: self.uid().as_deref().unwrap_or_default().to_owned(),
            data: serde_json::to_vec(&self.data()).unwrap_or_default().into(),
            serializer: pitaya_protocol::cluster::serializer_number(self.serializer()),
            address: address.unwrap_or_default(),
            merge: true,
        }
    }

    /// Changes what `changes` names; `null` removes.
    pub(crate) fn merge_data(&self, changes: Map<String, Value>) {
        let mut state = self.state();
        let data = state.data.get_or_insert_default();
        for (key, value) in changes {
            if value.is_null() {
                data.remove(&key);
            } else {
                data.insert(key, value);
            }
        }
    }
}
