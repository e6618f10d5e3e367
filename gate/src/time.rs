//! Lengths of time as Go writes them: `1m30s`, `1.5h`, `300ms`.

use std::time::Duration;

/// The units, the longest first, in nanoseconds. Go has both letters for the microsecond.
const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("ms", 1_000_000),
    ("m", 60_000_000_000),
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("s", 1_000_000_000),
];

/// Reads one or more numbers with units; blanks between them do not matter.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let wrong = || "is no time; write it as 30s, 1m30s or 300ms".to_owned();
    if rest.is_empty() {
        return Err(wrong());
    }
    if rest.parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(
            "has no unit; write it as 30s, 1m30s or 300ms (Go takes a bare number for nanoseconds)"
                .to_owned(),
        );
    }
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .ok_or_else(wrong)?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let (unit, nanoseconds) = UNITS
            .iter()
            .find(|(unit, _)| rest.starts_with(unit))
            .ok_or_else(wrong)?;
        rest = rest[unit.len()..].trim_start();
        let part = Duration::try_from_secs_f64(number * (*nanoseconds as f64) / 1e9);
        sum = part
            .ok()
            .and_then(|part| sum.checked_add(part))
            .ok_or_else(|| "is too long a time".to_owned())?;
    }
    Ok(sum)
}

/// Writes a time so that [`parse`] reads it.
pub(crate) fn format(time: Duration) -> String {
    let mut left = time.as_nanos();
    let mut text = String::new();
    for (unit, nanoseconds) in [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        let count = left / nanoseconds;
        left %= nanoseconds;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_go_reads_them() {
        let cases = [
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("1.5h", 5_400_000),
            ("300ms", 300),
            ("0", 0),
            (" 2m ", 120_000),
        ];
        for (text, millis) in cases {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(parse("5µs"), Ok(Duration::from_micros(5)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "s",
            "30",
            "1.5",
            "-1s",
            "3 0x",
            "1.2.3s",
            "soon",
            "99999999999999999999h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("30").expect_err("no unit").contains("unit"));
    }

    #[test]
    fn times_are_written_so_that_they_are_read() {
        for nanoseconds in [0, 1, 300_000_000, 90_000_000_000, 18_000_000_000_000, 5_000] {
            let time = Duration::from_nanos(nanoseconds);
            assert_eq!(parse(&format(time)), Ok(time));
        }
    }
}
