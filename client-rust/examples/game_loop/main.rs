//! A game loop without async: the network is polled once per frame, and nothing ever blocks or calls back on another thread.
//!
//! ```text
//! cargo run -p pitaya-client --example game_loop -- 127.0.0.1:3251 connector.getsessiondata
//! ```
//!
//! It sends a request once per second of game time and prints what happens, for ten seconds.

mod network;

use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, Instant};

use network::{Happening, Network};

const FRAME: Duration = Duration::from_millis(16);
const FRAMES_PER_REQUEST: u32 = 60;
const FRAMES: u32 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:3251".into())
        .parse()?;
    let route = arguments
        .next()
        .unwrap_or_else(|| "connector.getsessiondata".into());

    let mut network = Network::connect(address);
    let mut next_frame = Instant::now();
    for frame in 0..FRAMES {
        if frame % FRAMES_PER_REQUEST == 0 {
            network.request(frame, &route, b"{}");
        }
        network.poll(&mut |happening| match happening {
            Happening::State(state) => println!("{frame:>4} {state:?}"),
            Happening::Answer { call, body } => {
                println!(
                    "{frame:>4} answer to {call}: {}",
                    String::from_utf8_lossy(body)
                );
            }
            Happening::Failed { call, reason } => println!("{frame:>4} {call} failed: {reason}"),
            Happening::Push { route, body } => {
                println!(
                    "{frame:>4} push on {route}: {}",
                    String::from_utf8_lossy(body)
                );
            }
        });
        // Here a game moves its world and draws it.
        next_frame += FRAME;
        sleep(next_frame.saturating_duration_since(Instant::now()));
    }
    network.close();
    Ok(())
}
