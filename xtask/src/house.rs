//! House rules that a machine can check on any file.

use std::path::Path;

use crate::script;

/// What is wrong with a file under version control, one sentence each.
pub(crate) fn faults(path: &Path, bytes: &[u8]) -> Vec<String> {
    let shown = path.display();
    let mut faults = Vec::new();
    if has_vague_name(path) {
        faults.push(format!("{shown}: name the file by a noun of its content"));
    }
    if bytes.contains(&0) {
        faults.push(format!(
            "{shown}: a binary file; what can be built is not committed"
        ));
        return faults;
    }
    let text = String::from_utf8_lossy(bytes);
    // Put together, so that these rules do not find themselves.
    let generated = ["@", "generated"].concat();
    if text.lines().take(5).any(|line| line.contains(&generated)) && !path.ends_with("Cargo.lock") {
        faults.push(format!("{shown}: generated code is built, not committed"));
    }
    if path.extension().is_some_and(|extension| extension == "rs") {
        let masked = crate::source::Source::new(&text);
        for attribute in ["ignore", "allow(dead_code)"] {
            for open in ["#[", "#!["] {
                if let Some(offset) = masked.text().find(&format!("{open}{attribute}")) {
                    let line = masked.line_of(offset);
                    faults.push(format!(
                        "{shown}:{line}: `{attribute}` hides what should be repaired"
                    ));
                }
            }
        }
        for word in ["todo!", "unimplemented!", "dbg!"] {
            if let Some(offset) = masked.text().find(word) {
                faults.push(format!(
                    "{shown}:{}: `{word}` is left in",
                    masked.line_of(offset)
                ));
            }
        }
        if is_library(path) {
            let tested = masked.without_tests();
            if let Some(offset) = tested.text().find(".unwrap()") {
                let line = tested.line_of(offset);
                faults.push(format!(
                    "{shown}:{line}: `unwrap` in a library; `expect` states why it holds"
                ));
            }
        }
    }
    if script::is_script(path) {
        for (line, word) in script::hidden(&text) {
            faults.push(format!(
                "{shown}:{line}: `{word}` hides what should be repaired"
            ));
        }
    }
    faults
}

/// The sources of what users depend on, unit tests in files of their own excepted.
fn is_library(path: &Path) -> bool {
    let libraries = [
        "protocol/src",
        "client-core/src",
        "client-rust/src",
        "client-wasm/src",
        "server/src",
        "server/macros/src",
    ];
    let is_test = path
        .iter()
        .any(|part| part == "tests" || part == "tests.rs");
    !is_test && libraries.iter().any(|folder| path.starts_with(folder))
}

/// Names under which anything could hide.
fn has_vague_name(path: &Path) -> bool {
    let vague = ["utils", "util", "helpers", "helper", "misc", "common"];
    path.iter().any(|part| {
        let part = part.to_string_lossy();
        let stem = part.split('.').next().unwrap_or_default();
        vague.contains(&stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> usize {
        faults(Path::new(path), text.as_bytes()).len()
    }

    #[test]
    fn a_clean_file_has_no_fault() {
        assert_eq!(
            faults_of(
                "server/src/router.rs",
                "//! Finds the handler.\nfn find() {}\n"
            ),
            0
        );
    }

    #[test]
    fn each_rule_finds_its_sample() {
        assert_eq!(faults_of("server/src/utils.rs", ""), 1);
        assert_eq!(faults_of("server/src/utils/mod.rs", ""), 1);
        assert_eq!(faults_of("docs/picture.png", "a\0b"), 1);
        assert_eq!(
            faults_of("a.rs", &format!("// @{}\nfn a() {{}}\n", "generated")),
            1
        );
        assert_eq!(
            faults_of("a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n"),
            1
        );
        assert_eq!(faults_of("a.rs", "#[allow(dead_code)]\nfn a() {}\n"), 1);
        assert_eq!(faults_of("a.rs", "fn a() { todo!() }\n"), 1);
        assert_eq!(faults_of("server/src/a.rs", "fn a() { b.unwrap() }\n"), 1);
        assert_eq!(faults_of("tests/a.test.ts", "it.skip('a', b);\n"), 1);
    }

    #[test]
    fn words_in_comments_and_strings_are_no_fault() {
        assert_eq!(
            faults_of("a.rs", "// todo!() is not for us\nlet a = \"#[ignore]\";\n"),
            0
        );
    }
}
