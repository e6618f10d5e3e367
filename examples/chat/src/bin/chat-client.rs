//! The chat's client: `chat-client URL NAME [--room ROOM]`.

use std::error::Error;
use std::future::poll_fn;
use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

use chat::contract::{
    JOIN, Join, LEAVE, Members, Nothing, ON_GAP, ON_LINE, ON_MEMBER, SAY, Say, WHO,
};
use clap::Parser;
use pitaya_client::{Client, QueueLimits, RequestError, State};
use tokio::sync::mpsc;

#[path = "chat-client/screen.rs"]
mod screen;
#[path = "chat-client/stay.rs"]
mod stay;

use screen::Screen;
use stay::Stay;

/// A chat over Pitaya. Type a line to say it; /help lists the commands.
#[derive(Parser)]
struct Arguments {
    /// The server: tcp://, tls://, ws:// or wss://, then host:port.
    url: String,
    /// Your name.
    name: String,
    /// The room to start in.
    #[arg(long, default_value = "lobby")]
    room: String,
}

/// How long a line may wait for a server that is away.
const PATIENCE: Duration = Duration::from_secs(30);

const HELP: &str = "/join ROOM  enter a room\n/leave      leave it\n/who        who is here\n/quit       end\nanything else is said to the room";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (screen, lines) = Screen::open();
    match run(arguments, &screen, lines).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.problem(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(
    arguments: Arguments,
    screen: &Screen,
    mut lines: mpsc::Receiver<String>,
) -> Result<(), Box<dyn Error>> {
    let Arguments { url, name, room } = arguments;
    // Every handshake says where we are and what we have seen, so that the server puts us back there and tells us the rest.
    let stay = Stay::new(name, room);
    let current = stay.clone();
    let client = Client::builder(url.as_str())
        .user_with(move || {
            let user = current.user();
            async move { Ok::<_, std::convert::Infallible>(user) }
        })
        .connect()
        .await?;
    let mut said = client.subscribe(ON_LINE);
    let mut gaps = client.subscribe(ON_GAP);
    let mut moved = client.subscribe(ON_MEMBER);
    let mut state = client.state();
    state.mark_unchanged();
    let mut connected = true;
    screen.note("connected, /help lists the commands");
    who(&client, screen, &stay).await;
    loop {
        tokio::select! {
            // In the order in which things happen: the connection is back before what arrives over it.
            biased;
            changed = state.changed() => {
                changed?;
                let now = state.borrow_and_update().clone();
                match now {
                    State::Connected if !connected => {
                        connected = true;
                        screen.note("connected again");
                        let (client, screen, stay) = (client.clone(), screen.clone(), stay.clone());
                        tokio::spawn(async move { who(&client, &screen, &stay).await });
                    }
                    State::Reconnecting { cause, .. } if connected => {
                        connected = false;
                        screen.problem(&format!("connection lost ({}), trying to come back", cause.close.reason()));
                    }
                    State::Closed(ended) => return Err(ended.closed.close.reason().to_owned().into()),
                    _ => {}
                }
            }
            line = lines.recv() => match line {
                None => break,
                Some(line) if line.trim() == "/quit" => break,
                Some(line) => command(&client, screen, &stay, line.trim()).await,
            },
            // The server tells of a gap before the lines that follow it.
            Some(gap) = gaps.next() => match gap {
                Ok(gap) => {
                    stay.seen(gap.at);
                    screen.note("lines may be missing here: the server does not know all that was said before");
                }
                Err(error) => screen.problem(&error.to_string()),
            },
            Some(line) = said.next() => match line {
                Ok(line) if stay.hears(&line) => screen.line(&line),
                // Its speaker said it again after the server had forgotten it.
                Ok(_) => {}
                Err(error) => screen.problem(&error.to_string()),
            },
            Some(member) = moved.next() => match member {
                Ok(member) if member.here => screen.note(&format!("{} is here", member.name)),
                Ok(member) => screen.note(&format!("{} has left", member.name)),
                Err(error) => screen.problem(&error.to_string()),
            },
        }
    }
    client.close().await;
    Ok(())
}

async fn command(client: &Client, screen: &Screen, stay: &Stay, line: &str) {
    match line
        .split_once(' ')
        .map_or((line, ""), |(word, rest)| (word, rest.trim()))
    {
        ("", _) => {}
        ("/help", _) => screen.note(HELP),
        ("/who", _) => who(client, screen, stay).await,
        ("/leave", _) => match client.request(LEAVE, &Nothing {}).await {
            Ok(_) => {
                stay.left();
                screen.note("you have left the room");
            }
            Err(error) => screen.problem(&error.to_string()),
        },
        ("/join", "") => screen.problem("say which room: /join ROOM"),
        ("/join", room) => {
            let joined = client
                .request(
                    JOIN,
                    &Join {
                        room: room.to_owned(),
                        seen: None,
                    },
                )
                .await;
            if let Ok(members) = &joined {
                stay.joined(members);
            }
            show_members(screen, joined);
        }
        (word, _) if word.starts_with('/') => {
            screen.problem(&format!("there is no {word}, /help lists the commands"))
        }
        _ => {
            let mut limits = QueueLimits::default();
            limits.age = PATIENCE.into();
            let say = Say {
                // Such as a tab that was pasted; the server takes none.
                text: line.replace(char::is_control, " "),
                key: Some(stay.key()),
            };
            let saying = client
                .request(SAY, &say)
                .timeout(PATIENCE)
                .queued_within(limits);
            let mut saying = Box::pin(saying.into_future());
            // The first poll gives it to the client: lines are said in the order in which they were typed.
            let polled = poll_fn(|context| Poll::Ready(saying.as_mut().poll(context))).await;
            let (screen, text) = (screen.clone(), line.to_owned());
            // The rest in a task of its own: while the server is away the line waits to be sent, and the screen goes on.
            tokio::spawn(async move {
                let said = match polled {
                    Poll::Ready(said) => said,
                    Poll::Pending => saying.await,
                };
                match said {
                    Ok(_) => {}
                    Err(RequestError::Server(error)) => screen.problem(&error.msg),
                    Err(error) if error.sent() => screen.problem(&format!(
                        "it is not known whether this arrived: {text} ({error})"
                    )),
                    Err(error) => screen.problem(&format!("not sent: {text} ({error})")),
                }
            });
        }
    }
}

/// Asks who is in the room, and says it.
async fn who(client: &Client, screen: &Screen, stay: &Stay) {
    let members = client.request(WHO, &Nothing {}).await;
    if let Ok(members) = &members {
        stay.told(members);
    }
    show_members(screen, members);
}

fn show_members(screen: &Screen, members: Result<Members, RequestError>) {
    match members {
        Ok(members) => {
            let server = members.server.map(|server| format!(" on {server}"));
            screen.note(&format!(
                "in {}{}: {}",
                members.room,
                server.unwrap_or_default(),
                members.names.join(", ")
            ));
        }
        Err(RequestError::Server(error)) => screen.problem(&error.msg),
        Err(error) => screen.problem(&error.to_string()),
    }
}
