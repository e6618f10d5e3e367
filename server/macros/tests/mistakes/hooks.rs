#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

use pitaya_server::Handle;

#[component("room")]
impl Room {
    #[init]
    fn open(&self, server: Handle) -> Result<()> {
        Ok(())
    }

    #[after_init]
    async fn fill(&self, server: &Handle) -> Result<u32> {
        Ok(1)
    }

    #[shutdown]
    async fn close(&self, session: &Session) {}

    #[before_shutdown(early)]
    async fn warn(&self) -> Result<()> {
        Ok(())
    }
}

struct Shop;

#[component("shop")]
impl Shop {
    #[init]
    async fn one(&self) -> Result<()> {
        Ok(())
    }

    #[init]
    async fn two(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
