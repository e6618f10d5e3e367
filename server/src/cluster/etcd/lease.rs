//! A lease: what is entered with it lasts as long as it is renewed.

use std::time::Duration;

use etcd_client::{Client, Error, LeaseKeepAliveStream, LeaseKeeper};

use super::link::{LinkError, answer};

/// A lease that etcd has confirmed on the present connection.
#[derive(Debug)]
pub(super) struct Lease {
    id: i64,
    ttl: Duration,
    within: Duration,
    asks: LeaseKeeper,
    answers: LeaseKeepAliveStream,
}

impl Lease {
    /// Takes the lease that was held before up again, or a new one when there is none or it has run out.
    pub(super) async fn take(
        client: &Client,
        held: Option<i64>,
        ttl: Duration,
        within: Duration,
    ) -> Result<Self, LinkError> {
        let mut leases = client.lease_client();
        if let Some(id) = held {
            match answer(within, leases.keep_alive(id)).await {
                Ok((asks, answers)) => {
                    return Ok(Self {
                        id,
                        ttl,
                        within,
                        asks,
                        answers,
                    });
                }
                // etcd has answered, and does not know it any more.
                Err(LinkError::Etcd(Error::LeaseKeepAliveError(_))) => {}
                Err(error) => return Err(error),
            }
        }
        let seconds = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX).max(2);
        let id = answer(within, leases.grant(seconds, None)).await?.id();
        let (asks, answers) = answer(within, leases.keep_alive(id)).await?;
        Ok(Self {
            id,
            ttl,
            within,
            asks,
            answers,
        })
    }

    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// Renews it three times in its life, until it or the connection is lost.
    pub(super) async fn keep(&mut self) -> LinkError {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.ttl / 3) => {}
                // Nothing was asked: this is how the end of the connection is seen at once.
                early = self.answers.message() => match early {
                    Ok(Some(_)) => continue,
                    Ok(None) => return LinkError::Ended,
                    Err(error) => return error.into(),
                },
            }
            let renewed = async {
                self.asks.keep_alive().await?;
                self.answers.message().await
            };
            match answer(self.within, renewed).await {
                Ok(Some(renewed)) if renewed.ttl() > 0 => {}
                Ok(Some(_)) => return LinkError::LeaseGone,
                Ok(None) => return LinkError::Ended,
                Err(error) => return error,
            }
        }
    }
}

/// Ends a lease and with it everything that was entered with it. One that has run out is ended.
pub(super) async fn revoke(client: &Client, id: i64, within: Duration) -> Result<(), LinkError> {
    match answer(within, client.lease_client().revoke(id)).await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
