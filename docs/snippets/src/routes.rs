//! Routes, typed and short.

use pitaya_protocol::{Dictionary, DictionaryError};

// ANCHOR: contract
use pitaya_protocol::{Notify, Push, Request};
use serde::{Deserialize, Serialize};

/// Who joins.
#[derive(Debug, Serialize, Deserialize)]
pub struct Join {
    /// The name that the others see.
    pub name: String,
}

/// Who is there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Joined {
    /// Names of everyone in the room.
    pub members: Vec<String>,
}

/// One line of talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What was said.
    pub text: String,
}

/// Enters the room.
pub const JOIN: Request<Join, Joined> = Request::new("room.join");
/// Says something.
pub const SAY: Notify<Line> = Notify::new("room.say");
/// Something was said.
pub const ON_LINE: Push<Line> = Push::new("onLine");
// ANCHOR_END: contract

/// Builds dictionaries.
///
/// # Errors
///
/// When a dictionary contradicts itself.
pub fn dictionary() -> Result<(), DictionaryError> {
    // ANCHOR: dictionary
    let dictionary = Dictionary::new([("room.join", 1), ("onLine", 2)])?;
    assert_eq!(dictionary.code("room.join"), Some(1));
    assert_eq!(dictionary.route(2), Some("onLine"));

    let twice = Dictionary::new([("room.join", 1), ("room.say", 1)]);
    assert!(matches!(
        twice,
        Err(DictionaryError::DuplicateCode { code: 1, .. })
    ));
    // ANCHOR_END: dictionary
    Ok(())
}
