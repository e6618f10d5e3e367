use std::{
    io,
    ops::Range,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, unix::SourceFd};

use crate::{Dialed, LoadError, Process, Sample, Target, dial, dial::Dialing, meter::Meter};

/// Connections that are opened at the same time, so that neither side waits for the other's turn.
const AT_ONCE: usize = 64;

/// Connections on their way in, driven by one thread that never sleeps.
struct Arrivals<'a> {
    target: &'a Target,
    poll: Poll,
    events: Events,
    places: Vec<Option<Arrival>>,
    progress: Instant,
}

struct Arrival {
    dialing: Dialing,
    number: usize,
    since: Instant,
}

/// A connection that is open, its number, and how long that took.
type Arrived = (usize, Dialed, Duration);

impl<'a> Arrivals<'a> {
    fn new(target: &'a Target) -> io::Result<Self> {
        Ok(Self {
            target,
            poll: Poll::new()?,
            events: Events::with_capacity(AT_ONCE),
            places: (0..AT_ONCE).map(|_| None).collect(),
            progress: Instant::now(),
        })
    }

    /// Fills empty places with the next numbers.
    fn start(&mut self, numbers: &mut Range<usize>) -> Result<(), LoadError> {
        for (place, arrival) in self.places.iter_mut().enumerate() {
            if arrival.is_some() {
                continue;
            }
            let Some(number) = numbers.next() else {
                break;
            };
            let since = Instant::now();
            let dialing = Dialing::start(self.target, number)
                .map_err(|source| LoadError::Dial { number, source })?;
            let stream = &dialing.dialed.stream;
            stream.socket().set_nonblocking(true)?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            let socket = std::os::fd::AsRawFd::as_raw_fd(stream);
            self.poll
                .registry()
                .register(&mut SourceFd(&socket), Token(place), interest)?;
            *arrival = Some(Arrival {
                dialing,
                number,
                since,
            });
        }
        Ok(())
    }

    /// Goes on with what the kernel has news of.
    fn advance(
        &mut self,
        mut arrived: impl FnMut(Arrived) -> io::Result<()>,
    ) -> Result<(), LoadError> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
        if !self.events.is_empty() {
            self.progress = Instant::now();
        } else if self.progress.elapsed() > dial::PATIENCE {
            return Err(LoadError::Stalled);
        }
        for event in &self.events {
            let place = &mut self.places[event.token().0];
            let Some(arrival) = place else {
                continue;
            };
            let number = arrival.number;
            let open = arrival.dialing.advance(self.target);
            if !open.map_err(|source| LoadError::Dial { number, source })? {
                continue;
            }
            if let Some(done) = place.take() {
                let dialed = done.dialing.dialed;
                let socket = std::os::fd::AsRawFd::as_raw_fd(&dialed.stream);
                self.poll.registry().deregister(&mut SourceFd(&socket))?;
                arrived((number, dialed, done.since.elapsed()))?;
            }
        }
        Ok(())
    }
}

/// Opens the connections with these numbers, which do not block.
///
/// # Errors
/// See [`LoadError`].
pub(crate) fn open(target: &Target, mut numbers: Range<usize>) -> Result<Vec<Dialed>, LoadError> {
    let count = numbers.len();
    let mut arrivals = Arrivals::new(target)?;
    let mut open = Vec::with_capacity(count);
    while open.len() < count {
        arrivals.start(&mut numbers)?;
        arrivals.advance(|(_, dialed, _)| {
            open.push(dialed);
            Ok(())
        })?;
    }
    Ok(open)
}

/// Opens connections, closes each as soon as it is open, and counts them.
///
/// # Errors
/// See [`LoadError`].
pub fn visit(
    target: &Target,
    warm_up: Duration,
    window: Duration,
    servers: &[Process],
) -> Result<Sample, LoadError> {
    let mut arrivals = Arrivals::new(target)?;
    let mut meter = Meter::new(servers, warm_up, window);
    let mut numbers = 0..usize::MAX;
    loop {
        if let Some(sample) = meter.tick(Instant::now())? {
            return Ok(sample);
        }
        arrivals.start(&mut numbers)?;
        arrivals.advance(|(_, dialed, time)| {
            meter.count(1);
            meter.took(time);
            dialed.stream.reset()
        })?;
    }
}
