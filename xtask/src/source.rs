//! Rust source as the checks see it: without comments, without what is inside strings, without unit tests.

/// A source text in which comments are blank and the inside of strings is `"`.
///
/// Lines stay where they are, so that a finding can name its line.
#[derive(Debug)]
pub(crate) struct Source {
    masked: String,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        Self { masked: mask(text) }
    }

    /// The text, masked.
    pub(crate) fn text(&self) -> &str {
        &self.masked
    }

    /// Lines that hold code.
    pub(crate) fn code_lines(&self) -> usize {
        self.masked
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count()
    }

    /// The same source with every item under `#[cfg(test)]` blanked out.
    pub(crate) fn without_tests(mut self) -> Self {
        const ATTRIBUTE: &str = "#[cfg(test)]";
        let mut from = 0;
        while let Some(found) = self.masked[from..].find(ATTRIBUTE) {
            let start = from + found;
            let end = item_end(&self.masked, start + ATTRIBUTE.len());
            let blank: String = self.masked[start..end]
                .chars()
                .map(|character| if character == '\n' { '\n' } else { ' ' })
                .collect();
            let length = blank.len();
            self.masked.replace_range(start..end, &blank);
            from = start + length;
        }
        self
    }

    /// Every path in the text with the number of its line; `use` groups are spelled out.
    pub(crate) fn paths(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.masked);
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            at = path(&tokens, at, "", &mut paths);
        }
        paths
    }

    /// The number of the line that the byte at `offset` stands in.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.masked[..offset].matches('\n').count() + 1
    }
}

/// The end of the item that starts at `from`: behind its block, or behind its semicolon.
fn item_end(masked: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, character) in masked[from..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return from + offset + 1;
                }
            }
            ';' if depth == 0 => return from + offset + 1,
            _ => {}
        }
    }
    masked.len()
}

/// Replaces comments by blanks and the inside of strings by `"`.
fn mask(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match rest {
            ['/', '/', ..] => {
                let length = rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
                fill(&mut out, &rest[..length], ' ');
                length
            }
            ['/', '*', ..] => {
                let length = block_comment(rest);
                fill(&mut out, &rest[..length], ' ');
                length
            }
            ['"', ..] => {
                let length = quoted(rest);
                fill(&mut out, &rest[..length], '"');
                length
            }
            ['\'', '\\', ..] => {
                // The character behind the backslash may itself be a quote.
                let length = rest[3..]
                    .iter()
                    .position(|c| *c == '\'')
                    .map_or(rest.len(), |end| end + 4);
                fill(&mut out, &rest[..length], '"');
                length
            }
            ['\'', _, '\'', ..] => {
                out.push_str("\"\"\"");
                3
            }
            ['r', '"' | '#', ..] if !ends_in_word(&out) => {
                let length = raw(rest).unwrap_or(1);
                if length == 1 {
                    out.push('r');
                } else {
                    fill(&mut out, &rest[..length], '"');
                }
                length
            }
            [character, ..] => {
                out.push(*character);
                1
            }
            [] => break,
        };
        at += length;
    }
    out
}

/// Whether the text so far ends within a word that an `r` would only continue (`br` and `cr` open a raw string too).
fn ends_in_word(out: &str) -> bool {
    let word: String = out
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    !matches!(word.as_str(), "" | "b" | "c")
}

fn fill(out: &mut String, from: &[char], with: char) {
    out.extend(from.iter().map(|c| if *c == '\n' { '\n' } else { with }));
}

fn block_comment(text: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => {
                depth += 1;
                at += 2;
            }
            ['*', '/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn quoted(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a raw string that opens with its `r`; `None` for a raw identifier.
fn raw(text: &[char]) -> Option<usize> {
    let hashes = text[1..].iter().take_while(|c| **c == '#').count();
    if text.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let mut at = 2 + hashes;
    while at < text.len() {
        if text[at] == '"'
            && text[at + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes
        {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(text.len())
}

#[derive(Debug)]
enum Token<'a> {
    Word(&'a str),
    Joint,
    Open,
    Close,
    Comma,
    Other,
}

fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let mut length = character.len_utf8();
        match character {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => {
                let rest = &text[at..];
                length = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                tokens.push((line, Token::Word(&rest[..length])));
            }
            ':' if text[at..].starts_with("::") => {
                length = 2;
                tokens.push((line, Token::Joint));
            }
            '{' => tokens.push((line, Token::Open)),
            '}' => tokens.push((line, Token::Close)),
            ',' => tokens.push((line, Token::Comma)),
            _ => tokens.push((line, Token::Other)),
        }
        at += length;
    }
    tokens
}

/// Reads one path from `at` on and returns where the next one may start.
fn path(
    tokens: &[(usize, Token<'_>)],
    mut at: usize,
    prefix: &str,
    paths: &mut Vec<(usize, String)>,
) -> usize {
    let Some((line, Token::Word(word))) = tokens.get(at) else {
        return at + 1;
    };
    let mut text = format!("{prefix}{word}");
    at += 1;
    while let Some((_, Token::Joint)) = tokens.get(at) {
        match tokens.get(at + 1) {
            Some((_, Token::Word(word))) => {
                text.push_str("::");
                text.push_str(word);
                at += 2;
            }
            Some((_, Token::Open)) => {
                text.push_str("::");
                at += 2;
                loop {
                    match tokens.get(at) {
                        None => return at,
                        Some((_, Token::Close)) => return at + 1,
                        Some((_, Token::Comma)) => at += 1,
                        Some(_) => at = path(tokens, at, &text, paths),
                    }
                }
            }
            _ => break,
        }
    }
    paths.push((*line, text));
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> usize {
        Source::new(text).code_lines()
    }

    #[test]
    fn only_lines_with_code_count() {
        assert_eq!(
            lines("//! docs\n\n/* a\n /* b */\n c */\nfn a() {} // why\n"),
            1
        );
        assert_eq!(lines("let a = \"// no comment\n two\";\n"), 2);
        assert_eq!(
            lines("let a = r#\"/* \"still\" \n*/\"#;\nlet b = br\"//\";"),
            3
        );
        assert_eq!(
            lines(
                "let c = '\"'; // one\nlet d = '\\''; // two\nfn e<'a>(x: &'a str) {} // three\n"
            ),
            3
        );
    }

    #[test]
    fn unit_tests_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\"; }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\n";
        let source = Source::new(text).without_tests();
        assert_eq!(source.code_lines(), 2);
        assert_eq!(source.text().lines().count(), text.lines().count());
    }

    #[test]
    fn groups_of_a_use_are_spelled_out() {
        let source = Source::new(
            "use std::{\n  net,\n  time::{Duration, Instant as Clock},\n};\nlet a = r#type::b();",
        );
        let paths = source.paths();
        for expected in ["std::net", "std::time::Duration", "std::time::Instant"] {
            assert!(
                paths.iter().any(|(_, path)| path == expected),
                "{expected} not in {paths:?}"
            );
        }
        assert!(paths.contains(&(2, "std::net".to_owned())));
    }
}
