//! A configuration that was read: the settings, and where each comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use pitaya_server::LimitsError;

use crate::keys::keys;
use crate::settings::Settings;
use crate::value::Shown;

/// Settings that fit together.
#[derive(Debug, Clone)]
pub struct Configuration {
    settings: Settings,
    origins: BTreeMap<&'static str, Origin>,
    warnings: Vec<Warning>,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The key as the file has it.
        spelled: String,
    },
    /// In a variable.
    Variable(String),
    /// On the command line, in this spelling.
    CommandLine(String),
}

/// Something that is not used as it stands, and does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(String);

impl Configuration {
    pub(crate) const fn new(
        settings: Settings,
        origins: BTreeMap<&'static str, Origin>,
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            settings,
            origins,
            warnings,
        }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What was found and is not used.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Where a value comes from, by our name of its key; `None` for a default.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.origins.get(key)
    }

    pub(crate) fn complain(&self, key: &str, why: &str) -> String {
        let shown = keys().find(|known| known.name() == key).map(|known| {
            let mut settings = self.settings.clone();
            known.of(&mut settings).show()
        });
        let value = match shown {
            Some(Shown::Value(value)) => value,
            Some(Shown::Hidden) => "***".to_owned(),
            Some(Shown::Unset) | None => "unset".to_owned(),
        };
        match self.origins.get(key) {
            Some(origin) => origin.complain(key, &value, why),
            None => format!("by default: {key} = {value} {why}"),
        }
    }
}

/// A TOML file with all settings, each with where it comes from. Secrets are left out.
impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = self.settings.clone();
        for key in keys() {
            let name = key.name();
            let origin = self.origins.get(name);
            let origin = origin.map_or_else(|| "default".to_owned(), ToString::to_string);
            match key.of(&mut settings).show() {
                Shown::Value(value) => writeln!(f, "{name} = {value} # {origin}")?,
                // What is on by default has to be said to be off.
                Shown::Unset if key.default().is_some() => {
                    writeln!(f, "{name} = \"off\" # {origin}")?
                }
                Shown::Unset => writeln!(f, "# {name} is not set")?,
                Shown::Hidden => writeln!(f, "# {name} is set and not shown: {origin}")?,
            }
        }
        Ok(())
    }
}

impl Origin {
    /// What is wrong with a value that stands there.
    pub(crate) fn complain(&self, key: &str, value: &str, why: &str) -> String {
        match self {
            Self::File { path, spelled } => {
                format!("{}: {spelled} = {value} {why}", path.display())
            }
            Self::Variable(name) => format!("{name}: {key} = {value} {why}"),
            Self::CommandLine(spelled) => format!("--set: {spelled} = {value} {why}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, spelled } => write!(f, "{} in {}", spelled, path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::CommandLine(spelled) => write!(f, "{spelled} of --set"),
        }
    }
}

impl Warning {
    pub(crate) fn ignored(origin: &Origin, instead: &str) -> Self {
        Self(format!("{origin} is ignored: {instead}"))
    }

    pub(crate) fn unknown(origin: &Origin) -> Self {
        Self(format!(
            "{origin} is ignored: neither the gate nor Go Pitaya has such a setting; `pitaya-gate --defaults` lists the gate's"
        ))
    }

    pub(crate) fn overridden(origin: &Origin, by: &Origin) -> Self {
        Self(format!("{origin} is ignored: {by} says something else"))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What does not fit together: a key, and the end of a sentence that begins with its value.
pub(crate) fn check(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut fault = |key, why: String| faults.push((key, why));
    let server = &settings.server;
    if server.heartbeat.as_secs() == 0 || server.heartbeat.subsec_nanos() != 0 {
        fault(
            "gate.heartbeat",
            "is no whole number of seconds, at least one, and clients understand nothing else"
                .into(),
        );
    }
    if server.server_type.trim().is_empty() || server.server_type.contains('.') {
        fault("gate.type", "cannot be the first part of a route".into());
    }
    if settings.rate.interval.is_zero() {
        fault(
            "gate.rate.interval",
            "is no time in which anything could be sent".into(),
        );
    }
    if settings.rate.limit == Some(0) {
        fault(
            "gate.rate.limit",
            "lets nothing through; `off` is no limit".into(),
        );
    }
    for (key, time) in [
        ("gate.etcd.lease_ttl", settings.etcd.lease_ttl),
        ("gate.bindings.ttl", settings.bindings.ttl),
    ] {
        if time.as_secs() < 2 || time.subsec_nanos() != 0 {
            fault(
                key,
                "is no whole number of seconds, at least two, which etcd needs".into(),
            );
        }
    }
    if let Err(error) = server.limits.check() {
        fault(limit(&error), format!("does not work: {error}"));
    }
    let listen = &settings.listen;
    let places = [
        ("gate.listen.tcp", &listen.tcp),
        ("gate.listen.tls", &listen.tls),
        ("gate.listen.ws", &listen.ws),
        ("gate.listen.wss", &listen.wss),
    ];
    if places.iter().all(|(_, addresses)| addresses.is_empty()) {
        fault(
            "gate.listen.tcp",
            "is no address, and neither are gate.listen.tls, ws and wss: nobody could connect"
                .into(),
        );
    }
    let health: Vec<_> = listen.health.iter().cloned().collect();
    for (key, addresses) in places.into_iter().chain([("gate.health", &health)]) {
        if let Some(address) = addresses.iter().find(|address| !is_address(address)) {
            fault(
                key,
                format!("does not fit: {address} is not written as host:port"),
            );
        }
    }
    if !(listen.tls.is_empty() && listen.wss.is_empty()) {
        for (key, file) in [
            ("gate.tls.certificate", &listen.certificate),
            ("gate.tls.key", &listen.key),
        ] {
            if file.is_none() {
                fault(
                    key,
                    "does not do: gate.listen.tls and wss need a certificate and its key".into(),
                );
            }
        }
    }
    faults
}

/// The key of the limit that is at fault.
fn limit(error: &LimitsError) -> &'static str {
    let field = match error {
        LimitsError::Zero { field } => field,
        LimitsError::Order { smaller, .. } => smaller,
        _ => "packet_bytes",
    };
    let name = format!("gate.limits.{field}");
    keys()
        .map(crate::keys::Key::name)
        .find(|key| *key == name)
        .unwrap_or("gate.limits.packet_bytes")
}

fn is_address(text: &str) -> bool {
    text.rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}
