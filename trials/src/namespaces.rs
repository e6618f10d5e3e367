//! Two network namespaces and the link between them, which can be cut.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// The near end of the link. Nobody else sees these addresses.
pub(crate) const NEAR: &str = "10.77.0.1";
/// The far end.
pub(crate) const FAR: &str = "10.77.0.2";
/// The name of the link in both namespaces.
const LINK: &str = "wire";
const NEAR_MAC: &str = "02:00:00:00:00:01";
const FAR_MAC: &str = "02:00:00:00:00:02";
/// Packets for it are nobody's: they are dropped on arrival, and nobody is told.
const NOBODYS_MAC: &str = "02:00:00:00:00:03";

/// Which packets are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Those to the far end.
    There,
    /// Those from the far end.
    Back,
    /// All.
    Both,
}

/// Two namespaces with a link. They are removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Namespaces {
    near: String,
    far: String,
}

impl Namespaces {
    /// Makes them and moves this thread, and so all that it starts from now on, to the near one.
    ///
    /// # Errors
    ///
    /// When this is not root, there is no `ip`, or the system does not let namespaces be made.
    pub(crate) fn enter() -> Result<Self> {
        let id = std::process::id();
        let both = Self {
            near: format!("pitaya-{id}-near"),
            far: format!("pitaya-{id}-far"),
        };
        let (near, far) = (both.near.as_str(), both.far.as_str());
        for name in [near, far] {
            ip(&["netns", "add", name]).context(
                "no network namespace can be made: it takes Linux, root, and the package iproute2",
            )?;
            ip(&["-n", name, "link", "set", "lo", "up"])?;
        }
        let link = [
            "link", "add", "name", LINK, "address", NEAR_MAC, "netns", near,
        ];
        let peer = ["peer", "name", LINK, "address", FAR_MAC, "netns", far];
        ip(&[&link[..], &["type", "veth"], &peer].concat())?;
        for (name, address) in [(near, NEAR), (far, FAR)] {
            let address = format!("{address}/24");
            ip(&["-n", name, "address", "add", &address, "dev", LINK])?;
            ip(&["-n", name, "link", "set", LINK, "up"])?;
        }
        both.heal()?;
        let file = File::open(format!("/run/netns/{near}")).context("the namespace has no file")?;
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .context("the namespace cannot be entered")?;
        Ok(both)
    }

    /// The name of the far one.
    pub(crate) fn far(&self) -> &str {
        &self.far
    }

    /// Loses packets from now on.
    pub(crate) fn cut(&self, cut: Cut) -> Result<()> {
        if cut != Cut::Back {
            neighbour(&self.near, FAR, NOBODYS_MAC)?;
        }
        if cut != Cut::There {
            neighbour(&self.far, NEAR, NOBODYS_MAC)?;
        }
        Ok(())
    }

    /// Loses none any more.
    pub(crate) fn heal(&self) -> Result<()> {
        neighbour(&self.near, FAR, FAR_MAC)?;
        neighbour(&self.far, NEAR, NEAR_MAC)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in [&self.near, &self.far] {
            // One that was not made cannot be removed.
            let _ = ip(&["netns", "delete", name]);
        }
    }
}

/// Says to which card packets for an address go.
fn neighbour(namespace: &str, address: &str, mac: &str) -> Result<()> {
    let entry = ["neighbour", "replace", address, "lladdr", mac];
    ip(&[
        &["-n", namespace],
        &entry[..],
        &["dev", LINK, "nud", "permanent"],
    ]
    .concat())
}

fn ip(arguments: &[&str]) -> Result<()> {
    let ended = Command::new("ip").args(arguments).output();
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => bail!("ip cannot be run: {error}"),
    };
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(
        ended.status.success(),
        "ip {}: {}",
        arguments.join(" "),
        said.trim_end()
    );
    Ok(())
}
