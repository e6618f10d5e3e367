//! Starts the web program with its game server on port 8080, until Ctrl-C.

use std::error::Error;

use embed_axum::{
    game::{Hall, game},
    serve::serve,
    site::site,
};
use tokio::net::TcpListener;

const ADDRESS: &str = "127.0.0.1:8080";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let hall = Hall::default();
    hall.open();
    let game = game(hall).start().await?;
    let site = site(
        Some(game.clone()),
        &["http://127.0.0.1:8080", "http://localhost:8080"],
    );
    let listener = TcpListener::bind(ADDRESS).await?;
    println!("http://{ADDRESS}, and the game on ws://{ADDRESS}/ws");
    let stop = async {
        // Without signals, the end of the process is the only end.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    if let Some(report) = serve(listener, site, Some(game), stop).await? {
        println!(
            "{} sessions drained, {} cut, in {:?}",
            report.sessions - report.cut,
            report.cut,
            report.took
        );
    }
    Ok(())
}
