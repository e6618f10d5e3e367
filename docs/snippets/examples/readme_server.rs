//! The server of the README.
// ANCHOR: server
use pitaya_server::protocol::Push;
use pitaya_server::{Result, Server, Session, StartError, component, ws};

const ON_LINE: Push<String> = Push::new("onLine");
struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn say(&self, session: &Session, line: String) -> Result<usize> {
        let everyone = session.server().sessions();
        everyone.iter().for_each(|s| drop(s.push(ON_LINE, &line)));
        Ok(everyone.len())
    }
}

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let server = Server::builder().register(Room);
    server.listen(ws("0.0.0.0:3251")).run().await.map(drop)
}
// ANCHOR_END: server
