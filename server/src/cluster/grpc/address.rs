//! Where a server is reached (wire 16).

use http::Uri;
use pitaya_protocol::cluster::{Member, keys};

use super::config::GrpcConfig;

/// A host and a port as a server's metadata have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) host: &'a str,
    pub(super) port: &'a str,
}

impl<'a> Address<'a> {
    /// Where a server of `region` reaches this one; `None` when it does not say.
    pub(super) fn of(member: &'a Member, region: &str) -> Option<Self> {
        let entry = |key| {
            let text = member.metadata.get(key).map(String::as_str);
            text.filter(|text| !text.is_empty())
        };
        let is_inside = entry(keys::REGION).is_some_and(|its| its == region);
        let (host, port) = match entry(keys::GRPC_EXTERNAL_HOST) {
            Some(external) if !is_inside => (external, keys::GRPC_EXTERNAL_PORT),
            _ => (entry(keys::GRPC_HOST)?, keys::GRPC_PORT),
        };
        Some(Self {
            host,
            port: entry(port)?,
        })
    }

    /// What DNS and the socket need.
    pub(super) fn socket(self) -> Option<(String, u16)> {
        let host = self.host.strip_prefix('[').unwrap_or(self.host);
        let host = host.strip_suffix(']').unwrap_or(host);
        Some((host.to_owned(), self.port.parse().ok()?))
    }

    /// What requests name as their target.
    pub(super) fn origin(self) -> Option<Uri> {
        let (host, port) = self.socket()?;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host
        };
        format!("http://{host}:{port}").parse().ok()
    }
}

/// Writes where this server is reached, as servers in Go say it.
pub(super) fn describe(me: &mut Member, config: &GrpcConfig, port: u16) {
    let mut say = |key: &str, text: String| {
        if !text.is_empty() {
            me.metadata.insert(key.to_owned(), text);
        }
    };
    say(keys::GRPC_HOST, config.host.clone());
    say(keys::GRPC_PORT, port.to_string());
    say(keys::REGION, config.region.clone());
    if !config.external_host.is_empty() {
        let port = config.external_port.unwrap_or(port);
        say(keys::GRPC_EXTERNAL_HOST, config.external_host.clone());
        say(keys::GRPC_EXTERNAL_PORT, port.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(entries: &[(&str, &str)]) -> Member {
        let mut member = Member::new("room", "r1");
        let entries = entries.iter();
        member.metadata = entries
            .map(|&(key, text)| (key.to_owned(), text.to_owned()))
            .collect();
        member
    }

    const INSIDE: [(&str, &str); 2] = [(keys::GRPC_HOST, "10.0.0.5"), (keys::GRPC_PORT, "3434")];
    const OUTSIDE: [(&str, &str); 2] = [
        (keys::GRPC_EXTERNAL_HOST, "eu.example"),
        (keys::GRPC_EXTERNAL_PORT, "4434"),
    ];

    #[test]
    fn regions_choose_between_the_addresses() {
        let host = |entries: &[&[(&str, &str)]], region: &str| {
            let member = member(&entries.concat());
            Address::of(&member, region)
                .map(|address| (address.host.to_owned(), address.port.to_owned()))
        };
        let inside = Some(("10.0.0.5".to_owned(), "3434".to_owned()));
        let outside = Some(("eu.example".to_owned(), "4434".to_owned()));
        let eu = [(keys::REGION, "eu")];

        assert_eq!(host(&[&INSIDE], "eu"), inside);
        assert_eq!(host(&[&INSIDE, &OUTSIDE], ""), outside);
        assert_eq!(host(&[&INSIDE, &OUTSIDE], "eu"), outside);
        assert_eq!(host(&[&INSIDE, &OUTSIDE, &eu], "eu"), inside);
        assert_eq!(host(&[&INSIDE, &OUTSIDE, &eu], "us"), outside);
        assert_eq!(host(&[&INSIDE, &eu], "us"), inside);
        assert_eq!(
            host(&[&INSIDE, &[(keys::GRPC_EXTERNAL_HOST, "")], &eu], "us"),
            inside
        );
        assert_eq!(host(&[], ""), None);
        assert_eq!(host(&[&INSIDE[..1]], ""), None);
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        let origin = |host, port| Address { host, port }.origin().map(|uri| uri.to_string());
        assert_eq!(origin("room", "1").as_deref(), Some("http://room:1/"));
        assert_eq!(origin("::1", "1").as_deref(), Some("http://[::1]:1/"));
        assert_eq!(origin("[::1]", "1").as_deref(), Some("http://[::1]:1/"));
        assert_eq!(origin("room", "seventy"), None);
        assert_eq!(origin("a b", "1"), None);
    }

    #[test]
    fn what_is_said_is_what_is_read() {
        let mut config = GrpcConfig {
            host: "10.0.0.5".to_owned(),
            ..GrpcConfig::default()
        };
        let mut me = Member::new("room", "r1");
        describe(&mut me, &config, 3434);
        assert_eq!(me.metadata, member(&INSIDE).metadata);

        config.external_host = "eu.example".to_owned();
        config.external_port = Some(4434);
        config.region = "eu".to_owned();
        describe(&mut me, &config, 3434);
        let all = [&INSIDE[..], &OUTSIDE, &[(keys::REGION, "eu")]].concat();
        assert_eq!(me.metadata, member(&all).metadata);
    }
}
