//! The length of files: 300 lines of code are a question, 500 are a no; a `lib.rs` is a front page.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{house, process::Tests, runner::Step, screen, source::Source, workspace::Workspace};

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

fn verdict(path: &Path, text: &str) -> Verdict {
    let source = Source::new(text).without_tests();
    if path.ends_with("src/lib.rs") {
        let comments_too = text
            .lines()
            .count()
            .saturating_sub(test_lines(text, &source));
        if comments_too > FRONT_PAGE {
            return Verdict::FrontPageTooLong(comments_too);
        }
    }
    match source.code_lines() {
        lines if lines > FORBIDDEN => Verdict::TooLong(lines),
        lines if lines > QUESTION => Verdict::Long(lines),
        _ => Verdict::Fine,
    }
}

/// Lines of code that only unit tests have.
fn test_lines(text: &str, without: &Source) -> usize {
    Source::new(text).code_lines() - without.code_lines()
}

fn check(workspace: &Workspace) -> Result<Tests> {
    let files = workspace.files()?;
    let mut faults = Vec::new();
    let (mut count, mut total) = (0, 0);
    for path in &files {
        let bytes = std::fs::read(workspace.root().join(path))?;
        faults.extend(house::faults(path, &bytes));
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        count += 1;
        total += Source::new(&text).code_lines();
        let shown = path.display();
        match verdict(path, &text) {
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
        "{count} Rust files, {} lines of code",
        screen::thousands(total)
    ));
    Ok(Tests::default())
}

#[cfg(test)]
mod tests {
    use super::*;

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
