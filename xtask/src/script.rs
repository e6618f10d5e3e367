//! TypeScript and JavaScript as the checks see them: without comments, and without what is inside strings.

use std::path::Path;

/// What hides a fault instead of repairing it: calls that leave tests out, and a halt for a debugger.
const HIDING: [&str; 4] = [".only(", ".skip(", ".todo(", "debugger;"];
/// The same in comments, for the compiler.
const SILENCING: [&str; 2] = ["@ts-ignore", "@ts-nocheck"];

/// Whether a file is a script, by its ending.
pub(crate) fn is_script(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| matches!(ending, "ts" | "tsx" | "mts" | "js" | "mjs"))
}

/// Lines that hold code.
pub(crate) fn code_lines(text: &str) -> usize {
    let holds_code = |line: &&str| !line.trim().is_empty();
    mask(text).lines().filter(holds_code).count()
}

/// What a script hides, each with the number of its line.
pub(crate) fn hidden(text: &str) -> Vec<(usize, &'static str)> {
    let masked = mask(text);
    let code = HIDING.iter().map(|word| (*word, masked.as_str()));
    let comments = SILENCING.iter().map(|word| (*word, text));
    let find = |(word, text): (&'static str, &str)| {
        let offset = text.find(word)?;
        Some((text[..offset].matches('\n').count() + 1, word))
    };
    code.chain(comments).filter_map(find).collect()
}

/// Replaces comments by blanks and the inside of strings by `"`; lines stay where they are.
fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, with) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), ' '),
            '/' if rest.starts_with("/*") => {
                (rest.find("*/").map_or(rest.len(), |end| end + 2), ' ')
            }
            '"' | '\'' | '`' => (quoted(rest, first), '"'),
            _ => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        out.extend(
            rest[..length]
                .chars()
                .map(|c| if c == '\n' { c } else { with }),
        );
        rest = &rest[length..];
    }
    out
}

/// The length of a string with its quotes. One that is not a template ends with its line at the latest: the quote was of a pattern.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return offset,
            c if c == quote => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_code_and_strings_are() {
        let text =
            "/** Says\n * it. */\nconst a = 'http://b'; // why\n\n// c\nconst d = `\n// e\n`;\n";
        assert_eq!(code_lines(text), 4);
    }

    #[test]
    fn a_quote_in_a_pattern_ends_with_its_line() {
        assert_eq!(code_lines("a.split(/'/);\n// b\nc();\n"), 2);
    }

    #[test]
    fn what_hides_a_fault_is_found_with_its_line() {
        assert_eq!(hidden("a();\nit.skip('b', c);\n"), [(2, ".skip(")]);
        assert_eq!(hidden("// @ts-ignore\na.b = 1;\n"), [(1, "@ts-ignore")]);
        assert_eq!(hidden("// it.skip( is not for us\na('.only(');\n"), []);
    }

    #[test]
    fn scripts_are_told_by_their_ending() {
        assert!(is_script(Path::new("src/client.ts")));
        assert!(is_script(Path::new("src/react.tsx")));
        assert!(!is_script(Path::new("src/client.rs")));
    }
}
