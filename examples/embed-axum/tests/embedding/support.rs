//! The program on a free port, a plain HTTP client and a player.

use std::net::SocketAddr;

use embed_axum::{
    game::{Hall, game},
    serve::serve,
    site::site,
};
use futures_util::{SinkExt as _, StreamExt as _};
use pitaya_server::{
    Handle, ServerConfig, ShutdownReport,
    protocol::{Message, PacketType, RouteRef, packet},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, ClientRequestBuilder, protocol::CloseFrame},
};

/// The only origin whose pages may play.
pub(crate) const ORIGIN: &str = "https://play.example";

/// The program at work.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    pub(crate) hall: Hall,
    pub(crate) game: Option<Handle>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<Option<ShutdownReport>>>,
}

impl Program {
    /// With a game server of this configuration, or without one.
    pub(crate) async fn start(config: Option<ServerConfig>) -> Self {
        let hall = Hall::default();
        let mut running_game = None;
        if let Some(config) = config {
            running_game = Some(
                game(hall.clone())
                    .config(config)
                    .start()
                    .await
                    .expect("started"),
            );
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let site = site(running_game.clone(), &[ORIGIN]);
        let running = tokio::spawn(serve(listener, site, running_game.clone(), async {
            let _ = stopped.await;
        }));
        Self {
            address,
            hall,
            game: running_game,
            stop,
            running,
        }
    }

    /// Tells the program to stop and gives what tells when it has.
    pub(crate) fn stop(self) -> JoinHandle<std::io::Result<Option<ShutdownReport>>> {
        self.stop.send(()).expect("running");
        self.running
    }

    /// Sends a request on a connection of its own and returns the whole answer.
    pub(crate) async fn ask(&self, line: &str, headers: &str, body: &str) -> String {
        let mut tcp = TcpStream::connect(self.address).await.expect("connected");
        let request = format!(
            "{line} HTTP/1.1\r\nHost: game\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        tcp.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.expect("read");
        answer
    }

    /// Logs in and returns the cookie.
    pub(crate) async fn log_in(&self, name: &str) -> String {
        let body = format!(r#"{{"name":"{name}"}}"#);
        let answer = self
            .ask("POST /login", "Content-Type: application/json\r\n", &body)
            .await;
        let (_, cookie) = answer.split_once("set-cookie: ").expect("a cookie");
        cookie.split_once(';').expect("attributes").0.to_owned()
    }

    /// Asks for a WebSocket. An error is the refusal's HTTP status.
    pub(crate) async fn play(&self, headers: &[(&str, &str)]) -> Result<Player, u16> {
        let tcp = TcpStream::connect(self.address).await.expect("connected");
        let uri = format!("ws://{}/ws", self.address).parse().expect("a URI");
        let request = headers
            .iter()
            .fold(ClientRequestBuilder::new(uri), |request, (name, value)| {
                request.with_header(*name, *value)
            });
        match client_async(request, tcp).await {
            Ok((socket, _)) => Ok(Player { socket }),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A player with a login, after the handshake.
    pub(crate) async fn player(&self, name: &str) -> Player {
        let cookie = self.log_in(name).await;
        let mut player = self.play(&[("Cookie", &cookie)]).await.expect("upgraded");
        player.shake_hands().await;
        player
    }
}

/// A client of the game.
#[derive(Debug)]
pub(crate) struct Player {
    socket: WebSocketStream<TcpStream>,
}

impl Player {
    /// As a client of the family.
    pub(crate) async fn shake_hands(&mut self) {
        let body = br#"{"sys":{"type":"test","version":"1"},"user":{}}"#;
        self.send_packet(PacketType::Handshake, body).await;
        let (kind, body) = self.next_packet().await.expect("a handshake response");
        assert_eq!(kind, PacketType::Handshake.number());
        assert!(String::from_utf8_lossy(&body).contains("200"));
        self.send_packet(PacketType::HandshakeAck, b"").await;
    }

    /// Sends a request, without waiting for its answer.
    pub(crate) async fn ask(&mut self, id: u64, route: &str, body: &str) {
        let mut bytes = Vec::new();
        Message::request(id, RouteRef::Name(route), body.as_bytes())
            .encode_packet(&mut bytes)
            .expect("small");
        self.socket
            .send(tungstenite::Message::binary(bytes))
            .await
            .expect("sent");
    }

    /// The next message: its id (0 for a push) and body.
    pub(crate) async fn hear(&mut self) -> (u64, String) {
        let (kind, body) = self.next_packet().await.expect("a message");
        assert_eq!(kind, PacketType::Data.number());
        let message = Message::decode(&body).expect("a message");
        (
            message.id,
            String::from_utf8(message.body.to_vec()).expect("JSON"),
        )
    }

    /// The number of the close frame, which is the next that comes.
    pub(crate) async fn closed(&mut self) -> u16 {
        match self.next_packet().await {
            Err(Some(frame)) => frame.code.into(),
            other => panic!("not closed: {other:?}"),
        }
    }

    async fn send_packet(&mut self, kind: PacketType, body: &[u8]) {
        let mut bytes = Vec::new();
        packet::encode(kind, body, &mut bytes).expect("small");
        self.socket
            .send(tungstenite::Message::binary(bytes))
            .await
            .expect("sent");
    }

    async fn next_packet(&mut self) -> Result<(u8, Vec<u8>), Option<CloseFrame>> {
        match self.socket.next().await {
            Some(Ok(tungstenite::Message::Binary(bytes))) => Ok((bytes[0], bytes[4..].to_vec())),
            Some(Ok(tungstenite::Message::Close(frame))) => Err(frame),
            other => panic!("{other:?}"),
        }
    }
}
