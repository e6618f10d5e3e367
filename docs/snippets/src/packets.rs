//! Packets: writing them, and finding them in a stream.

use pitaya_protocol::{Framer, PacketError, PacketType, packet};

/// Writes packets.
pub fn packets() {
    // ANCHOR: packets
    let mut out = Vec::new();
    packet::encode(PacketType::HandshakeAck, &[], &mut out).expect("an empty body fits");
    packet::encode(PacketType::Data, &[0x06], &mut out).expect("one byte fits");
    assert_eq!(out, [0x02, 0, 0, 0, 0x04, 0, 0, 1, 0x06]);
    // ANCHOR_END: packets
}

/// Reads packets that arrive in pieces.
///
/// # Errors
///
/// When a header is no header.
pub fn framer() -> Result<(), PacketError> {
    // ANCHOR: framer
    let mut framer = Framer::new(1024);
    framer.push(&[0x03, 0, 0, 0, 0x04, 0, 0]); // a heartbeat, and most of a header
    let packet = framer.next_packet()?.expect("the heartbeat is whole");
    assert_eq!(packet.kind, PacketType::Heartbeat);
    assert!(framer.next_packet()?.is_none());

    framer.push(&[2, 0xaa, 0xbb]);
    let packet = framer.next_packet()?.expect("now the other one is, too");
    assert_eq!(
        (packet.kind, packet.body),
        (PacketType::Data, &[0xaa, 0xbb][..])
    );

    framer.push(&[0x04, 0xff, 0xff, 0xff]); // announces 16,777,215 bytes
    assert!(matches!(
        framer.next_packet(),
        Err(PacketError::TooLarge { limit: 1024, .. })
    ));
    // ANCHOR_END: framer
    Ok(())
}
