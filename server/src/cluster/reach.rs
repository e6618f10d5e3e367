//! Pushes and kicks to clients of other servers.

use std::sync::Arc;

use bytes::Bytes;
use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::{Body, KickMsg, Member, Push, PushMany, remotes};

use super::bus::CallError;
use super::node::Node;

impl<S: SerializerSet> Node<S> {
    /// Pushes to sessions of one frontend. For a frontend of the family `uid` has to be known.
    pub(crate) fn push_to_sessions(
        &self,
        frontend: &Member,
        sessions: Vec<i64>,
        route: &str,
        data: Bytes,
    ) -> Result<(), CallError> {
        let push = PushMany {
            route: route.to_owned(),
            bodies: vec![Body {
                serializer: 0,
                data,
            }],
            sessions,
            uids: Vec::new(),
        };
        self.tell(frontend, remotes::PUSH_MANY, &push)
    }

    /// Pushes to users wherever they are bound, but not here.
    pub(crate) fn push_to_users(
        &self,
        uids: Vec<String>,
        route: &str,
        bodies: Vec<Body>,
    ) -> Result<(), CallError> {
        let foreign = self.foreign_frontends();
        let mut outcome = Ok(());
        if !foreign.is_empty() {
            // Frontends of the family have one serializer, the preferred one here.
            let data = bodies.first().map(|body| body.data.clone());
            for (frontend_type, uid) in foreign
                .iter()
                .flat_map(|frontend_type| uids.iter().map(move |uid| (frontend_type, uid)))
            {
                let push = Push {
                    route: route.to_owned(),
                    uid: uid.clone(),
                    data: data.clone().unwrap_or_default(),
                };
                let pushed = self.bus().push_to_user(frontend_type, push);
                outcome = outcome.and(pushed);
            }
        }
        let push = PushMany {
            route: route.to_owned(),
            bodies,
            sessions: Vec::new(),
            uids,
        };
        for frontend in self.suite_frontends() {
            match self.tell(&frontend, remotes::PUSH_MANY, &push) {
                // It has just gone, and its sessions with it.
                Err(CallError::Gone { .. }) => {}
                told => outcome = outcome.and(told),
            }
        }
        outcome
    }

    /// Kicks users wherever they are bound, but not here.
    pub(crate) fn kick_users(&self, uids: &[String]) -> Result<(), CallError> {
        let mut outcome = Ok(());
        let foreign = self.foreign_frontends();
        let suite = self.suite_frontends();
        for uid in uids {
            let kick = KickMsg {
                user_id: uid.clone(),
            };
            for frontend_type in &foreign {
                let kicked = self.bus().kick_user(frontend_type, kick.clone());
                outcome = outcome.and(kicked);
            }
            for frontend in &suite {
                match self.tell(frontend, remotes::KICK, &kick) {
                    Err(CallError::Gone { .. }) => {}
                    told => outcome = outcome.and(told),
                }
            }
        }
        outcome
    }

    /// The types that have a frontend which does not understand pushes to many.
    fn foreign_frontends(&self) -> Vec<String> {
        let frontends = self.frontends().into_iter();
        let mut types: Vec<_> = frontends
            .filter(|member| !member.is_of_this_suite())
            .map(|member| member.server_type.clone())
            .collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    fn suite_frontends(&self) -> Vec<Arc<Member>> {
        let mut frontends = self.frontends();
        frontends.retain(|member| member.is_of_this_suite());
        frontends
    }

    /// The other frontends: those that are listed, and those that have sent something before discovery listed them.
    fn frontends(&self) -> Vec<Arc<Member>> {
        let members = self.members();
        let mut frontends = self.served.frontends();
        frontends.retain(|member| members.get(&member.id).is_none());
        frontends.extend(members.iter().filter(|member| member.frontend).cloned());
        frontends.retain(|member| member.id != self.me().id);
        frontends
    }
}
