//! A chat over Pitaya, the demo of the suite: [`contract`] is what server and clients agree on, [`sign_in`] lets players in, [`room`] is
//! the game's logic, [`site`] serves the page and its connections, [`host`] runs it all until the end; the two programs `chat-server` and
//! `chat-client` put them on the network.

pub mod contract;
pub mod host;
mod recent;
pub mod room;
pub mod sign_in;
pub mod site;
