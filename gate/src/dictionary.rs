//! The file with the codes of routes.

use std::collections::BTreeMap;
use std::path::Path;

use pitaya_server::protocol::Dictionary;

/// Reads an object of route and code, and makes sure that a client can be told it.
pub(crate) fn read(path: &Path) -> Result<BTreeMap<String, u16>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let codes: BTreeMap<String, u16> = serde_json::from_str(&text)
        .map_err(|error| format!("is no object of routes and codes: {error}"))?;
    let entries = codes.iter().map(|(route, code)| (route, *code));
    Dictionary::new(entries).map_err(|error| format!("is no dictionary: {error}"))?;
    Ok(codes)
}
