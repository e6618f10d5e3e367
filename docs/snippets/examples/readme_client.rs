//! The client of the README.
// ANCHOR: client
use pitaya_client::{Client, Push, Request};

const SAY: Request<String, usize> = Request::new("room.say");
const ON_LINE: Push<String> = Push::new("onLine");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder("ws://127.0.0.1:3251").connect().await?;
    let mut lines = client.subscribe(ON_LINE);
    let heard = client.request(SAY, &"hello".to_owned()).await?;
    println!("{heard} heard {:?}", lines.next().await.transpose()?);
    Ok(())
}
// ANCHOR_END: client
