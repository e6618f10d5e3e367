//! Whom a program in C trusts, and what it is told of servers that it does not.

use std::fs;
use std::net::TcpListener as Port;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::cc;

/// The numbers of the header.
const UNREACHABLE: &str = "14";
const UPGRADE: &str = "15";
const TLS: &str = "16";
const CERTIFICATE: &str = "17";
const PIN: &str = "18";

type Certified = CertifiedKey<KeyPair>;

fn certified(name: &str) -> Certified {
    generate_simple_self_signed([name.to_owned()]).expect("a certificate")
}

/// What is served behind TLS, or without it.
#[derive(Clone)]
enum Serving {
    Tls(Arc<ServerConfig>),
    Plain(&'static [u8]),
}

/// A server that ends with this.
struct Server {
    port: u16,
    _runtime: Runtime,
}

impl Server {
    fn start(serving: Serving) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        runtime.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move {
                    match serving {
                        Serving::Plain(answer) => answers(tcp, answer).await,
                        // A client that does not trust us ends the handshake, and we do with one that we do not.
                        Serving::Tls(config) => {
                            if let Ok(tls) = TlsAcceptor::from(config).accept(tcp).await {
                                answers(tls, &accepted()).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            port,
            _runtime: runtime,
        }
    }

    /// With a certificate, and a demand for this one of the client.
    fn tls(own: &Certified, wanted: Option<&Certified>) -> Self {
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = match wanted {
            None => config.with_no_client_auth(),
            Some(wanted) => {
                let mut roots = RootCertStore::empty();
                roots.add(wanted.cert.der().clone()).expect("a root");
                let roots = Arc::new(roots);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                config.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let config = config.with_single_cert(vec![own.cert.der().clone()], key);
        Self::start(Serving::Tls(Arc::new(config.expect("a certificate"))))
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}", self.port)
    }
}

/// A handshake response.
fn accepted() -> Vec<u8> {
    let body = br#"{"code":200,"sys":{"heartbeat":60,"serializer":"json"}}"#;
    [&[1, 0, 0, body.len() as u8], &body[..]].concat()
}

/// Answers the first that comes, and waits for the end.
async fn answers(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) {
    let mut taken = [0; 1024];
    let mut answer = Some(answer);
    while let Ok(1..) = stream.read(&mut taken).await {
        if let Some(answer) = answer.take()
            && stream.write_all(answer).await.is_err()
        {
            return;
        }
    }
}

/// What a program in C is told to trust.
struct Trust {
    folder: PathBuf,
    roots: PathBuf,
    pins: String,
    chain: PathBuf,
    key: PathBuf,
}

impl Trust {
    /// Whom the system trusts.
    fn system(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pitaya-c-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self {
            folder,
            roots: PathBuf::new(),
            pins: String::new(),
            chain: PathBuf::new(),
            key: PathBuf::new(),
        }
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, content).expect("a file");
        path
    }

    fn root(mut self, certified: &Certified) -> Self {
        self.roots = self.file("roots.pem", &certified.cert.pem());
        self
    }

    fn identity(mut self, certified: &Certified) -> Self {
        self.chain = self.file("chain.pem", &certified.cert.pem());
        self.key = self.file("key.pem", &certified.signing_key.serialize_pem());
        self
    }

    /// Lets the program connect, and returns what it printed.
    fn connects(&self, url: &str) -> String {
        self.reason(url).0
    }

    /// The same, and the text for people.
    fn reason(&self, url: &str) -> (String, String) {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/trust.c");
        let program = PROGRAM.get_or_init(|| cc::build(cc::C99, "trust", &[source]));
        let ended = Command::new(program)
            .arg(url)
            .arg(&self.roots)
            .arg(&self.pins)
            .args([&self.chain, &self.key])
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{}: {text}", ended.status);
        let told = String::from_utf8(ended.stdout).expect("text");
        (told, text.into_owned())
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// No connection, and no use in trying again.
fn closed(status: &str) -> String {
    format!("closed {status} origin 3 final\n")
}

#[test]
fn an_own_root_is_trusted() {
    let own = certified("localhost");
    let server = Server::tls(&own, None);
    let told = Trust::system("root")
        .root(&own)
        .connects(&server.url("tls"));
    assert_eq!(told, "connected\n");
}

#[test]
fn a_stranger_is_not() {
    let server = Server::tls(&certified("localhost"), None);
    let trust = Trust::system("stranger").root(&certified("localhost"));
    assert_eq!(trust.connects(&server.url("tls")), closed(CERTIFICATE));
    assert_eq!(trust.connects(&server.url("wss")), closed(CERTIFICATE));
    let system = Trust::system("system");
    assert_eq!(system.connects(&server.url("tls")), closed(CERTIFICATE));
}

#[test]
fn another_name_is_not() {
    let own = certified("other.example");
    let server = Server::tls(&own, None);
    let told = Trust::system("name")
        .root(&own)
        .connects(&server.url("tls"));
    assert_eq!(told, closed(CERTIFICATE));
}

#[test]
fn the_pinned_key_is_trusted_and_no_other() {
    let own = certified("localhost");
    let server = Server::tls(&own, None);
    let mut trust = Trust::system("pins").root(&own);
    trust.pins = format!("sha256/{}=", "A".repeat(43));
    let (told, text) = trust.reason(&server.url("tls"));
    assert_eq!(told, closed(PIN));
    // The text names the key that was shown.
    let shown = text
        .split_whitespace()
        .find(|word| word.starts_with("sha256/"));
    trust.pins = format!("{}\n{}", trust.pins, shown.expect("the key"));
    assert_eq!(trust.connects(&server.url("tls")), "connected\n");
}

#[test]
fn a_server_that_wants_a_certificate_gets_it() {
    let (own, client) = (certified("localhost"), certified("client"));
    let server = Server::tls(&own, Some(&client));
    let known = Trust::system("identity").root(&own).identity(&client);
    assert_eq!(known.connects(&server.url("tls")), "connected\n");
    for unknown in [
        Trust::system("nobody").root(&own),
        Trust::system("another")
            .root(&own)
            .identity(&certified("client")),
    ] {
        // The server says so after the handshake of TLS 1.3, and while this client writes: neither may end the program.
        for _ in 0..20 {
            let told = unknown.connects(&server.url("tls"));
            assert_eq!(told, "again 0 origin 3 retryable\n");
        }
    }
}

#[test]
fn what_speaks_no_tls_is_told_so() {
    let server = Server::start(Serving::Plain(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let told = Trust::system("plain").connects(&server.url("tls"));
    assert_eq!(told, closed(TLS));
}

#[test]
fn a_refused_upgrade_is_told() {
    let server = Server::start(Serving::Plain(
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ));
    let told = Trust::system("upgrade").connects(&server.url("ws"));
    assert_eq!(told, closed(UPGRADE));
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    let port = Port::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let told = Trust::system("nobody-there").connects(&format!("tls://{address}"));
    assert_eq!(told, format!("again {UNREACHABLE} origin 3 retryable\n"));
}

#[test]
fn settings_that_are_none_are_refused() {
    let url = "tls://localhost:1";
    let mut trust = Trust::system("settings");
    trust.pins = "sha256/short".to_owned();
    assert_eq!(trust.connects(url), "unusable -5\n");
    trust.pins.clear();
    trust.roots = trust.file("roots.pem", "no certificate");
    assert_eq!(trust.connects(url), "unusable -5\n");
}
