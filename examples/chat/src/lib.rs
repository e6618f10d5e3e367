//! A chat over Pitaya, the demo of the suite: [`contract`] is what server and clients agree on, [`room`] is the game's logic, [`site`]
//! serves the page and its connections; the two programs `chat-server` and `chat-client` put them on the network.

pub mod contract;
mod recent;
pub mod room;
pub mod site;
