//! What a pure crate may not even spell: clocks, sockets, files, threads, async, platforms.

use crate::source::Source;

/// Modules of the standard library that reach outside, and types that read a clock.
const PATHS: [&str; 8] = [
    "std::time::Instant",
    "std::time::SystemTime",
    "std::net",
    "std::thread",
    "std::fs",
    "std::env",
    "std::process",
    "std::os",
];

/// Words that need a runtime.
const WORDS: [&str; 4] = ["tokio", "async", "await", "async_trait"];

/// Conditions that would make a crate differ between platforms.
const CONDITIONS: [&str; 9] = [
    "unix",
    "windows",
    "target_os",
    "target_arch",
    "target_family",
    "target_pointer_width",
    "target_env",
    "target_vendor",
    "target_endian",
];

/// Everything in a file of a pure crate that does not belong there.
pub(super) fn faults(file: &str, text: &str) -> Vec<String> {
    let source = Source::new(text).without_tests();
    let mut faults = Vec::new();
    for (line, path) in source.paths() {
        let rooted = path
            .strip_prefix("core::")
            .map_or_else(|| path.clone(), |rest| format!("std::{rest}"));
        let reaches_out = PATHS.iter().any(|forbidden| {
            rooted == *forbidden
                || rooted
                    .strip_prefix(forbidden)
                    .is_some_and(|rest| rest.starts_with("::"))
        });
        // A module imported whole, and then `time::Instant`, would slip past the full path.
        let by_module = path.starts_with("time::Instant") || path.starts_with("time::SystemTime");
        let word = path.split("::").any(|part| WORDS.contains(&part));
        if reaches_out || by_module || word {
            faults.push(format!(
                "{file}:{line}: `{path}` in a crate that must stay pure"
            ));
        }
    }
    faults.extend(platform_conditions(file, &source));
    faults
}

fn platform_conditions(file: &str, source: &Source) -> Vec<String> {
    let text = source.text();
    let mut faults = Vec::new();
    for opening in ["cfg(", "cfg!(", "cfg_attr("] {
        for (offset, _) in text.match_indices(opening) {
            let inside = balanced(&text[offset + opening.len()..]);
            let words = inside.split(|c: char| !c.is_alphanumeric() && c != '_');
            for word in words.filter(|word| CONDITIONS.contains(word)) {
                let line = source.line_of(offset);
                faults.push(format!(
                    "{file}:{line}: `cfg({word})` in a crate that is the same everywhere"
                ));
            }
        }
    }
    faults
}

/// The text up to the parenthesis that closes.
fn balanced(text: &str) -> &str {
    let mut depth = 1;
    for (offset, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..offset];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn red(text: &str) {
        assert!(!faults("protocol/src/sample.rs", text).is_empty(), "{text}");
    }

    #[track_caller]
    fn green(text: &str) {
        assert_eq!(faults("protocol/src/sample.rs", text), Vec::<String>::new());
    }

    #[test]
    fn clocks_sockets_and_threads_go_red() {
        red("use std::time::Instant;");
        red("use std::{collections::HashMap, time::{Duration, SystemTime}};");
        red("use std::time;\nfn now() { time::Instant::now(); }");
        red("use std::net::SocketAddr;");
        red("fn a() { std::thread::sleep(x); }");
        red("fn a() { let home = std::env::var(\"HOME\"); }");
    }

    #[test]
    fn async_goes_red() {
        red("use tokio::sync::mpsc;");
        red("pub async fn read() {}");
        red("fn a() { b(async move { 1 }) }");
        red("x.await;");
    }

    #[test]
    fn platforms_go_red() {
        red("#[cfg(unix)]\nfn a() {}");
        red("#[cfg(any(feature = \"json\", target_os = \"linux\"))]\nfn a() {}");
        red("fn a() { if cfg!(target_arch = \"wasm32\") {} }");
        red("#[cfg_attr(windows, path = \"a.rs\")]\nmod a;");
    }

    #[test]
    fn pure_code_is_green() {
        green(
            "use std::{borrow::Cow, time::Duration};\n#[cfg(feature = \"json\")]\nmod handshake;\n",
        );
        green("//! No `std::time::Instant` here, and no async fn.\nfn a() { b(\"tokio\") }");
        green("#[cfg(test)]\nmod tests { use std::time::Instant; }");
    }

    #[test]
    fn a_finding_names_its_line() {
        assert_eq!(
            faults("a.rs", "use std::fmt;\n\nuse std::net::IpAddr;"),
            ["a.rs:3: `std::net::IpAddr` in a crate that must stay pure"]
        );
    }
}
