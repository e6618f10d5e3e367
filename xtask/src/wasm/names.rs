//! Short names between a module and its JavaScript: those of wasm-bindgen carry hashes, which a page would download twice.

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// The one module that imports come from.
const HOST: &str = "\"./client_bg.js\":";
/// What binaryen calls it.
const SHORT_HOST: &str = "a:";
/// How the JavaScript reaches an export.
const EXPORT: &str = "wasm.";

/// Puts the names that binaryen gave into the JavaScript. `table` is what its pass `minify-imports-and-exports-and-modules` prints.
pub(super) fn shorten(javascript: &Path, table: &str) -> Result<()> {
    let text = std::fs::read_to_string(javascript)
        .with_context(|| format!("cannot read {}", javascript.display()))?;
    let text = renamed(&text, table).with_context(|| javascript.display().to_string())?;
    std::fs::write(javascript, text)
        .with_context(|| format!("cannot write {}", javascript.display()))
}

fn renamed(javascript: &str, table: &str) -> Result<String> {
    let table: Value = serde_json::from_str(table).context("binaryen printed no table of names")?;
    let mut text = exactly_once(javascript, HOST, SHORT_HOST)?;
    for [long, short] in names(&table["imports"])? {
        text = exactly_once(&text, &format!(" {long}:"), &format!(" {short}:"))?;
    }
    let exports: HashMap<_, _> = names(&table["exports"])?
        .into_iter()
        .map(From::from)
        .collect();
    let mut parts = text.split(EXPORT);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        out.extend([EXPORT, exports.get(name).copied().unwrap_or(name), rest]);
    }
    Ok(out)
}

/// The last two columns of a table: the long name and the short one.
fn names(rows: &Value) -> Result<Vec<[&str; 2]>> {
    let rows = rows
        .as_array()
        .context("the table of names has another form")?;
    let columns = rows.iter().map(|row| {
        let row = row.as_array()?;
        let [long, short] = row.last_chunk()?;
        Some([long.as_str()?, short.as_str()?])
    });
    columns
        .collect::<Option<_>>()
        .context("a name in the table is none")
}

/// Replaces a text that has to stand there once: anything else would be another wasm-bindgen than this file knows.
fn exactly_once(text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        count => bail!("`{from}` stands there {count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"{"imports": [["./client_bg.js", "__wbg_send_d83d", "a"]], "exports": [["call", "b"], ["a", "c"]]}"#;

    #[test]
    fn imports_and_exports_are_renamed_in_one_go() {
        let text = "wasm.call(wasm.a, wasm.caller); import0 = { __wbg_send_d83d: f }; ({ \"./client_bg.js\": import0 })";
        assert_eq!(
            renamed(text, TABLE).expect("names"),
            "wasm.b(wasm.c, wasm.caller); import0 = { a: f }; ({ a: import0 })"
        );
    }

    #[test]
    fn javascript_of_another_form_is_an_error() {
        for text in ["", "({ \"./client_bg.js\": import0 })"] {
            assert!(renamed(text, TABLE).is_err(), "{text}");
        }
        assert!(renamed("", "no table").is_err());
    }
}
