//! stub
use super::{CallError, Members};
use pitaya_protocol::cluster::Member;
use std::sync::{Arc, Mutex};
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct EjectionConfig {}
pub(crate) struct Peers(Arc<Mutex<std::collections::HashSet<String>>>);
pub(crate) struct Flight(String, Arc<Mutex<std::collections::HashSet<String>>>);
impl Peers {
    pub(crate) fn new(_: EjectionConfig) -> Self {
        Self(Arc::default())
    }
    pub(crate) fn begin(&self, m: &Arc<Member>) -> Flight {
        Flight(m.id.clone(), self.0.clone())
    }
    pub(crate) fn seen(&self, _: &Members, _: tokio::time::Instant) {}
    pub(crate) fn out(&self, id: &str) -> bool {
        self.0.lock().unwrap().contains(id)
    }
}
impl Flight {
    pub(crate) fn ended(self, r: Result<(), &CallError>) {
        if let Err(CallError::Gone { .. }) = r {
            self.1.lock().unwrap().insert(self.0);
        }
    }
}
