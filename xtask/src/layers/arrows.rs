//! Which crate of the workspace may depend on which: an arrow only ever points up the picture.

use cargo_metadata::{DependencyKind, Metadata};

/// The picture: a library and what it may know, outside of tests.
const PICTURE: [(&str, &[&str]); 7] = [
    ("pitaya-protocol", &[]),
    ("pitaya-client-core", &["pitaya-protocol"]),
    ("pitaya-server-macros", &[]),
    (
        "pitaya-server",
        &["pitaya-protocol", "pitaya-server-macros"],
    ),
    ("pitaya-client", &["pitaya-protocol", "pitaya-client-core"]),
    (
        "pitaya-client-wasm",
        &["pitaya-protocol", "pitaya-client-core"],
    ),
    (
        "pitaya-client-ffi",
        &["pitaya-protocol", "pitaya-client-core", "pitaya-client"],
    ),
];

/// What stands around the libraries: it may use them, and no library may use it, tests excepted.
const AROUND: [&str; 10] = [
    "pitaya-engines",
    "pitaya-conformance",
    "pitaya-gate",
    "chat",
    "chat-cluster",
    "embed-axum",
    "pitaya-bench",
    "pitaya-trials",
    "docs-snippets",
    "xtask",
];

/// `from` depends on `to`, both being packages of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: Option<String>,
}

/// The arrows that are drawn: every package once on its own, and once for each dependency.
pub(super) fn from_metadata(metadata: &Metadata) -> Vec<Arrow> {
    let packages = metadata.workspace_packages();
    let mut arrows = Vec::new();
    for package in &packages {
        arrows.push(Arrow {
            from: package.name.to_string(),
            to: None,
        });
        for dependency in &package.dependencies {
            let known = packages
                .iter()
                .any(|other| other.name.as_str() == dependency.name);
            if known && dependency.kind != DependencyKind::Development {
                arrows.push(Arrow {
                    from: package.name.to_string(),
                    to: Some(dependency.name.clone()),
                });
            }
        }
    }
    arrows
}

/// Arrows that the picture does not have.
pub(super) fn faults(arrows: &[Arrow]) -> Vec<String> {
    arrows.iter().filter_map(fault).collect()
}

fn fault(arrow: &Arrow) -> Option<String> {
    let Arrow { from, to } = arrow;
    let allowed = PICTURE
        .iter()
        .find(|(name, _)| name == from)
        .map(|(_, allowed)| *allowed);
    let around = AROUND.contains(&from.as_str());
    match (allowed, to) {
        (None, None) if !around => Some(format!(
            "{from}: is not in the picture of the layers; say where it stands"
        )),
        (Some(allowed), Some(to)) if !allowed.contains(&to.as_str()) => Some(format!(
            "{from} depends on {to}: that arrow does not point up"
        )),
        (None, Some(to)) if to == "xtask" => Some(format!("{from} depends on {to}: it is a tool")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: &str, to: &str) -> Arrow {
        Arrow {
            from: from.to_owned(),
            to: Some(to.to_owned()),
        }
    }

    #[test]
    fn arrows_of_the_picture_are_fine() {
        let arrows = [
            arrow("pitaya-server", "pitaya-protocol"),
            arrow("pitaya-client", "pitaya-client-core"),
            arrow("chat", "pitaya-server"),
            arrow("chat", "pitaya-client"),
            Arrow {
                from: "xtask".to_owned(),
                to: None,
            },
        ];
        assert_eq!(faults(&arrows), Vec::<String>::new());
    }

    #[test]
    fn a_server_that_knows_a_client_goes_red() {
        for client in ["pitaya-client", "pitaya-client-core"] {
            assert_eq!(
                faults(&[arrow("pitaya-server", client)]),
                [format!(
                    "pitaya-server depends on {client}: that arrow does not point up"
                )]
            );
        }
    }

    #[test]
    fn arrows_downwards_and_sideways_go_red() {
        let arrows = [
            arrow("pitaya-protocol", "pitaya-client-core"),
            arrow("pitaya-client", "pitaya-server"),
            arrow("pitaya-server", "pitaya-conformance"),
            arrow("chat", "xtask"),
        ];
        assert_eq!(faults(&arrows).len(), arrows.len());
    }

    #[test]
    fn a_crate_without_a_place_goes_red() {
        let found = faults(&[Arrow {
            from: "pitaya-extras".to_owned(),
            to: None,
        }]);
        assert_eq!(found.len(), 1);
    }
}
