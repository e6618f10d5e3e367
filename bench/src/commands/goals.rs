//! What the figures shall reach.

use pitaya_bench::{Goal, Verdict};

use super::{
    figure::Figure,
    subject::Subject::{self, FloorEpoll, FloorTokio, GoPitaya, GoPitayaTuned, Nano, PitayaRs},
    table::{Spread, ratios, runs, spread},
};

/// What our figure is held against.
#[derive(Debug, Clone, Copy)]
enum Against {
    /// Another server's in the same case and round.
    Server(Subject),
    /// Ours in another case.
    Case(&'static str),
    /// Nothing: it is a bound in KiB per connection.
    Memory,
    /// Nothing: it is a bound in microseconds per connection and second.
    Rest,
    /// Our median latency: it is a bound of the 99th percentile.
    Median,
}

use Against::{Case, Median, Memory, Rest, Server};

const GOALS: &[(&str, Against, f64)] = &[
    ("request-tcp-1", Server(FloorTokio), 1.10),
    ("request-tcp-1", Server(GoPitayaTuned), 0.30),
    ("request-tcp-1", Server(GoPitaya), 0.03),
    ("request-tcp-1", Server(Nano), 0.55),
    ("request-tcp-16", Server(FloorTokio), 1.30),
    ("request-tcp-16", Server(GoPitayaTuned), 0.05),
    ("request-tcp-16", Server(Nano), 0.15),
    ("request-json-tcp-1", Server(FloorTokio), 1.15),
    ("request-json-tcp-16", Server(FloorTokio), 1.60),
    ("request-ws-1", Case("request-tcp-1"), 1.20),
    ("request-ws-16", Case("request-tcp-16"), 1.30),
    ("request-tcp-1-deflate", Server(GoPitaya), 0.10),
    ("request-tls-1", Case("request-tcp-1"), 1.25),
    ("request-tcp-half", Median, 2.0),
    ("broadcast-1000", Server(FloorEpoll), 1.15),
    ("broadcast-1000-tick8", Server(GoPitayaTuned), 0.15),
    ("connect-tcp", Server(GoPitayaTuned), 0.25),
    ("connect-tcp", Server(Nano), 0.40),
    ("connect-ws", Server(GoPitayaTuned), 0.25),
    ("connect-ws", Server(Nano), 0.40),
    ("connect-tls", Server(FloorTokio), 1.15),
    ("connect-wss", Server(FloorTokio), 1.15),
    ("idle-tcp", Memory, 3.5),
    ("idle-ws", Memory, 5.5),
    ("idle-tls", Server(FloorTokio), 1.20),
    ("idle-wss", Server(FloorTokio), 1.20),
    ("idle-tcp", Rest, 0.2),
];

/// A goal and what it came to.
pub(super) struct Judged {
    case: &'static str,
    against: Against,
    goal: Goal,
    figure: Spread,
    pub(super) verdict: Verdict,
}

/// Judges every goal for which there are figures.
pub(super) fn judge(figures: &[Figure]) -> Vec<Judged> {
    let judged = |&(case, against, goal): &(&'static str, Against, f64)| {
        let goal = Goal(goal);
        let figure = measured(figures, case, against)?;
        Some(Judged {
            case,
            against,
            goal,
            verdict: goal.judge(figure.middle),
            figure,
        })
    };
    GOALS.iter().filter_map(judged).collect()
}

fn measured(figures: &[Figure], case: &str, against: Against) -> Option<Spread> {
    let ours = || runs(figures, case, PitayaRs);
    let cost = |figure: &Figure| figure.cpu_us_per_message.or(figure.rss_kib_per_connection);
    match against {
        Server(server) => ratios(figures, (case, PitayaRs), (case, server), cost),
        Case(other) => ratios(figures, (case, PitayaRs), (other, PitayaRs), cost),
        Memory => spread(ours().filter_map(|figure| figure.rss_kib_per_connection)),
        Rest => spread(ours().filter_map(|figure| figure.idle_cpu_us_per_connection_s)),
        Median => {
            let ratio = |figure: &Figure| Some(figure.p99_us? as f64 / figure.p50_us? as f64);
            spread(ours().filter_map(ratio))
        }
    }
}

pub(super) fn print(judged: &[Judged]) {
    println!();
    println!(
        "{:<22} {:<24} {:>8} {:>16} {:>6} {:<7}",
        "goal of pitaya-rs", "held against", "figure", "(min .. max)", "goal", "verdict"
    );
    for row in judged {
        let against = match row.against {
            Server(server) => format!("times {server}"),
            Case(case) => format!("times {case}"),
            Memory => "KiB per connection".to_owned(),
            Rest => "us of cpu per conn. and s".to_owned(),
            Median => "p99 by p50".to_owned(),
        };
        println!(
            "{:<22} {against:<24} {:>8.3} {:>16} {:>6.2} {:<7}",
            row.case,
            row.figure.middle,
            format!("({:.2} .. {:.2})", row.figure.least, row.figure.most),
            row.goal.0,
            row.verdict,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::cases::CASES;

    fn figure(server: Subject, run: u32, cpu: f64) -> Figure {
        Figure {
            cpu_us_per_message: Some(cpu),
            ..Figure::new("request-tcp-1", server, run, 1)
        }
    }

    #[test]
    fn goals_name_cases_that_are_measured_with_their_servers() {
        for (name, against, _) in GOALS {
            let case = CASES
                .iter()
                .find(|case| case.name == *name)
                .expect("a case");
            match against {
                Server(server) => assert!(case.servers.contains(server), "{name}"),
                Case(other) => assert!(CASES.iter().any(|case| case.name == *other), "{name}"),
                Memory | Rest | Median => {}
            }
        }
    }

    #[test]
    fn ratio_is_the_median_of_the_rounds_own() {
        let figures = [
            figure(PitayaRs, 1, 10.0),
            figure(FloorTokio, 1, 10.0),
            // Everything was slow in this round.
            figure(PitayaRs, 2, 108.0),
            figure(FloorTokio, 2, 100.0),
            figure(PitayaRs, 3, 10.5),
            figure(FloorTokio, 3, 10.0),
        ];
        let judged = judge(&figures);
        assert_eq!(judged.len(), 1);
        assert!((judged[0].figure.middle - 1.05).abs() < 1e-9);
        assert_eq!(judged[0].verdict, Verdict::Met);
    }

    #[test]
    fn goal_without_figures_is_not_judged() {
        assert!(judge(&[figure(PitayaRs, 1, 1.0)]).is_empty());
    }
}
