//! How long handlers take. Those that answer without waiting take less than a reading of the clock costs, so a few in a row share one.

use std::time::Instant;

use metrics::Histogram;
use pitaya_protocol::SerializerSet;

use crate::router::Router;

/// How many share a reading. More would hide a slow one among fast ones.
const LONGEST: u32 = 4;

/// Handlers of one route that answered at once, one right after another.
#[derive(Debug)]
pub(super) struct Run {
    route: usize,
    started: Instant,
    count: u32,
}

impl Run {
    /// Makes the next handler of `route` part of the run; one of another route is over. Returns when the run began.
    pub(super) fn join<S: SerializerSet>(
        current: &mut Option<Self>,
        route: usize,
        router: &Router<S, Histogram>,
    ) -> Instant {
        if current.as_ref().is_some_and(|run| run.route != route) {
            Self::end(current, router);
        }
        let run = current.get_or_insert_with(|| Self {
            route,
            started: Instant::now(),
            count: 0,
        });
        run.started
    }

    /// The handler that has joined has ended.
    pub(super) fn add(&mut self, meter: &Histogram) {
        self.count += 1;
        if self.count == LONGEST {
            self.started = self.record(meter);
            self.count = 0;
        }
    }

    /// Something else comes than handlers of this route.
    pub(super) fn end<S: SerializerSet>(current: &mut Option<Self>, router: &Router<S, Histogram>) {
        if let Some(run) = current.take().filter(|run| run.count > 0) {
            run.record(router.entry(run.route).meter());
        }
    }

    /// Each handler counts, with the mean of the run. Returns the time.
    fn record(&self, meter: &Histogram) -> Instant {
        let now = Instant::now();
        meter.record_many((now - self.started) / self.count, self.count as usize);
        now
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use metrics::HistogramFn;
    use pitaya_protocol::{Json, Request};

    use super::*;
    use crate::component::Component;
    use crate::{Functions, Session};

    #[derive(Default)]
    struct Recorded(Mutex<Vec<f64>>);

    impl HistogramFn for Recorded {
        fn record(&self, value: f64) {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(value);
        }
    }

    #[test]
    fn every_handler_counts_whichever_way_its_run_ends() {
        let game = Functions::<Json>::new("game")
            .request(Request::new("game.a"), async |_: Session, (): ()| Ok(()))
            .request(Request::new("game.b"), async |_: Session, (): ()| Ok(()));
        let components: [Arc<dyn Component>; 1] = [Arc::new(game)];
        let recorded = [Arc::new(Recorded::default()), Arc::new(Recorded::default())];
        let mut meters = recorded.iter();
        let router = Router::new("test", &[], &components, |_| {
            Histogram::from_arc(meters.next().expect("two routes").clone())
        });
        let router = router.expect("a table");
        let counts = || {
            recorded
                .each_ref()
                .map(|recorded| recorded.0.lock().expect("no panic").len())
        };

        let mut run = None;
        for (route, expected) in [
            (0, [0, 0]),
            (0, [0, 0]),
            (1, [2, 0]),
            (1, [2, 0]),
            (1, [2, 0]),
            (1, [2, 4]),
            (1, [2, 4]),
        ] {
            Run::join(&mut run, route, &router);
            run.as_mut()
                .expect("a run")
                .add(router.entry(route).meter());
            assert_eq!(counts(), expected);
        }
        Run::end(&mut run, &router);
        Run::end(&mut run, &router);
        assert_eq!(counts(), [2, 5]);
        // A handler that joined and did not end at once is not counted here.
        Run::join(&mut run, 0, &router);
        Run::end(&mut run, &router);
        assert_eq!(counts(), [2, 5]);
    }
}
