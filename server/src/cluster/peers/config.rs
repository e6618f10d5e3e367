//! When a server is avoided.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

/// When a server that does not answer gets no further calls, and when it is tried again.
///
/// A server that is known to be gone is ejected at once. One that is silent (calls to it run into their time limits, or their answers are lost) is
/// ejected after several of them in a row; any answer, an error too, begins the count again. An ejected server gets a single call after
/// a wait; if that is answered the server is admitted again, if not the wait doubles. One that discovery shows anew is admitted at once.
/// While all servers of a type are ejected, each of them is tried after the first wait, however long its own has become.
///
/// In a configuration file durations are written as `1s`; what is left out keeps its default, an unknown field is an error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EjectionConfig {
    /// Calls in a row without an answer after which a silent server is ejected; `None` never ejects one. Default 5: one slow method or one
    /// lost answer is none, and a server that hangs costs each frontend five requests.
    pub silent_calls: Option<NonZeroU32>,
    /// A call that gave the server less time than this says nothing when it runs out. Default 1 s: what a handler asks of others near the end of its
    /// own deadline runs out at any server. Where all calls get less, lower it too, or no silent server is ever ejected.
    #[serde(with = "humantime_serde")]
    pub shortest_timeout: Duration,
    /// How many of the servers of a type, in percent, may be out when a silent one is ejected. Default 50: where most servers seem silent it is
    /// load or the way to them, and to send everything to the few that are left would only make it worse. A type's only server is never
    /// ejected for silence. Servers that are known to be gone are ejected whatever this says, and count.
    pub silent_percent: u8,
    /// The longest first wait. Default 1 s: a server that comes back is in use within a second. Each wait is drawn between half of it and all of
    /// it, so that frontends do not try together.
    #[serde(with = "humantime_serde")]
    pub first_wait: Duration,
    /// The longest wait. Default 30 s: half of the time for which a crashed server stays entered in etcd (wire 19), so that it costs a handful of
    /// requests.
    #[serde(with = "humantime_serde")]
    pub longest_wait: Duration,
}

impl Default for EjectionConfig {
    fn default() -> Self {
        Self {
            silent_calls: NonZeroU32::new(5),
            shortest_timeout: Duration::from_secs(1),
            silent_percent: 50,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
        }
    }
}

impl EjectionConfig {
    /// The longest wait after this many trials that failed.
    pub(super) fn wait(&self, failed: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << failed.min(31));
        doubled.min(self.longest_wait.max(self.first_wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_overrides_only_what_it_names() {
        let read = |json| serde_json::from_str::<EjectionConfig>(json);
        let config = read(r#"{"silent_calls": 3, "first_wait": "250ms"}"#).expect("a config");
        let expected = EjectionConfig {
            silent_calls: NonZeroU32::new(3),
            first_wait: Duration::from_millis(250),
            ..EjectionConfig::default()
        };
        assert_eq!(config, expected);
        let off = read(r#"{"silent_calls": null}"#).expect("off");
        assert_eq!(off.silent_calls, None);
        assert!(read(r#"{"silent_calls": 0}"#).is_err());
        assert!(read(r#"{"silent": 3}"#).is_err());
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let config = EjectionConfig::default();
        let waits = [0, 1, 2, 3, 4, 5, 6, u32::MAX].map(|failed| config.wait(failed).as_secs());
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        let odd = EjectionConfig {
            first_wait: Duration::from_secs(40),
            ..config
        };
        assert_eq!(odd.wait(0), Duration::from_secs(40));
    }
}
