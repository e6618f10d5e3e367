//! What a frontend says of a client's session.

use serde_json::{Map, Value};

use crate::serializer::Serializer;

/// The number of a serializer in the fields of this suite; 0 stands for "not said".
#[must_use]
pub const fn serializer_number(serializer: Serializer) -> u32 {
    match serializer {
        Serializer::Json => 1,
        Serializer::Protobuf => 2,
    }
}

/// The serializer with this number.
#[must_use]
pub const fn serializer_of(number: u32) -> Option<Serializer> {
    match number {
        1 => Some(Serializer::Json),
        2 => Some(Serializer::Protobuf),
        _ => None,
    }
}

/// The data of a session: a JSON object; nothing, as some peers send it, is the empty one.
///
/// # Errors
///
/// What serde says when it is anything else.
pub fn read_data(data: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    if data.is_empty() {
        return Ok(Map::new());
    }
    let data: Option<Map<String, Value>> = serde_json::from_slice(data)?;
    Ok(data.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_survive() {
        let text = br#"{"gold":9007199254740993,"level":-3,"rate":0.5}"#;
        let data = read_data(text).expect("an object");
        assert_eq!(data["gold"].as_u64(), Some(9_007_199_254_740_993));
        assert_eq!(serde_json::to_vec(&data).expect("JSON"), text);
        assert_eq!(read_data(b"").expect("nothing"), Map::new());
        assert_eq!(read_data(b"null").expect("a nil map"), Map::new());
        assert!(read_data(b"[1]").is_err());
    }

    #[test]
    fn serializers_have_numbers() {
        for serializer in [Serializer::Json, Serializer::Protobuf] {
            assert_eq!(
                serializer_of(serializer_number(serializer)),
                Some(serializer)
            );
        }
        assert_eq!(serializer_of(0), None);
    }
}
