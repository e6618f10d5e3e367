//! The length of files: 300 lines of code are a question, 500 are a no; a `lib.rs` is a front page.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{
    house, process::Tests, runner::Step, screen, script, source::Source, workspace::Workspace,
};

/// From here on a file should be asked whether it holds one idea.
const QUESTION: usize = 300;
/// From here on the answer is known.
const FORBIDDEN: usize = 500;
/// A `lib.rs` counts whole, its story included.
const FRONT_PAGE: usize = 120;

pub(crate) fn steps() -> Vec<Step> {
    vec![Step {
        name: "lines",
        needs: &[],
        work: check,
    }]
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    Long(usize),
    TooLong(usize),
    FrontPageTooLong(usize),
}

/// What a file of code is written in.
#[derive(Debug, Clone, Copy)]
enum Language {
    Rust,
    Script,
}

impl Language {
    fn of(path: &Path) -> Option<Self> {
        if path.extension().is_some_and(|extension| extension == "rs") {
            return Some(Self::Rust);
        }
        script::is_script(path).then_some(Self::Script)
    }

    fn code_lines(self, text: &str) -> usize {
        match self {
            Self::Rust => Source::new(text).code_lines(),
            Self::Script => script::code_lines(text),
        }
    }
}

fn verdict(path: &Path, text: &str, language: Language) -> Verdict {
    let lines = match language {
        Language::Script => script::code_lines(text),
        Language::Rust => {
            let source = Source::new(text).without_tests();
            if let Some(lines) = front_page(path, text, &source) {
                return Verdict::FrontPageTooLong(lines);
            }
            source.code_lines()
        }
    };
    match lines {
        lines if lines > FORBIDDEN => Verdict::TooLong(lines),
        lines if lines > QUESTION => Verdict::Long(lines),
        _ => Verdict::Fine,
    }
}
/// The lines of a front page, its story included, where they are too many.
fn front_page(path: &Path, text: &str, without_tests: &Source) -> Option<usize> {
    let lines = text
        .lines()
        .count()
        .saturating_sub(test_lines(text, without_tests));
    (path.ends_with("src/lib.rs") && lines > FRONT_PAGE).then_some(lines)
}

/// Lines of code that only unit tests have.
fn test_lines(text: &str, without: &Source) -> usize {
    Source::new(text).code_lines() - without.code_lines()
}

fn check(workspace: &Workspace) -> Result<Tests> {
    let files = workspace.files()?;
    let mut faults = Vec::new();
    let (mut rust, mut scripts) = (0, 0);
    for path in &files {
        let bytes = std::fs::read(workspace.root().join(path))?;
        faults.extend(house::faults(path, &bytes));
        let text = String::from_utf8_lossy(&bytes);
        let Some(language) = Language::of(path) else {
            continue;
        };
        let lines = language.code_lines(&text);
        match language {
            Language::Rust => rust += lines,
            Language::Script => scripts += lines,
        }
        let shown = path.display();
        match verdict(path, &text, language) {
            Verdict::Fine => {}
            Verdict::Long(lines) => {
                screen::warning(&format!(
                    "{shown}: {lines} lines of code, is that one idea? (more than {QUESTION})"
                ));
            }
            Verdict::TooLong(lines) => {
                faults.push(format!(
                    "{shown}: {lines} lines of code, {FORBIDDEN} are the limit"
                ));
            }
            Verdict::FrontPageTooLong(lines) => {
                faults.push(format!(
                    "{shown}: {lines} lines, a front page has at most {FRONT_PAGE}"
                ));
            }
        }
    }
    if !faults.is_empty() {
        for fault in &faults {
            screen::failed("", fault);
        }
        bail!("{} house rules are broken", faults.len());
    }
    screen::note(&format!(
        "{} lines of Rust, {} of TypeScript and JavaScript",
        screen::thousands(rust),
        screen::thousands(scripts)
    ));
    Ok(Tests::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(path: &Path, text: &str) -> Verdict {
        super::verdict(path, text, Language::of(path).expect("a file of code"))
    }

    fn code(lines: usize) -> String {
        "let a = 1;\n".repeat(lines)
    }

    #[test]
    fn three_hundred_is_a_question_and_five_hundred_a_no() {
        let path = Path::new("server/src/router.rs");
        assert_eq!(verdict(path, &code(300)), Verdict::Fine);
        assert_eq!(verdict(path, &code(301)), Verdict::Long(301));
        assert_eq!(verdict(path, &code(500)), Verdict::Long(500));
        assert_eq!(verdict(path, &code(501)), Verdict::TooLong(501));
        let script = Path::new("client-wasm/npm/src/client.ts");
        assert_eq!(verdict(script, &code(301)), Verdict::Long(301));
        assert_eq!(verdict(script, &code(501)), Verdict::TooLong(501));
    }

    #[test]
    fn comments_and_unit_tests_do_not_count() {
        let text = format!(
            "{}{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            code(300),
            "// why\n".repeat(400),
            code(400)
        );
        assert_eq!(verdict(Path::new("a.rs"), &text), Verdict::Fine);
    }

    #[test]
    fn a_front_page_counts_with_its_story() {
        let text = "//! story\n".repeat(121);
        assert_eq!(
            verdict(Path::new("server/src/lib.rs"), &text),
            Verdict::FrontPageTooLong(121)
        );
        assert_eq!(
            verdict(Path::new("server/src/router.rs"), &text),
            Verdict::Fine
        );
    }
}
