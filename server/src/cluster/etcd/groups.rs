//! Groups of users in etcd.

use std::fmt;
use std::time::Duration;

use etcd_client::{
    Client, Compare, CompareOp, DeleteOptions, GetOptions, PutOptions, Txn, TxnOp, TxnOpResponse,
    TxnResponse,
};
use pitaya_protocol::cluster::{NameError, group_key, group_member_key, group_members_prefix};
use tokio::sync::Mutex;

use super::config::EtcdConfig;
use super::link::{LinkError, answer, connect};

/// Groups of users in etcd, which all servers of a cluster see, Go Pitaya's among them (wire 20.1).
///
/// Members are users, whichever server they are on and also while they are away: nobody leaves by himself, so a game removes whom it does not want any
/// longer, at the latest in `on_close`. Every change is a transaction of etcd. That is for guilds and parties; for what comes and goes with
/// every second, such as the players of a room, [`Group`](crate::Group) is made.
///
/// A broadcast is [`Handle::push_to`](crate::Handle::push_to) with the [`members`](Self::members): it reaches those who are on some frontend.
///
/// Cheap to share in an `Arc`. It connects with the first call, and a call that fails makes the next one try another endpoint.
pub struct EtcdGroups {
    config: EtcdConfig,
    link: Mutex<Link>,
}

#[derive(Default)]
struct Link {
    client: Option<Client>,
    attempts: usize,
}

/// Why a group was not changed or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EtcdGroupError {
    /// There is a group of this name.
    #[error("group already exists")]
    Exists,
    /// There is no group of this name.
    #[error("group not found")]
    Missing,
    /// The user is in the group.
    #[error("member already exists in group")]
    Member,
    /// The user is not in the group.
    #[error("member not found in group")]
    NotMember,
    /// The group has no end that could be put off.
    #[error("the group was made without a time to live")]
    Endless,
    /// A name or a uid cannot be part of a key.
    #[error(transparent)]
    Name(#[from] NameError),
    /// etcd is away, or refuses. A change may have been made nevertheless when its answer was lost.
    #[error("the groups cannot be reached at present: {reason}")]
    Down {
        /// What is known about it.
        reason: String,
    },
}

impl EtcdGroups {
    /// Prepares it. Nothing is sent before the first call.
    #[must_use]
    pub fn new(config: EtcdConfig) -> Self {
        Self {
            config,
            link: Mutex::default(),
        }
    }

    /// Makes a group that stays until it is deleted.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Exists`], and when etcd is away.
    pub async fn create(&self, group: &str) -> Result<(), EtcdGroupError> {
        let key = self.group(group)?;
        self.insert(&key, 0).await
    }

    /// Makes a group that is gone after this time, with its members, unless [`renew`](Self::renew) is called before. Whole seconds count, at least one; etcd
    /// may give a little longer.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn create_for(&self, group: &str, time: Duration) -> Result<(), EtcdGroupError> {
        let key = self.group(group)?;
        let seconds = i64::try_from(time.as_secs().max(1)).unwrap_or(i64::MAX);
        let granted = self
            .ask(async |client| client.lease_client().grant(seconds, None).await)
            .await?;
        let made = self.insert(&key, granted.id()).await;
        if made.is_err() {
            // One that stays costs nothing and ends by itself.
            let _ = self
                .ask(async |client| client.lease_client().revoke(granted.id()).await)
                .await;
        }
        made
    }

    /// Gives the group its whole time again.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], [`EtcdGroupError::Endless`], and when etcd is away.
    pub async fn renew(&self, group: &str) -> Result<(), EtcdGroupError> {
        let lease = match self.lease(&self.group(group)?).await? {
            0 => return Err(EtcdGroupError::Endless),
            lease => lease,
        };
        let left = self
            .ask(async |client| {
                let (mut keeper, mut answers) = client.lease_client().keep_alive(lease).await?;
                keeper.keep_alive().await?;
                Ok(answers.message().await?.map_or(0, |answer| answer.ttl()))
            })
            .await?;
        // It ran out in between.
        if left > 0 {
            Ok(())
        } else {
            Err(EtcdGroupError::Missing)
        }
    }

    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], [`EtcdGroupError::Member`], and when etcd is away.
    pub async fn add(&self, group: &str, uid: &str) -> Result<(), EtcdGroupError> {
        let (key, member) = (self.group(group)?, self.member(group, uid)?);
        loop {
            let lease = self.lease(&key).await?;
            let mut options = PutOptions::new();
            if lease != 0 {
                options = options.with_lease(lease);
            }
            let txn = Txn::new()
                .when([
                    exists(&key),
                    // Or the member would outlive the group.
                    Compare::lease(key.as_str(), CompareOp::Equal, lease),
                    missing(&member),
                ])
                .and_then([TxnOp::put(member.as_str(), "", Some(options))])
                .or_else([keys(&key), keys(&member)]);
            let answer = self.run(txn).await?;
            if answer.succeeded() {
                return Ok(());
            }
            match found(&answer)[..] {
                [0, ..] => return Err(EtcdGroupError::Missing),
                [_, 0] => {} // made anew in between
                _ => return Err(EtcdGroupError::Member),
            }
        }
    }

    /// Removes a user.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], [`EtcdGroupError::NotMember`], and when etcd is away.
    pub async fn remove(&self, group: &str, uid: &str) -> Result<(), EtcdGroupError> {
        let (key, member) = (self.group(group)?, self.member(group, uid)?);
        let txn = Txn::new()
            .when([exists(&member)])
            .and_then([TxnOp::delete(member.as_str(), None)])
            .or_else([keys(&key)]);
        let answer = self.run(txn).await?;
        match found(&answer)[..] {
            _ if answer.succeeded() => Ok(()),
            [0] => Err(EtcdGroupError::Missing),
            _ => Err(EtcdGroupError::NotMember),
        }
    }

    /// Removes all users; the group stays.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], and when etcd is away.
    pub async fn clear(&self, group: &str) -> Result<(), EtcdGroupError> {
        let delete = [TxnOp::delete(self.all(group)?, prefix())];
        self.of_existing(&self.group(group)?, delete).await?;
        Ok(())
    }

    /// Deletes the group with its members.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], and when etcd is away.
    pub async fn delete(&self, group: &str) -> Result<(), EtcdGroupError> {
        let key = self.group(group)?;
        let delete = [
            TxnOp::delete(self.all(group)?, prefix()),
            TxnOp::delete(key.as_str(), None),
        ];
        self.of_existing(&key, delete).await?;
        Ok(())
    }

    /// The uids of all members, sorted.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], and when etcd is away or has more of them than fit into one message (some 4 MiB).
    pub async fn members(&self, group: &str) -> Result<Vec<String>, EtcdGroupError> {
        let start = self.all(group)?;
        let options = GetOptions::new().with_prefix().with_keys_only();
        let get = [TxnOp::get(start.as_str(), Some(options))];
        let answer = self.of_existing(&self.group(group)?, get).await?;
        let responses = answer.op_responses();
        let kvs = responses.iter().filter_map(|response| match response {
            TxnOpResponse::Get(got) => Some(got.kvs()),
            _ => None,
        });
        // A key that is no text is nobody's uid.
        let uids = kvs.flatten().filter_map(|kv| kv.key_str().ok());
        let uids = uids.filter_map(|key| key.strip_prefix(&start));
        Ok(uids.map(str::to_owned).collect())
    }

    /// Whether the user is in the group.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], and when etcd is away.
    pub async fn contains(&self, group: &str, uid: &str) -> Result<bool, EtcdGroupError> {
        let get = [keys(&self.member(group, uid)?)];
        let answer = self.of_existing(&self.group(group)?, get).await?;
        Ok(found(&answer) == [1])
    }

    /// The number of members.
    ///
    /// # Errors
    ///
    /// [`EtcdGroupError::Missing`], and when etcd is away.
    pub async fn count(&self, group: &str) -> Result<usize, EtcdGroupError> {
        let options = GetOptions::new().with_prefix().with_count_only();
        let get = [TxnOp::get(self.all(group)?, Some(options))];
        let answer = self.of_existing(&self.group(group)?, get).await?;
        let count = found(&answer).first().copied().unwrap_or_default();
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn group(&self, group: &str) -> Result<String, NameError> {
        group_key(&self.config.prefix, group)
    }

    fn member(&self, group: &str, uid: &str) -> Result<String, NameError> {
        group_member_key(&self.config.prefix, group, uid)
    }

    fn all(&self, group: &str) -> Result<String, NameError> {
        group_members_prefix(&self.config.prefix, group)
    }

    async fn insert(&self, key: &str, lease: i64) -> Result<(), EtcdGroupError> {
        let mut options = PutOptions::new();
        if lease != 0 {
            options = options.with_lease(lease);
        }
        let txn = Txn::new()
            .when([missing(key)])
            .and_then([TxnOp::put(key, "", Some(options))]);
        if self.run(txn).await?.succeeded() {
            Ok(())
        } else {
            Err(EtcdGroupError::Exists)
        }
    }

    /// The lease that a group lives by; 0 for one without.
    async fn lease(&self, key: &str) -> Result<i64, EtcdGroupError> {
        let got = self
            .ask(async |client| client.kv_client().get(key, None).await)
            .await?;
        let group = got.kvs().first().ok_or(EtcdGroupError::Missing)?;
        Ok(group.lease())
    }

    async fn of_existing(
        &self,
        key: &str,
        what: impl Into<Vec<TxnOp>>,
    ) -> Result<TxnResponse, EtcdGroupError> {
        let txn = Txn::new().when([exists(key)]).and_then(what);
        let answer = self.run(txn).await?;
        if answer.succeeded() {
            Ok(answer)
        } else {
            Err(EtcdGroupError::Missing)
        }
    }

    async fn run(&self, txn: Txn) -> Result<TxnResponse, EtcdGroupError> {
        self.ask(async move |client| client.kv_client().txn(txn).await)
            .await
    }

    async fn ask<T>(
        &self,
        request: impl AsyncFnOnce(&mut Client) -> Result<T, etcd_client::Error>,
    ) -> Result<T, EtcdGroupError> {
        let mut client = self.client().await.map_err(|error| down(&error))?;
        let answered = answer(self.config.request_timeout, request(&mut client)).await;
        if answered.is_err() {
            self.link.lock().await.client = None;
        }
        answered.map_err(|error| down(&error))
    }

    async fn client(&self) -> Result<Client, LinkError> {
        let mut link = self.link.lock().await;
        if let Some(client) = &link.client {
            return Ok(client.clone());
        }
        let attempt = link.attempts;
        link.attempts = attempt.wrapping_add(1);
        let client = connect(&self.config, attempt).await?;
        link.client = Some(client.clone());
        Ok(client)
    }
}

fn down(error: &LinkError) -> EtcdGroupError {
    EtcdGroupError::Down {
        reason: error.to_string(),
    }
}

fn exists(key: &str) -> Compare {
    Compare::create_revision(key, CompareOp::Greater, 0)
}

fn missing(key: &str) -> Compare {
    Compare::create_revision(key, CompareOp::Equal, 0)
}

fn keys(key: &str) -> TxnOp {
    TxnOp::get(key, Some(GetOptions::new().with_keys_only()))
}

fn prefix() -> Option<DeleteOptions> {
    Some(DeleteOptions::new().with_prefix())
}

/// How many keys each look has found.
fn found(answer: &TxnResponse) -> Vec<i64> {
    let responses = answer.op_responses().into_iter();
    let looks = responses.filter_map(|response| match response {
        TxnOpResponse::Get(got) => Some(got.count()),
        _ => None,
    });
    looks.collect()
}

impl fmt::Debug for EtcdGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdGroups")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
