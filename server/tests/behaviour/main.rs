//! What a server does, one file per behaviour, over every transport where the transport can make a difference.

mod answers;
mod backpressure;
mod concurrent;
mod early_pushes;
mod leaving;
mod order;
mod panics;
mod slow_consumer;
mod support;
