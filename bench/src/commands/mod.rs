mod cases;
mod chart;
pub(crate) mod compare;
mod counted;
pub(crate) mod counts;
#[cfg(feature = "engines")]
mod engines;
mod figure;
mod goals;
#[cfg(feature = "engines")]
pub(crate) mod hold;
#[cfg(feature = "engines")]
pub(crate) mod hop;
pub(crate) mod load;
#[cfg(feature = "engines")]
pub(crate) mod peer;
mod pitaya;
pub(crate) mod record;
pub(crate) mod serve;
mod setup;
mod subject;
mod table;
#[cfg(feature = "engines")]
pub(crate) mod users;

use std::{
    error::Error,
    io::{self, Read},
    process::{self, ExitCode},
    time::Duration,
};

/// How a command ends: 0 for done, 1 for a failed gate, 2 for an error.
pub(crate) type Outcome = Result<ExitCode, Box<dyn Error>>;

/// Reads a number of seconds above zero, at most ten minutes.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= 600.0 => Ok(Duration::from_secs_f64(number)),
        _ => Err("a number of seconds above 0 and up to 600 is needed".to_owned()),
    }
}

/// Whoever started the server holds its input open; a server must not outlive a measuring
/// process that was killed.
fn end_with_input() {
    let mut input = io::stdin().lock();
    let mut buffer = [0; 64];
    while !matches!(input.read(&mut buffer), Ok(0) | Err(_)) {}
    process::exit(0);
}
