//! Durations as Go writes them: `1m30s`, `300ms` (wire 14).

use std::time::Duration;

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration such as `5s`, `1m30s` or `300ms`")]
#[non_exhaustive]
pub struct DurationError {
    /// The start of the text.
    pub text: String,
}

/// Nanoseconds of each unit, the largest first.
const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("ms", 1_000_000),
    ("m", 60_000_000_000),
    ("us", 1_000),
    // The two signs for micro that Go reads: U+00B5 and U+03BC.
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ns", 1),
    ("s", 1_000_000_000),
];

/// Reads a duration: numbers with units, each with or without a fraction, one after another.
///
/// # Errors
///
/// [`DurationError`] for anything else, negative durations included: a time limit has none.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError {
        text: text.chars().take(40).collect(),
    };
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(error());
    }
    let mut nanos: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(error());
        }
        let (unit, scale) = UNITS
            .into_iter()
            .find(|(unit, _)| after.starts_with(unit))
            .ok_or_else(error)?;
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| error())?
        };
        let part = part_of(fraction, scale);
        nanos = whole
            .checked_mul(scale)
            .and_then(|value| value.checked_add(part))
            .and_then(|value| value.checked_add(nanos))
            .ok_or_else(error)?;
        rest = &after[unit.len()..];
    }
    Ok(Duration::from_nanos(nanos))
}

/// `0.fraction` of `scale`, rounded down.
fn part_of(fraction: &str, scale: u64) -> u64 {
    let mut part = 0;
    let mut scale = scale;
    for digit in fraction.bytes() {
        // Digits below a nanosecond do not count.
        part += u64::from(digit - b'0') * scale / 10;
        scale /= 10;
    }
    part
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Writes a duration as Go does, so that Go reads it back: whole milliseconds, rounded up, as a limit must not become zero.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_writes_is_read() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("5s", 5_000_000_000),
            ("1m0s", 60_000_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("300ms", 300_000_000),
            ("1.5s", 1_500_000_000),
            ("4.999999999s", 4_999_999_999),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("250\u{b5}s", 250_000),
            ("250\u{3bc}s", 250_000),
            ("7us", 7_000),
            ("9ns", 9),
            ("0.5ns", 0),
            ("1h2m3.004s", 3_723_004_000_000),
            ("+2s", 2_000_000_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_nanos(nanos)),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "5",
            "-5s",
            "s",
            ".s",
            "5 s",
            "5sec",
            "1.2.3s",
            "99999999999h",
            "5s!",
            "fünf",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (duration, text) in [
            (Duration::from_secs(5), "5s"),
            (Duration::from_millis(1500), "1500ms"),
            (Duration::from_nanos(1), "1ms"),
            (Duration::ZERO, "0s"),
        ] {
            assert_eq!(format_duration(duration), text);
            assert!(parse_duration(text).expect("ours") >= duration);
        }
    }
}
