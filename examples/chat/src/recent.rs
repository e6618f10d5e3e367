//! What was said lately: for players who come back, and for lines that are sent twice.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::contract::Line;

/// Lines that are kept, all rooms together: minutes of a busy server, and about 2 MB if every line is as long as it may be.
const KEPT: usize = 1000;
/// Lines that one player gets on the way back. Even if each is as long as it may be and every character is escaped, they fit into the
/// 256 KiB that the server queues for a session.
const CAUGHT_UP: usize = 50;

/// The newest lines of all rooms, and the places of them in the course of things.
#[derive(Debug)]
pub(crate) struct Recent {
    /// Tells this run of the server from those before: a server that starts again has forgotten everything.
    run: String,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// The number of the newest line; they count from 1.
    last: u64,
    kept: VecDeque<Kept>,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    room: String,
    line: Line,
}

/// What a player has missed.
pub(crate) struct Missed {
    /// The place of the newest line that is not lost, if there may be lost ones: lines that were forgotten before the player came back.
    pub(crate) gap: Option<String>,
    /// The lines that are still known, in their order.
    pub(crate) lines: Vec<Line>,
}

impl Default for Recent {
    fn default() -> Self {
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            run: format!("{:x}", started.as_micros()),
            lines: Mutex::default(),
        }
    }
}

impl Recent {
    /// The place of the newest line.
    pub(crate) fn at(&self) -> String {
        self.with(|lines| self.place(lines.last))
    }

    /// Gives a line its place, hands it to `tell`, and keeps it. A line that its speaker has said before, by its key, is not said again.
    ///
    /// Lines are told one at a time, so that everybody hears them in the order of their places.
    pub(crate) fn say<E>(
        &self,
        room: &str,
        mut line: Line,
        tell: impl FnOnce(&Line) -> Result<(), E>,
    ) -> Result<(), E> {
        self.with(|lines| {
            let same = |kept: &Kept| {
                kept.room == room && kept.line.from == line.from && kept.line.key == line.key
            };
            if line.key.is_some() && lines.kept.iter().any(same) {
                return Ok(());
            }
            lines.last += 1;
            line.at = self.place(lines.last);
            tell(&line)?;
            if lines.kept.len() == KEPT {
                lines.kept.pop_front();
            }
            lines.kept.push_back(Kept {
                number: lines.last,
                room: room.to_owned(),
                line,
            });
            Ok(())
        })
    }

    /// Hands `tell` what was said in a room after the place `seen`. No line is said meanwhile: whoever enters the room inside of `tell` gets
    /// every line exactly once.
    pub(crate) fn since<R>(&self, room: &str, seen: &str, tell: impl FnOnce(Missed) -> R) -> R {
        self.with(|lines| {
            // A place in another run says nothing here: all that is known came after it, and what came before is lost.
            let seen = self.number(seen);
            let after = seen.unwrap_or_default();
            let newer: Vec<_> = lines
                .kept
                .iter()
                .filter(|kept| kept.room == room && kept.number > after)
                .collect();
            let skipped = newer.len().saturating_sub(CAUGHT_UP);
            // Of which rooms the forgotten lines were is forgotten, too.
            let forgotten = lines
                .kept
                .front()
                .is_some_and(|oldest| oldest.number > after.saturating_add(1));
            let gap = (seen.is_none() || forgotten || skipped > 0).then(|| {
                let first = newer.get(skipped).map(|kept| kept.number - 1);
                self.place(first.unwrap_or(lines.last))
            });
            let lines = newer[skipped..].iter().map(|kept| kept.line.clone());
            tell(Missed {
                gap,
                lines: lines.collect(),
            })
        })
    }

    fn place(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// The number of a place of this run.
    fn number(&self, place: &str) -> Option<u64> {
        let (run, number) = place.split_once('-')?;
        number.parse().ok().filter(|_| run == self.run)
    }

    fn with<R>(&self, work: impl FnOnce(&mut Lines) -> R) -> R {
        work(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Says numbered lines in a room; returns their places.
    fn said(recent: &Recent, room: &str, count: usize) -> Vec<String> {
        let line = |number| Line {
            at: String::new(),
            key: None,
            from: "ALICE".into(),
            text: format!("line {number}"),
            server: None,
        };
        (1..=count)
            .map(|number| {
                let mut at = String::new();
                let told: Result<(), Infallible> = recent.say(room, line(number), |line| {
                    at.clone_from(&line.at);
                    Ok(())
                });
                told.map(|()| at).expect("nothing can fail")
            })
            .collect()
    }

    fn texts(missed: &Missed) -> Vec<&str> {
        missed.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn only_newer_lines_of_the_same_room_were_missed() {
        let recent = Recent::default();
        let places = said(&recent, "garden", 3);
        said(&recent, "harbour", 2);
        recent.since("garden", &places[0], |missed| {
            assert_eq!(texts(&missed), ["line 2", "line 3"]);
            assert_eq!(missed.gap, None);
        });
    }

    #[test]
    fn more_lines_than_a_player_gets_leave_a_gap_before_the_newest() {
        let recent = Recent::default();
        let start = recent.at();
        let places = said(&recent, "garden", CAUGHT_UP + 2);
        recent.since("garden", &start, |missed| {
            assert_eq!(missed.lines.len(), CAUGHT_UP);
            assert_eq!(missed.gap.as_ref(), Some(&places[1]));
            assert_eq!(missed.lines[0].at, places[2]);
        });
    }

    #[test]
    fn forgotten_lines_are_a_gap_and_no_more_are_kept_than_the_limit() {
        let recent = Recent::default();
        let start = recent.at();
        let places = said(&recent, "garden", 1);
        said(&recent, "harbour", KEPT);
        assert_eq!(recent.with(|lines| lines.kept.len()), KEPT);
        let end = recent.at();
        recent.since("garden", &start, |missed| {
            assert_eq!(texts(&missed), [""; 0]);
            assert_eq!(missed.gap, Some(end));
        });
        // Whoever has seen the last line that is forgotten has missed nothing.
        recent.since("garden", &places[0], |missed| assert_eq!(missed.gap, None));
    }

    #[test]
    fn a_place_that_is_not_of_this_run_is_before_everything() {
        let recent = Recent::default();
        said(&recent, "garden", 1);
        let max = format!("{}-{}", recent.run, u64::MAX);
        for seen in ["", "other-1", "1", &format!("{}-", recent.run)] {
            recent.since("garden", seen, |missed| {
                assert_eq!(texts(&missed), ["line 1"], "{seen}");
                assert!(missed.gap.is_some(), "{seen}");
            });
        }
        // Nobody has seen that; it is no overflow.
        recent.since("garden", &max, |missed| {
            assert_eq!(texts(&missed), [""; 0]);
        });
    }
}
