//! The README shows the code of the examples that are compiled with the tests, and its links lead somewhere.

use std::path::Path;

const README: &str = include_str!("../../../README.md");

/// The blocks of Rust, without their fences.
fn blocks() -> Vec<&'static str> {
    let fenced = README.split("```rust\n").skip(1);
    fenced.filter_map(|rest| rest.split("```").next()).collect()
}

/// What stands between an example's marks.
fn anchored(example: &'static str) -> &'static str {
    let after = example.split_once("// ANCHOR: ").expect("an anchor").1;
    let inside = after.split_once('\n').expect("a line").1;
    inside.split_once("// ANCHOR_END").expect("its end").0
}

#[test]
fn its_code_is_compiled_code() {
    let examples = [
        include_str!("../examples/readme_server.rs"),
        include_str!("../examples/readme_client.rs"),
    ];
    assert_eq!(blocks(), examples.map(anchored));
}

#[test]
fn its_links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        let text = std::fs::read_to_string(root.join(name)).expect("the page is there");
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if !link.starts_with("http") {
                let path = link.split('#').next().unwrap_or_default();
                assert!(root.join(path).exists(), "{name}: `{link}` leads nowhere");
            }
        }
    }
}
