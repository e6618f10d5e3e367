//! The bench programs, built as a release.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Figure {
    /// Server processor time per request
    Cpu,
    /// Resident memory per idle connection
    Memory,
}

/// Measures one figure, or all, with further options of the bench program.
pub(crate) fn run(workspace: &Workspace, figure: Option<Figure>, options: &[String]) -> Result<()> {
    let figures = figure.map_or_else(|| vec![Figure::Cpu, Figure::Memory], |figure| vec![figure]);
    for figure in figures {
        let name = match figure {
            Figure::Cpu => "cpu",
            Figure::Memory => "memory",
        };
        let mut command: Command = workspace.cargo([
            "run",
            "--release",
            "--locked",
            "-p",
            "pitaya-bench",
            "--",
            name,
        ]);
        // Its table is for the terminal: it keeps all three streams.
        let status = command
            .args(options)
            .stdin(Stdio::null())
            .status()
            .context("cargo cannot be started")?;
        if !status.success() {
            bail!("bench {name} ended with {status}");
        }
    }
    Ok(())
}
