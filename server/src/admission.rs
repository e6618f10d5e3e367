//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use metrics::Gauge;

use crate::limits::Limits;

/// Counts connections from their accept to their end.
#[derive(Debug)]
pub(crate) struct Admission {
    total: AtomicUsize,
    limit: Option<usize>,
    limit_per_ip: Option<usize>,
    /// Only kept where there is a limit per address.
    per_ip: Mutex<HashMap<IpAddr, usize>>,
    gauge: Gauge,
}

/// A connection that is counted, as long as this is there.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    ip: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits, gauge: &Gauge) -> Self {
        Self {
            total: AtomicUsize::new(0),
            limit: limits.connections,
            limit_per_ip: limits.connections_per_ip,
            per_ip: Mutex::default(),
            gauge: gauge.clone(),
        }
    }

    /// Counts a connection; where it comes from is counted by [`Admitted::locate`].
    ///
    /// # Errors
    ///
    /// The name of the limit that leaves no room.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Admitted, &'static str> {
        let before = self.total.fetch_add(1, Ordering::Relaxed);
        if self.limit.is_some_and(|limit| before >= limit) {
            self.total.fetch_sub(1, Ordering::Relaxed);
            return Err("connections");
        }
        self.gauge.increment(1.0);
        Ok(Admitted {
            admission: self.clone(),
            ip: None,
        })
    }

    /// Connections now.
    pub(crate) fn count(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }
}

impl Admitted {
    /// Counts the connection to its address, once that is known: behind a proxy only its header tells.
    ///
    /// # Errors
    ///
    /// The name of the limit that leaves no room.
    pub(crate) fn locate(&mut self, ip: Option<IpAddr>) -> Result<(), &'static str> {
        let (Some(ip), Some(limit), None) = (ip, self.admission.limit_per_ip, self.ip) else {
            return Ok(());
        };
        let mut per_ip = self
            .admission
            .per_ip
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = per_ip.entry(ip).or_insert(0);
        if *count >= limit {
            return Err("connections_per_ip");
        }
        *count += 1;
        self.ip = Some(ip);
        Ok(())
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.admission.total.fetch_sub(1, Ordering::Relaxed);
        self.admission.gauge.decrement(1.0);
        if let Some(ip) = self.ip {
            let mut per_ip = self
                .admission
                .per_ip
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = per_ip.get_mut(&ip) {
                *count -= 1;
                if *count == 0 {
                    per_ip.remove(&ip);
                }
            }
        }
    }
}
