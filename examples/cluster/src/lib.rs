//! The chat as a cluster: a [`gate`] takes players in, a [`room`] server has rooms, and [`moves`] is what they tell each other when a room
//! is on another server than before. The chat itself, its clients and its page are those of one process; the program `chat-cluster` puts
//! gates and rooms into one process or into many.

pub mod gate;
pub mod moves;
pub mod room;
