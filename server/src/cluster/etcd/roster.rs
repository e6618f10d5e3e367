//! The servers of the cluster as etcd's entries tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use pitaya_protocol::cluster::{Member, members_prefix};
use tokio::sync::watch;

use super::config::EtcdConfig;
use crate::cluster::Members;
use crate::cluster::complaints::Complaints;

/// What is entered, who is still listed although his entry is missing, and what the rest of the server sees of it.
#[derive(Debug)]
pub(super) struct Roster {
    prefix: String,
    ignore_types: BTreeSet<String>,
    max_members: usize,
    me: Arc<Member>,
    /// By the part of the key after the prefix.
    entered: BTreeMap<String, Entry>,
    /// Listed until the hold ends, see [`EtcdConfig::deletion_hold`]. No event tells whether a server has left or only lost its lease.
    held: BTreeMap<String, Arc<Member>>,
    holds: bool,
    complaints: Complaints,
    members: watch::Sender<Members>,
    changed: bool,
}

#[derive(Debug)]
struct Entry {
    member: Arc<Member>,
    revision: i64,
}

impl Roster {
    pub(super) fn new(config: &EtcdConfig, me: Member, members: watch::Sender<Members>) -> Self {
        Self {
            prefix: members_prefix(&config.prefix),
            ignore_types: config.ignore_types.clone(),
            max_members: config.max_members,
            me: Arc::new(me),
            entered: BTreeMap::new(),
            held: BTreeMap::new(),
            holds: false,
            complaints: Complaints::about("etcd"),
            members,
            changed: true,
        }
    }

    /// The part of a key that names a server of interest: `<type>/<id>`.
    pub(super) fn name(&self, key: &[u8]) -> Option<String> {
        let name = key.strip_prefix(self.prefix.as_bytes())?;
        let found = str::from_utf8(name).ok().and_then(parts);
        let Some((server_type, id)) = found else {
            let key = key[..key.len().min(128)].escape_ascii();
            self.complaints.add("a key that names no server", key);
            return None;
        };
        // This server is in its list whatever etcd says.
        let mine = server_type == self.me.server_type && id == self.me.id;
        let wanted = !mine && !self.ignore_types.contains(server_type);
        wanted.then(|| format!("{server_type}/{id}"))
    }

    /// Whether this state of the entry is known already.
    pub(super) fn knows(&self, name: &str, revision: i64) -> bool {
        let known = self.entered.get(name);
        known.is_some_and(|entry| entry.revision == revision)
    }

    /// Something was entered. What is no server's description is ignored; a server that was known stays as it was.
    pub(super) fn enter(&mut self, name: String, value: &[u8], revision: i64) {
        let known = self.entered.get(&name);
        // A value that was read after a list may be newer than the events that follow the list.
        if known.is_some_and(|entry| entry.revision >= revision) {
            return;
        }
        let member = match Member::from_json(value) {
            Ok(member) => member,
            Err(error) => {
                let detail = format_args!("{name:?}: {error}");
                return self
                    .complaints
                    .add("a value that describes no server", detail);
            }
        };
        if parts(&name) != Some((&member.server_type, &member.id)) {
            let detail = format_args!(
                "{name:?} is said to be `{}/{}`",
                member.server_type, member.id
            );
            return self.complaints.add("a value of another server", detail);
        }
        let is_new = known.is_none() && !self.held.contains_key(&name);
        if is_new && self.entered.len() + self.held.len() >= self.max_members {
            let detail = format_args!("{name:?} beyond {}", self.max_members);
            return self.complaints.add("more servers than the limit", detail);
        }
        let before = self.held.remove(&name);
        let before = known.map(|entry| &entry.member).or(before.as_ref());
        self.changed |= before.is_none_or(|before| **before != member);
        let member = Arc::new(member);
        self.entered.insert(name, Entry { member, revision });
    }

    /// An entry was deleted.
    pub(super) fn remove(&mut self, name: &str) {
        let Some(entry) = self.entered.remove(name) else {
            return;
        };
        if self.holds {
            self.held.insert(name.to_owned(), entry.member);
        } else {
            self.changed = true;
        }
    }

    /// All other entries are gone.
    pub(super) fn retain(&mut self, names: &BTreeSet<String>) {
        let entered = self.entered.keys();
        let gone: Vec<_> = entered
            .filter(|name| !names.contains(*name))
            .cloned()
            .collect();
        for name in gone {
            self.remove(&name);
        }
    }

    /// A value that is too large for an answer of etcd.
    pub(super) fn unreadable(&self, name: &str, reason: impl fmt::Display) {
        let detail = format_args!("{name:?}: {reason}");
        self.complaints.add("a value that cannot be read", detail);
    }

    /// From now on those who are deleted stay listed.
    pub(super) fn hold(&mut self) {
        self.holds = true;
    }

    /// Those who have not come back are gone.
    pub(super) fn release(&mut self) {
        self.holds = false;
        self.changed |= !self.held.is_empty();
        self.held.clear();
    }

    /// Shows what has changed.
    pub(super) fn publish(&mut self) {
        if std::mem::take(&mut self.changed) {
            let entered = self.entered.values().map(|entry| &entry.member);
            let all = entered.chain(self.held.values()).chain([&self.me]);
            self.members.send_replace(all.cloned().collect());
        }
    }
}

fn parts(name: &str) -> Option<(&str, &str)> {
    let (server_type, id) = name.split_once('/')?;
    let usable = !server_type.is_empty() && !id.is_empty() && !id.contains('/');
    usable.then_some((server_type, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(config: &EtcdConfig) -> (Roster, watch::Receiver<Members>) {
        let (sender, members) = watch::channel(Members::default());
        let mut roster = Roster::new(config, Member::new("gate", "me"), sender);
        roster.publish();
        (roster, members)
    }

    fn enter(roster: &mut Roster, name: &str, revision: i64) {
        let (server_type, id) = parts(name).expect("a name");
        let value = Member::new(server_type, id).to_json();
        roster.enter(name.to_owned(), value.as_bytes(), revision);
    }

    fn names(members: &watch::Receiver<Members>) -> Vec<String> {
        let mut names: Vec<_> = members.borrow().iter().map(|one| one.id.clone()).collect();
        names.sort();
        names
    }

    #[test]
    fn keys_of_others_are_no_names() {
        let config = EtcdConfig {
            ignore_types: ["shop".to_owned()].into(),
            ..EtcdConfig::default()
        };
        let (roster, _members) = roster(&config);
        let name = |key: &str| roster.name(key.as_bytes());
        assert_eq!(name("pitaya/servers/room/r1").as_deref(), Some("room/r1"));
        for key in [
            "pitaya/servers/",
            "pitaya/servers/room",
            "pitaya/servers/room/",
            "pitaya/servers//r1",
            "pitaya/servers/room/r1/x",
            "pitaya/servers/shop/s1",
            "pitaya/servers/gate/me",
            "other/room/r1",
        ] {
            assert_eq!(name(key), None, "{key}");
        }
        assert_eq!(roster.name(b"pitaya/servers/room/\xff"), None);
    }

    #[test]
    fn what_is_no_description_changes_nothing() {
        let (mut roster, members) = roster(&EtcdConfig::default());
        enter(&mut roster, "room/r1", 1);
        for value in ["", "{}", "[", r#"{"id":"r2","type":"room"}"#] {
            roster.enter("room/r1".to_owned(), value.as_bytes(), 2);
            roster.enter("room/r3".to_owned(), value.as_bytes(), 2);
        }
        roster.publish();
        assert_eq!(names(&members), ["me", "r1"]);
    }

    #[test]
    fn an_older_event_does_not_undo_a_newer_value() {
        let (mut roster, members) = roster(&EtcdConfig::default());
        let mut new = Member::new("room", "r1");
        new.hostname = "new".to_owned();
        roster.enter("room/r1".to_owned(), new.to_json().as_bytes(), 7);
        enter(&mut roster, "room/r1", 6);
        roster.publish();
        let hostname = members.borrow().get("r1").map(|one| one.hostname.clone());
        assert_eq!(hostname.as_deref(), Some("new"));
    }

    #[test]
    fn who_is_deleted_during_a_hold_is_listed_until_it_ends() {
        let (mut roster, mut members) = roster(&EtcdConfig::default());
        for name in ["room/r1", "room/r2", "room/r3"] {
            enter(&mut roster, name, 1);
        }
        roster.publish();
        members.mark_unchanged();
        roster.hold();
        roster.retain(&["room/r3".to_owned()].into());
        roster.remove("room/r3");
        enter(&mut roster, "room/r1", 9);
        roster.publish();
        // They came and went, and nobody was told.
        assert!(!members.has_changed().expect("it lives"));
        assert_eq!(names(&members), ["me", "r1", "r2", "r3"]);
        roster.release();
        roster.publish();
        assert_eq!(names(&members), ["me", "r1"]);
    }

    #[test]
    fn the_limit_keeps_the_first() {
        let config = EtcdConfig {
            max_members: 2,
            ..EtcdConfig::default()
        };
        let (mut roster, members) = roster(&config);
        for name in ["room/r1", "room/r2", "room/r3"] {
            enter(&mut roster, name, 1);
        }
        roster.publish();
        assert_eq!(names(&members), ["me", "r1", "r2"]);
    }
}
