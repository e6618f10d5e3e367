//! Handles: numbers for objects, which tell an object from one that was at its place before.

use std::sync::{Arc, PoisonError, RwLock};

use super::client::Client;
use super::fault::Fault;
use super::numbers::PITAYA_INVALID_HANDLE;
#[cfg(feature = "native")]
use super::numbers::PITAYA_WRONG_KIND;
#[cfg(feature = "native")]
use crate::surface::Logs;

/// Something that a caller has a handle to.
#[derive(Debug, Clone)]
pub(crate) enum Object {
    Client(Arc<Client>),
    #[cfg(feature = "native")]
    Logs(Arc<Logs>),
}

impl Object {
    pub(crate) fn client(self) -> Result<Arc<Client>, Fault> {
        match self {
            Self::Client(client) => Ok(client),
            #[cfg(feature = "native")]
            Self::Logs(_) => Err(other_kind()),
        }
    }
}

#[derive(Debug)]
struct Place {
    /// Counts the objects that were here. Never 0, so that no handle is 0.
    generation: u32,
    object: Option<Object>,
}

#[derive(Debug)]
struct Table {
    places: Vec<Place>,
    free: Vec<u32>,
}

/// All objects of the process. Whoever uses one holds it for as long as its call lasts, not the table.
static TABLE: RwLock<Table> = RwLock::new(Table {
    places: Vec::new(),
    free: Vec::new(),
});

/// Takes an object in and gives its handle.
pub(crate) fn insert(object: Object) -> u64 {
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    let index = table.free.pop().unwrap_or_else(|| {
        table.places.push(Place {
            generation: 1,
            object: None,
        });
        u32::try_from(table.places.len() - 1).expect("memory ends before four billion objects")
    });
    let place = &mut table.places[index as usize];
    place.object = Some(object);
    u64::from(place.generation) << 32 | u64::from(index)
}

/// The object of a handle.
fn object(handle: u64) -> Result<Object, Fault> {
    let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
    let (generation, index) = split(handle);
    table
        .places
        .get(index)
        .filter(|place| place.generation == generation)
        .and_then(|place| place.object.clone())
        .ok_or_else(stale)
}

pub(crate) fn client(handle: u64) -> Result<Arc<Client>, Fault> {
    object(handle)?.client()
}

#[cfg(feature = "native")]
pub(crate) fn logs(handle: u64) -> Result<Arc<Logs>, Fault> {
    match object(handle)? {
        Object::Logs(logs) => Ok(logs),
        Object::Client(_) => Err(other_kind()),
    }
}

/// Forgets a handle. The object lives on while a call of another thread uses it. The caller has looked at its kind before.
pub(crate) fn remove(handle: u64) -> Result<Object, Fault> {
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    let (generation, index) = split(handle);
    let place = table.places.get_mut(index);
    let place = place.filter(|place| place.generation == generation);
    let place = place.ok_or_else(stale)?;
    let object = place.object.take().ok_or_else(stale)?;
    place.generation = place.generation.checked_add(1).unwrap_or(1);
    table.free.push(index as u32);
    Ok(object)
}

const fn split(handle: u64) -> (u32, usize) {
    ((handle >> 32) as u32, (handle & 0xFFFF_FFFF) as usize)
}

fn stale() -> Fault {
    Fault::new(
        PITAYA_INVALID_HANDLE,
        "the handle is of nothing that is still there",
    )
}

#[cfg(feature = "native")]
fn other_kind() -> Fault {
    Fault::new(PITAYA_WRONG_KIND, "the handle is of something else")
}
