//! A connection to an engine that a test can cut.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Stands before an engine on the same machine. A cut cable ends all connections and takes no new ones.
#[derive(Debug)]
pub(crate) struct Cable {
    port: u16,
    plugged: Arc<watch::Sender<bool>>,
}

impl Cable {
    /// Leads to this port.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let here = listener.local_addr().expect("it is bound").port();
        let plugged = Arc::new(watch::Sender::new(true));
        let ends = plugged.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut plugged = ends.subscribe();
                tokio::spawn(async move {
                    // A connection that is made while it is cut ends at once.
                    let carried = async {
                        let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
                        copy_bidirectional(&mut near, &mut far).await
                    };
                    tokio::select! {
                        biased;
                        _ = plugged.wait_for(|plugged| !plugged) => {}
                        _ = carried => {}
                    }
                });
            }
        });
        Self {
            port: here,
            plugged,
        }
    }

    /// Where it is reached.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Cuts it.
    pub(crate) fn cut(&self) {
        self.plugged.send_replace(false);
    }

    /// Joins it again.
    pub(crate) fn mend(&self) {
        self.plugged.send_replace(true);
    }
}
