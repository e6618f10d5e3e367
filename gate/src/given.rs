//! What a configuration says, before it is known what it should be.

use std::fmt;

use config::ValueKind;

/// A value of a file, of the environment, or of the command line, where everything is text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    Flag(bool),
    Number(i128),
    Real(f64),
    Text(String),
    List(Vec<Self>),
    /// With the keys as they were written.
    Table(Vec<(String, Self)>),
}

impl Given {
    /// A value of a file; `None` where a key has none, which is as if it were not there.
    pub(crate) fn from_file(value: config::Value) -> Option<Self> {
        Some(match value.kind {
            ValueKind::Nil => return None,
            ValueKind::Boolean(flag) => Self::Flag(flag),
            ValueKind::I64(number) => Self::Number(number.into()),
            ValueKind::I128(number) => Self::Number(number),
            ValueKind::U64(number) => Self::Number(number.into()),
            // No setting is as large; one that is refused shows all the same.
            ValueKind::U128(number) => Self::Real(number as f64),
            ValueKind::Float(number) => Self::Real(number),
            ValueKind::String(text) => Self::Text(text),
            ValueKind::Array(list) => {
                Self::List(list.into_iter().filter_map(Self::from_file).collect())
            }
            ValueKind::Table(table) => {
                let mut entries: Vec<_> = table
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, Self::from_file(value)?)))
                    .collect();
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                Self::Table(entries)
            }
        })
    }

    /// A value that can stand for a text; none for lists and tables.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::List(_) | Self::Table(_) => None,
            Self::Text(text) => Some(text.trim().to_owned()),
            single => Some(single.to_string()),
        }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => {
                let texts: Vec<_> = list.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", texts.join(", "))
            }
            Self::Table(table) => {
                let entries: Vec<_> = table
                    .iter()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}
