//! The code of the protocol reference does what the pages say, and its tables are complete.

use std::error::Error;

use docs_snippets::{
    capabilities, closing, connection, handshake, messages, packets, payloads, routes,
};
use pitaya_protocol::{Capabilities, CloseCode};

#[test]
fn packets_are_written_and_found() -> Result<(), Box<dyn Error>> {
    packets::packets();
    packets::framer()?;
    Ok(())
}

#[test]
fn handshake_bodies_are_read_and_written() -> Result<(), Box<dyn Error>> {
    handshake::request()?;
    handshake::response()?;
    Ok(())
}

#[test]
fn two_machines_shake_hands() -> Result<(), Box<dyn Error>> {
    connection::shake_hands()?;
    Ok(())
}

#[test]
fn closes_travel() {
    closing::close();
}

#[test]
fn messages_have_the_stated_bytes() -> Result<(), Box<dyn Error>> {
    messages::messages()?;
    messages::compression()?;
    Ok(())
}

#[test]
fn dictionaries_refuse_contradictions() -> Result<(), Box<dyn Error>> {
    routes::dictionary()?;
    Ok(())
}

#[test]
fn errors_have_a_form_in_both_serializers() -> Result<(), Box<dyn Error>> {
    payloads::error()?;
    Ok(())
}

#[test]
fn only_what_both_sides_have_is_granted() {
    capabilities::grant();
}

#[test]
fn every_close_code_is_listed() {
    let page = include_str!("../../src/protocol/closing.md");
    for code in CloseCode::NAMED {
        let row = format!("| {} | `{code:?}` |", code.number());
        assert!(page.contains(&row), "closing.md has no row `{row}`");
    }
}

#[test]
fn every_capability_has_its_section() {
    let page = include_str!("../../src/protocol/capabilities.md");
    for name in Capabilities::ALL.names() {
        assert!(
            page.contains(&format!("\n## `{name}`\n")),
            "capabilities.md has no section `{name}`"
        );
    }
}
