//! Reading and showing settings by their types.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use pitaya_server::SlowConsumer;

use crate::given::Given;
use crate::routing::Routing;
use crate::settings::{Bus, LogFormat, LogLevel, Secret, Serialization};
use crate::time;
use crate::word::Word;

/// How a setting is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As TOML.
    Value(String),
    /// There is none.
    Unset,
    /// There is one, which is nobody's business.
    Hidden,
}

/// A setting, whatever its type.
pub(crate) trait Setting {
    /// Takes what is given, or says what is wrong with it: the end of a sentence that begins with the value.
    fn read(&mut self, given: &Given) -> Result<(), String>;
    fn show(&self) -> Shown;
    /// Whether its value must not be repeated, not even in an error.
    fn is_secret(&self) -> bool;
}

/// A type of settings.
pub(crate) trait Value: Sized {
    const SECRET: bool = false;
    fn of(given: &Given) -> Result<Self, String>;
    fn shown(&self) -> Shown;
}

impl<T: Value> Setting for T {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        *self = T::of(given)?;
        Ok(())
    }

    fn show(&self) -> Shown {
        self.shown()
    }

    fn is_secret(&self) -> bool {
        T::SECRET
    }
}

impl Value for bool {
    fn of(given: &Given) -> Result<Self, String> {
        // The words that Go takes, and those of older YAML.
        match given.text().unwrap_or_default().to_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "on" => Ok(true),
            "false" | "f" | "0" | "no" | "off" => Ok(false),
            _ => Err("is neither true nor false".to_owned()),
        }
    }

    fn shown(&self) -> Shown {
        Shown::Value(self.to_string())
    }
}

fn number<T: FromStr>(given: &Given, what: &str) -> Result<T, String> {
    let text = given.text().unwrap_or_default();
    text.parse().map_err(|_| format!("is no {what}"))
}

/// Numbers, with the words that say what they may be.
macro_rules! numbers {
    ($($kind:ty: $what:literal,)*) => {$(
        impl Value for $kind {
            fn of(given: &Given) -> Result<Self, String> {
                number(given, $what)
            }

            fn shown(&self) -> Shown {
                Shown::Value(self.to_string())
            }
        }
    )*};
}

numbers! {
    u8: "whole number from 0 to 255",
    u16: "port (0 to 65535)",
    u32: "whole number from 0 up",
    usize: "whole number from 0 up",
    NonZeroU32: "whole number from 1 up",
}

impl Value for Duration {
    fn of(given: &Given) -> Result<Self, String> {
        time::parse(&given.text().unwrap_or_default())
    }

    fn shown(&self) -> Shown {
        Shown::Value(quoted(&time::format(*self)))
    }
}

impl Value for String {
    fn of(given: &Given) -> Result<Self, String> {
        given.text().ok_or_else(|| "is no text".to_owned())
    }

    fn shown(&self) -> Shown {
        Shown::Value(quoted(self))
    }
}

impl Value for PathBuf {
    fn of(given: &Given) -> Result<Self, String> {
        String::of(given).map(Self::from)
    }

    fn shown(&self) -> Shown {
        Shown::Value(quoted(&self.display().to_string()))
    }
}

impl Value for IpAddr {
    fn of(given: &Given) -> Result<Self, String> {
        number(given, "IP address")
    }

    fn shown(&self) -> Shown {
        Shown::Value(quoted(&self.to_string()))
    }
}

impl Value for Secret {
    const SECRET: bool = true;

    fn of(given: &Given) -> Result<Self, String> {
        String::of(given).map(Self::new)
    }

    fn shown(&self) -> Shown {
        if self.is_empty() {
            Shown::Unset
        } else {
            Shown::Hidden
        }
    }
}

/// `off`, or an empty text, is none.
impl<T: Value> Value for Option<T> {
    const SECRET: bool = T::SECRET;

    fn of(given: &Given) -> Result<Self, String> {
        let text = given.text();
        if matches!(given, Given::Flag(false))
            || text.is_some_and(|text| text.is_empty() || text == "off")
        {
            return Ok(None);
        }
        T::of(given).map(Some)
    }

    fn shown(&self) -> Shown {
        self.as_ref().map_or(Shown::Unset, T::shown)
    }
}

/// A list, or one text with commas.
impl Value for Vec<String> {
    fn of(given: &Given) -> Result<Self, String> {
        if let Given::List(list) = given {
            return list.iter().map(String::of).collect();
        }
        let text = String::of(given).map_err(|_| "is no list of texts".to_owned())?;
        let parts = text.split(',').map(str::trim);
        Ok(parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect())
    }

    fn shown(&self) -> Shown {
        let texts: Self = self
            .iter()
            .map(|text| quoted(&without_password(text)))
            .collect();
        Shown::Value(format!("[{}]", texts.join(", ")))
    }
}

impl Value for BTreeSet<String> {
    fn of(given: &Given) -> Result<Self, String> {
        Vec::of(given).map(|list| list.into_iter().collect())
    }

    fn shown(&self) -> Shown {
        self.iter().cloned().collect::<Vec<_>>().shown()
    }
}

/// A table, or one text: `key=value,key=value`.
impl<T: Value> Value for BTreeMap<String, T> {
    fn of(given: &Given) -> Result<Self, String> {
        if let Given::Table(entries) = given {
            let entry = |(key, value): &(String, Given)| {
                let value = T::of(value).map_err(|why| format!("does not fit: `{key}` {why}"))?;
                Ok((key.clone(), value))
            };
            return entries.iter().map(entry).collect();
        }
        let parts = Vec::of(given).map_err(|_| "is no table".to_owned())?;
        let entry = |part: String| {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| "is not written as key=value,key=value".to_owned())?;
            let value = T::of(&Given::Text(value.to_owned()));
            let value = value.map_err(|why| format!("does not fit: `{key}` {why}"))?;
            Ok((key.trim().to_owned(), value))
        };
        parts.into_iter().map(entry).collect()
    }

    fn shown(&self) -> Shown {
        let entries: Vec<_> = self
            .iter()
            .filter_map(|(key, value)| match value.shown() {
                Shown::Value(value) => Some(format!("{} = {value}", quoted(key))),
                Shown::Unset | Shown::Hidden => None,
            })
            .collect();
        Shown::Value(match entries.len() {
            0 => "{}".to_owned(),
            _ => format!("{{ {} }}", entries.join(", ")),
        })
    }
}

macro_rules! words {
    ($($kind:ty: $($name:literal = $value:expr,)*;)*) => {$(
        impl Word for $kind {
            const NAMES: &'static [(&'static str, Self)] = &[$(($name, $value)),*];
        }

        impl Value for $kind {
            fn of(given: &Given) -> Result<Self, String> {
                <Self as Word>::of(given)
            }

            fn shown(&self) -> Shown {
                Shown::Value(quoted(self.name()))
            }
        }
    )*};
}

words! {
    Bus: "nats" = Self::Nats, "grpc" = Self::Grpc,;
    // Go's numbers.
    Serialization: "json" = Self::Json, "protobuf" = Self::Protobuf, "1" = Self::Json, "2" = Self::Protobuf,;
    SlowConsumer: "disconnect" = Self::Disconnect, "drop_pushes" = Self::DropPushes,;
    Routing: "random" = Self::Random, "round-robin" = Self::RoundRobin, "least-in-flight" = Self::LeastInFlight,
        "consistent-hash" = Self::ConsistentHash, "sticky" = Self::Sticky,;
    LogLevel: "off" = Self::Off, "error" = Self::Error, "warn" = Self::Warn, "info" = Self::Info, "debug" = Self::Debug,
        "trace" = Self::Trace,;
    LogFormat: "text" = Self::Text, "json" = Self::Json,;
}

/// As TOML, whose texts in quotes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A URL as it can be shown: what stands before the host may hold a password or a token.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => text.to_owned(),
    }
}
