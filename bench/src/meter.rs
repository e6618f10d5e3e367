use std::{
    io,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

use crate::Process;

/// What happened in the measured window.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Messages: verified answers, notifies before them, pushes that arrived, or handshakes.
    pub messages: u64,
    /// Processor time of each server process, in the order in which they were named.
    pub servers: Vec<Duration>,
    /// Processor time of the driver.
    pub driver: Duration,
    /// Wall time.
    pub elapsed: Duration,
    /// Microseconds from each request to what it waited for, as the driver saw them.
    pub latencies: Histogram<u64>,
}

impl Sample {
    /// Processor time of all server processes.
    #[must_use]
    pub fn server(&self) -> Duration {
        self.servers.iter().sum()
    }

    /// The same per message, in microseconds.
    #[must_use]
    pub fn server_micros(&self) -> f64 {
        self.server().as_secs_f64() * 1e6 / self.messages as f64
    }

    /// Processor time per message of the server process with this index, in microseconds.
    ///
    /// # Panics
    /// There are not so many.
    #[must_use]
    pub fn micros(&self, process: usize) -> f64 {
        self.servers[process].as_secs_f64() * 1e6 / self.messages as f64
    }

    /// Messages per second of wall time.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.messages as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that this share of them, 0 to 1, is not above, in microseconds; `None` for none.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<u64> {
        (!self.latencies.is_empty()).then(|| self.latencies.value_at_quantile(share))
    }
}

/// Longest latency that is told from longer ones: far beyond what a run is given up for.
const LONGEST: Duration = Duration::from_mins(1);

/// Microseconds, kept with three digits.
pub(crate) fn latencies() -> Histogram<u64> {
    let longest = LONGEST.as_micros() as u64;
    Histogram::new_with_bounds(1, longest, 3).expect("the bounds are in order")
}

/// Counts, and reads the bills at both ends of the measured window.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    servers: &'a [Process],
    driver: Process,
    window: Duration,
    /// The next end of the warm-up or of the window.
    due: Instant,
    begin: Option<Begin>,
    messages: u64,
    latencies: Histogram<u64>,
    over: bool,
}

#[derive(Debug)]
struct Begin {
    at: Instant,
    servers: Vec<Duration>,
    driver: Duration,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(servers: &'a [Process], warm_up: Duration, window: Duration) -> Self {
        Self {
            servers,
            driver: Process::own(),
            window,
            due: Instant::now() + warm_up,
            begin: None,
            messages: 0,
            latencies: latencies(),
            over: false,
        }
    }

    /// Whether the window lies behind.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn count(&mut self, messages: u64) {
        self.messages += messages;
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.latencies.saturating_record(time.as_micros() as u64);
    }

    /// Returns the sample, once, when the window ends.
    pub(crate) fn tick(&mut self, now: Instant) -> io::Result<Option<Sample>> {
        if self.over || now < self.due {
            return Ok(None);
        }
        let servers: io::Result<Vec<_>> = self.servers.iter().map(Process::cpu_time).collect();
        let (servers, driver) = (servers?, self.driver.cpu_time()?);
        let Some(begin) = self.begin.take() else {
            self.messages = 0;
            self.latencies.reset();
            self.due = now + self.window;
            self.begin = Some(Begin {
                at: now,
                servers,
                driver,
            });
            return Ok(None);
        };
        self.over = true;
        let both = servers.iter().zip(&begin.servers);
        Ok(Some(Sample {
            messages: self.messages,
            servers: both.map(|(now, then)| now.saturating_sub(*then)).collect(),
            driver: driver.saturating_sub(begin.driver),
            elapsed: now - begin.at,
            latencies: self.latencies.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_and_after_the_window_is_not_counted() {
        let mut meter = Meter::new(&[], Duration::from_secs(1), Duration::from_secs(2));
        let start = meter.due;
        meter.count(5);
        meter.took(Duration::from_millis(7));
        assert!(
            meter
                .tick(start - Duration::from_millis(1))
                .is_ok_and(|sample| sample.is_none())
        );
        assert!(meter.tick(start).is_ok_and(|sample| sample.is_none()));
        meter.count(3);
        meter.took(Duration::from_micros(40));
        let end = start + Duration::from_secs(2);
        let sample = meter
            .tick(end)
            .expect("own account")
            .expect("the window is over");
        assert_eq!(
            (sample.messages, sample.elapsed),
            (3, Duration::from_secs(2))
        );
        assert_eq!(sample.latency(1.0), Some(40));
        assert!(meter.is_over() && meter.tick(end).is_ok_and(|sample| sample.is_none()));
    }

    #[test]
    fn no_latency_has_no_percentile() {
        let mut meter = Meter::new(&[], Duration::ZERO, Duration::ZERO);
        let start = meter.due;
        assert!(meter.tick(start).is_ok_and(|sample| sample.is_none()));
        let sample = meter.tick(start).expect("own account").expect("over");
        assert_eq!(sample.latency(0.5), None);
    }
}
