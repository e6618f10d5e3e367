//! The book shows only code that is compiled, and no link of it leads nowhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below `folder` with this extension, and their texts.
fn texts(folder: &Path, extension: &str) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            found.append(&mut texts(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            let text = std::fs::read_to_string(&path).expect("the file is text");
            found.insert(path, text);
        }
    }
    found
}

fn pages() -> BTreeMap<PathBuf, String> {
    texts(&root().join("src"), "md")
}

/// Code blocks as (language, content).
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, content))) => {
                content.push_str(line);
                content.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a code block does not end");
    blocks
}

/// `{{#include path:anchor}}` as (path, anchor).
fn include(content: &str) -> Option<(&str, &str)> {
    let inside = content
        .trim()
        .strip_prefix("{{#include ")?
        .strip_suffix("}}")?;
    (!inside.contains('\n')).then_some(inside)?.rsplit_once(':')
}

/// What stands between the marks of an anchor.
fn anchored<'a>(text: &'a str, anchor: &str) -> Option<&'a str> {
    let start = text.find(&format!("// ANCHOR: {anchor}\n"))?;
    let end = text.find(&format!("// ANCHOR_END: {anchor}\n"))?;
    text.get(start..end)
}

#[test]
fn every_block_of_rust_is_compiled_code() {
    for (page, text) in pages() {
        for (language, content) in blocks(&text) {
            let shown = page.display();
            assert!(
                !language.is_empty(),
                "{shown}: a code block names no language:\n{content}"
            );
            if !language.starts_with("rust") {
                continue;
            }
            let (path, anchor) = include(&content).unwrap_or_else(|| {
                panic!("{shown}: loose code, include an anchor instead:\n{content}")
            });
            let file = page.parent().expect("a page lies in a folder").join(path);
            let source = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{shown}: {path}: {error}"));
            let code = anchored(&source, anchor)
                .unwrap_or_else(|| panic!("{shown}: {path} has no anchor `{anchor}`"));
            assert!(
                code.lines().count() > 1,
                "{shown}: the anchor `{anchor}` is empty"
            );
        }
    }
}

#[test]
fn every_anchor_is_shown() {
    let mut shown = BTreeSet::new();
    for text in pages().into_values() {
        for (_, content) in blocks(&text) {
            if let Some((path, anchor)) = include(&content) {
                let file = Path::new(path).file_name().expect("a file").to_owned();
                shown.insert((file, anchor.to_owned()));
            }
        }
    }
    let mut sources = texts(&root().join("snippets/src"), "rs");
    sources.append(&mut texts(&root().join("snippets/tests"), "rs"));
    for (path, text) in sources {
        for line in text.lines() {
            let Some(anchor) = line.trim().strip_prefix("// ANCHOR: ") else {
                continue;
            };
            {
                let file = path.file_name().expect("a file").to_owned();
                let place = path.display();
                assert!(
                    shown.contains(&(file, anchor.to_owned())),
                    "{place}: no page shows `{anchor}`"
                );
            }
        }
    }
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
    let pages = pages();
    let summary = &pages[&root().join("src/SUMMARY.md")];
    for (page, text) in &pages {
        let relative = page
            .strip_prefix(root().join("src"))
            .expect("a page of the book");
        assert!(
            relative.ends_with("SUMMARY.md")
                || summary.contains(&format!("({})", relative.display())),
            "{} is not in SUMMARY.md",
            relative.display()
        );
        for part in text.split("](").skip(1) {
            let link = part.split(')').next().unwrap_or_default();
            if link.starts_with("http") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().expect("a page lies in a folder").join(path),
            };
            let target = target.canonicalize();
            let target =
                target.unwrap_or_else(|_| panic!("{}: `{link}` leads nowhere", page.display()));
            if !heading.is_empty() {
                let text = std::fs::read_to_string(target).expect("a page is text");
                let known = text
                    .lines()
                    .filter_map(|line| line.strip_prefix('#'))
                    .any(|line| {
                        let title = line.trim_start_matches('#').trim().to_lowercase();
                        title.replace(' ', "-").replace('`', "") == heading
                    });
                assert!(known, "{}: `{link}` names no heading", page.display());
            }
        }
    }
}
