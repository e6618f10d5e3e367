//! Medians and ratios of all servers, for the terminal.

use pitaya_bench::median;

use super::{figure::Figure, subject::Subject};

/// Least, median and greatest.
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) middle: f64,
    pub(super) most: f64,
}

/// Of the values that are there; `None` for none.
pub(super) fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let values: Vec<_> = values.collect();
    Some(Spread {
        middle: median(&values)?,
        least: values.iter().copied().fold(f64::NAN, f64::min),
        most: values.iter().copied().fold(f64::NAN, f64::max),
    })
}

/// The runs of one case on one server.
pub(super) fn runs<'a>(
    figures: &'a [Figure],
    case: &'a str,
    server: Subject,
) -> impl Iterator<Item = &'a Figure> {
    figures
        .iter()
        .filter(move |figure| figure.case == case && figure.server == server)
}

/// The ratio of our figure to another's within each round, so that a machine that is slow for a while slows both sides of it.
pub(super) fn ratios(
    figures: &[Figure],
    (case, server): (&str, Subject),
    (other_case, other): (&str, Subject),
    of: impl Fn(&Figure) -> Option<f64>,
) -> Option<Spread> {
    let rounds = runs(figures, case, server).filter_map(|ours| {
        let theirs = runs(figures, other_case, other).find(|theirs| theirs.run == ours.run)?;
        Some(of(ours)? / of(theirs)?)
    });
    spread(rounds)
}

/// Cases in the order in which they were measured.
pub(super) fn cases(figures: &[Figure]) -> Vec<&str> {
    let mut cases: Vec<&str> = Vec::new();
    for figure in figures {
        if !cases.contains(&figure.case.as_str()) {
            cases.push(&figure.case);
        }
    }
    cases
}

/// Servers of a case in the order in which they were measured.
pub(super) fn servers(figures: &[Figure], case: &str) -> Vec<Subject> {
    let mut servers = Vec::new();
    for figure in figures.iter().filter(|figure| figure.case == case) {
        if !servers.contains(&figure.server) {
            servers.push(figure.server);
        }
    }
    servers
}

pub(super) fn print(figures: &[Figure]) {
    println!(
        "{:<22} {:<15} {:>10} {:>19} {:>9} {:>8} {:>8} {:>8} {:>5} {:>9} {:>20}",
        "case",
        "server",
        "cpu us/msg",
        "(min .. max)",
        "msg/s",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "busy",
        "KiB/conn",
        "ours/its (min..max)",
    );
    for case in cases(figures) {
        for server in servers(figures, case) {
            print_row(figures, case, server);
        }
    }
    println!(
        "cpu: the server's processor time. busy: the share of its core that it used; well below 100 % the driver was what limited the run. \
         ours/its: median of the ratios within each round, of memory where connections rest"
    );
}

fn print_row(figures: &[Figure], case: &str, server: Subject) {
    let of = |of: fn(&Figure) -> Option<f64>| spread(runs(figures, case, server).filter_map(of));
    let cell = |value: Option<Spread>, digits: usize| {
        value.map_or_else(
            || "-".to_owned(),
            |value| format!("{:.digits$}", value.middle),
        )
    };
    let cpu = of(|figure| figure.cpu_us_per_message);
    let bounds = cpu.as_ref().map_or_else(String::new, |cpu| {
        format!("({:.2} .. {:.2})", cpu.least, cpu.most)
    });
    let cost = |figure: &Figure| figure.cpu_us_per_message.or(figure.rss_kib_per_connection);
    let ratio = ratios(figures, (case, Subject::PitayaRs), (case, server), cost)
        .filter(|_| server != Subject::PitayaRs)
        .map_or_else(String::new, |ratio| {
            format!(
                "{:.3} ({:.2}..{:.2})",
                ratio.middle, ratio.least, ratio.most
            )
        });
    println!(
        "{case:<22} {server:<15} {:>10} {bounds:>19} {:>9} {:>8} {:>8} {:>8} {:>5} {:>9} {ratio:>20}",
        cell(cpu, 2),
        cell(of(|figure| figure.messages_per_s), 0),
        cell(of(|figure| Some(figure.p50_us? as f64)), 0),
        cell(of(|figure| Some(figure.p99_us? as f64)), 0),
        cell(of(|figure| Some(figure.p999_us? as f64)), 0),
        cell(of(|figure| Some(figure.busy? * 100.0)), 0),
        cell(of(|figure| figure.rss_kib_per_connection), 2),
    );
}
