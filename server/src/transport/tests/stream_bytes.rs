//! A byte stream hands on what comes, in any pieces, and finishes what it has begun to write.

use std::{collections::VecDeque, io, task::Poll};

use super::{Got, Script, once, packet, receive, send};
use crate::transport::{SendBuffer, Stream, Transport as _, memory};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn what_was_read_to_look_at_comes_first() {
    let (mut client, server) = memory::pair();
    let mut stream = Stream::with_prefix(server, vec![1, 2]);
    client.write_all(&[3, 4]).await.expect("written");

    assert_eq!(
        receive(&mut stream).await.expect("read"),
        Got::Bytes(vec![1, 2])
    );
    assert_eq!(
        receive(&mut stream).await.expect("read"),
        Got::Bytes(vec![3, 4])
    );
}

#[tokio::test]
async fn pieces_arrive_as_they_come_and_the_end_stays_the_end() {
    let sends = [Ok(vec![4]), Ok(vec![0, 0]), Ok(vec![0]), Ok(vec![])].into();
    let mut stream = Stream::new(Script {
        sends,
        ..Script::default()
    });

    for piece in [vec![4], vec![0, 0], vec![0]] {
        assert_eq!(receive(&mut stream).await.expect("read"), Got::Bytes(piece));
    }
    assert_eq!(receive(&mut stream).await.expect("read"), Got::Eof);
    assert_eq!(receive(&mut stream).await.expect("read"), Got::Eof);
}

#[tokio::test]
async fn tls_cut_off_without_notice_is_an_end_and_a_reset_is_an_error() {
    let sends: VecDeque<_> = [
        Err(io::ErrorKind::UnexpectedEof.into()),
        Err(io::ErrorKind::ConnectionReset.into()),
    ]
    .into();
    let mut cut = Stream::new(Script {
        sends,
        ..Script::default()
    });
    assert_eq!(receive(&mut cut).await.expect("read"), Got::Eof);

    let sends = [Err(io::ErrorKind::ConnectionReset.into())].into();
    let mut reset = Stream::new(Script {
        sends,
        ..Script::default()
    });
    let error = receive(&mut reset).await.expect_err("reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_partial_write_goes_on_where_it_stopped() {
    let (mut client, server) = tokio::io::duplex(10);
    let mut stream = Stream::new(server);
    let mut out = SendBuffer::default();
    out.push(&packet(20));

    assert!(once(|cx| stream.poll_send(cx, &mut out)).await.is_pending());
    assert_eq!(out.len(), 14);
    assert_eq!(out.taken(), 10);
    out.push(&packet(1));

    let mut received = vec![0; 29];
    let (sent, read) = tokio::join!(
        send(&mut stream, &mut out),
        client.read_exact(&mut received)
    );
    sent.expect("sent");
    read.expect("read");
    assert_eq!(received, [packet(20), packet(1)].concat());
    assert!(out.is_empty());
    assert_eq!(out.taken(), 29);
}

#[tokio::test]
async fn an_idle_buffer_holds_no_memory() {
    let (_client, server) = memory::pair();
    let mut stream = Stream::new(server);
    let mut out = SendBuffer::default();
    out.push(&packet(1000));
    send(&mut stream, &mut out).await.expect("sent");
    assert_eq!(out.capacity(), 0);
}

#[tokio::test]
async fn a_peer_that_is_always_behind_does_not_make_the_buffer_grow() {
    let mut stream = Stream::new(Script {
        takes: Some(VecDeque::new()),
        ..Script::default()
    });
    let mut out = SendBuffer::default();
    out.push(&packet(100_000));
    for _ in 0..1000 {
        out.push(&packet(996));
        // The peer takes as much as was added, never all.
        stream.io_mut().takes = Some(VecDeque::from([1000]));
        assert!(once(|cx| stream.poll_send(cx, &mut out)).await.is_pending());
    }
    assert_eq!(out.len(), 100_004);
    assert!(out.capacity() < 1_000_000, "{} bytes held", out.capacity());
}

#[tokio::test]
async fn a_peer_that_takes_nothing_makes_no_progress() {
    let takes = Some(VecDeque::from([5]));
    let mut stream = Stream::new(Script {
        takes,
        ..Script::default()
    });
    let mut out = SendBuffer::default();
    out.push(&packet(10));
    for _ in 0..3 {
        assert!(once(|cx| stream.poll_send(cx, &mut out)).await.is_pending());
        assert_eq!(out.taken(), 5);
    }
}

#[tokio::test]
async fn the_end_waits_for_the_peers_end() {
    let (mut client, server) = memory::pair();
    let mut stream = Stream::new(server);
    client.write_all(b"unread").await.expect("written");

    assert!(once(|cx| stream.poll_close(cx, None)).await.is_pending());
    assert_eq!(client.read(&mut [0]).await.expect("our end is seen"), 0);
    drop(client);
    assert!(matches!(
        once(|cx| stream.poll_close(cx, None)).await,
        Poll::Ready(Ok(()))
    ));
}
