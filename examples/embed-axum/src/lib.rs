//! A web program with a login, and what it takes to give it a game server on `/ws`.
//!
//! The web program is [`site`] and [`login`]: it knows nothing of the game but that there may be one. The game is [`game`]: it knows nothing of
//! cookies. They meet in two places: the handler of `/ws` in [`site`] turns a login into a session's uid, and [`serve`] stops both.

pub mod game;
pub mod login;
pub mod serve;
pub mod site;
