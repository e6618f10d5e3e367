//! `pitaya-gate`: a frontend of a cluster that is configured, not written.

#[cfg(feature = "engines")]
mod serve;
#[cfg(feature = "engines")]
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pitaya_gate::{Configuration, Sources, keys, logs};

/// The configuration, or the command line, cannot be used.
const UNUSABLE: u8 = 2;

const CODES: &str = "Exit codes: 0 it has ended in order, after SIGTERM, Ctrl-C or a hand-over; 1 it did not start; 2 the configuration or the \
command line is wrong; 3 it was told a second time to end, and did at once.";

/// A frontend of a Pitaya cluster that is configured, not written.
#[derive(Parser)]
#[command(version, after_help = CODES)]
struct Arguments {
    /// The configuration: TOML, YAML or JSON, by the end of its name. Else the variable PITAYA_GATE_CONFIG names it. Variables count more than the file.
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets a key, in the gate's spelling or in Go Pitaya's. Counts more than variables and the file.
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Prints the configuration that would be used, and where each value comes from, and starts nothing.
    #[arg(long)]
    check: bool,
    /// Prints all keys, with their defaults, their meaning and Go Pitaya's names for them.
    #[arg(long, conflicts_with = "check")]
    defaults: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it is written as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.defaults {
        print_defaults();
        return ExitCode::SUCCESS;
    }
    let configuration = match read(&arguments) {
        Ok(configuration) => configuration,
        Err(error) => {
            eprintln!("{error}");
            return UNUSABLE.into();
        }
    };
    if arguments.check {
        for warning in configuration.warnings() {
            eprintln!("warning: {warning}");
        }
        print!("{configuration}");
        return ExitCode::SUCCESS;
    }
    logs::install(&configuration.settings().log);
    for warning in configuration.warnings() {
        tracing::warn!("{warning}");
    }
    run(&configuration)
}

fn read(arguments: &Arguments) -> Result<Configuration, String> {
    let named = std::env::var_os("PITAYA_GATE_CONFIG").filter(|name| !name.is_empty());
    let mut sources = Sources::new().environment();
    if let Some(file) = arguments
        .config
        .clone()
        .or_else(|| named.map(PathBuf::from))
    {
        sources = sources.file(file);
    }
    for (key, value) in &arguments.set {
        sources = sources.set(key, value);
    }
    let configuration = sources.read().map_err(|error| error.to_string())?;
    // Files that are named are part of it.
    configuration
        .settings()
        .listen
        .certificate()
        .map_err(|error| format!("gate.tls.certificate, gate.tls.key: {error}"))?;
    Ok(configuration)
}

fn print_defaults() {
    for key in keys() {
        println!("# {}", key.meaning());
        if !key.go().is_empty() {
            println!("# in Go Pitaya: {}", key.go().join(", "));
        }
        match key.default() {
            Some(default) => println!("{} = {default}\n", key.name()),
            None => println!("# {} is not set\n", key.name()),
        }
    }
}

#[cfg(feature = "engines")]
fn run(configuration: &Configuration) -> ExitCode {
    serve::serve(configuration.settings())
}

#[cfg(not(feature = "engines"))]
fn run(_: &Configuration) -> ExitCode {
    tracing::error!(
        "this build has no engines and can only --check a configuration. With protoc (on Debian protobuf-compiler and libprotobuf-dev): cargo install \
         pitaya-gate --features engines"
    );
    ExitCode::FAILURE
}
