//! The order of a module's functions: small ones first, so that what is alike stands together, within the reach of a compressor.

use std::mem;

/// Sorts the functions of a module in binaryen's text form by their length in lines; everything else stays where it is.
pub(super) fn by_length(text: &str) -> String {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut functions: Vec<Vec<&str>> = Vec::new();
    let mut function = Vec::new();
    for line in text.lines() {
        if !function.is_empty() || line.starts_with(" (func ") {
            function.push(line);
            if line == " )" || (function.len() == 1 && is_closed(line)) {
                functions.push(mem::take(&mut function));
            }
        } else if functions.is_empty() {
            before.push(line);
        } else {
            after.push(line);
        }
    }
    functions.sort_by_key(Vec::len);
    let functions = functions.into_iter().flatten();
    let lines: Vec<_> = before
        .into_iter()
        .chain(functions)
        .chain(after)
        .chain(function)
        .collect();
    lines.join("\n")
}

/// Whether a function has no lines but this one.
fn is_closed(line: &str) -> bool {
    line.matches('(').count() == line.matches(')').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_and_the_rest_stays() {
        let text = "(module\n (import \"a\" \"b\" (func $i))\n (func $long\n  (nop)\n  (nop)\n )\n (func $short)\n (func $other\n  (nop)\n )\n (export \"a\" (func $long))\n)";
        let sorted = "(module\n (import \"a\" \"b\" (func $i))\n (func $short)\n (func $other\n  (nop)\n )\n (func $long\n  (nop)\n  (nop)\n )\n (export \"a\" (func $long))\n)";
        assert_eq!(by_length(text), sorted);
    }
}
