//! Where a gate's players come in.

use std::path::PathBuf;

use chat::host::Page;
use clap::Args;
use pitaya_server::{ServerBuilder, tcp, ws};

#[derive(Args, Clone)]
pub(crate) struct Listeners {
    /// Where TCP clients connect.
    #[arg(long, default_value = "127.0.0.1:3260")]
    pub(crate) tcp: String,
    /// Where WebSocket clients connect.
    #[arg(long, default_value = "127.0.0.1:3261")]
    pub(crate) ws: String,
    /// The folder with the built page; without it there is no page.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// Where browsers find the page, and its connections on /ws.
    #[arg(long, default_value = "127.0.0.1:3262")]
    page: String,
}

impl Listeners {
    pub(crate) fn add_to(&self, gate: ServerBuilder) -> ServerBuilder {
        gate.listen(tcp(&*self.tcp)).listen(ws(&*self.ws))
    }

    pub(crate) fn page(self) -> Option<Page> {
        let address = self.page;
        self.web.map(|files| Page { address, files })
    }
}
