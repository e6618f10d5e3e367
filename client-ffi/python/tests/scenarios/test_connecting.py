"""Reaching a server, and what keeps a client from it."""

import asyncio
import socket

from pitaya_client import ClientInfo, ConnectError, Tls, connect

from ..kit import DELAY, PeerTest, hasty, lose, soon, two_more


def nobody() -> str:
    """An address on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"ws://127.0.0.1:{listener.getsockname()[1]}/"


class Connecting(PeerTest):
    async def test_connect(self) -> None:
        sdk = self.sdk()
        tls = Tls(roots_pem=sdk.certificate.read_bytes())
        for name in ("json-tcp", "json-tls", "json-ws"):
            async with hasty(sdk.url(name), tls=tls) as client:
                self.assertEqual((client.state.kind, client.serializer), ("connected", "json"))
            ended = await client.wait_closed()
            self.assertEqual((ended.reason.code, ended.reason.origin), (0, "local"))

    async def test_user_data(self) -> None:
        info = ClientInfo(version="2.1", build="20", platform="mac")
        client = await self.connect(hasty(self.peer("on-demand").ws, user={"age": 30}, client_info=info))
        handshake = await client.request("mock.handshake")
        sys = handshake["sys"]
        self.assertEqual(handshake["user"], {"age": 30})
        self.assertEqual((sys["platform"], sys["clientVersion"], sys["clientBuildNumber"]), ("mac", "2.1", "20"))
        self.assertTrue(sys["libVersion"])

    async def test_user_anew(self) -> None:
        attempts = 0

        async def user() -> dict[str, int]:
            nonlocal attempts
            attempts += 1
            return {"attempt": attempts}

        client = await self.connect(hasty(self.peer("on-demand").ws, user=user))
        self.assertEqual((await client.request("mock.handshake"))["user"], {"attempt": 1})
        await lose(client)
        await soon(client.wait_connected())
        self.assertEqual((await client.request("mock.handshake"))["user"], {"attempt": 2})

    async def test_user_function_fails(self) -> None:
        def user() -> dict[str, str]:
            raise RuntimeError("the token service is away")

        with self.assertRaisesRegex(ConnectError, "the token service is away") as failed:
            await soon(hasty(self.peer("on-demand").ws, user=user))
        self.assertIsInstance(failed.exception.__cause__, RuntimeError)

    async def test_bad_url(self) -> None:
        with self.assertRaisesRegex(ConnectError, "http://127.0.0.1:1/") as failed:
            await connect("http://127.0.0.1:1/")
        self.assertEqual((failed.exception.code, failed.exception.retryable), ("url", False))

    async def test_unreachable(self) -> None:
        url = nobody()
        with self.assertRaisesRegex(ConnectError, url) as failed:
            await soon(hasty(url))
        self.assertEqual((failed.exception.code, failed.exception.retryable), ("unreachable", True))
        self.assertEqual([at.endpoint for at in failed.exception.endpoints], [url])

    async def test_first_attempt_repeated(self) -> None:
        self.assertTrue((await self.ending(two_more(nobody(), first=True))).exhausted)

    async def test_connect_aborted(self) -> None:
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connecting.cancel()
            await reader.read()
            gone.set()
            writer.close()

        async def attempt() -> None:
            await hasty(f"tcp://127.0.0.1:{port}")

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            connecting = asyncio.create_task(attempt())
            with self.assertRaises(asyncio.CancelledError):
                await soon(connecting)
            await soon(gone.wait())

    async def test_handshake_timeout(self) -> None:
        for url in self.peer("slow-handshake", delay=30).both:
            with self.assertRaises(ConnectError) as failed:
                await soon(hasty(url, handshake_timeout=0.1))
            assert failed.exception.reason
            self.assertEqual((failed.exception.reason.code, failed.exception.retryable), (103, True))

    async def test_slow_handshake(self) -> None:
        url = self.peer("slow-handshake").tcp
        begin = asyncio.get_running_loop().time()
        await self.connect(url)
        self.assertGreaterEqual(asyncio.get_running_loop().time() - begin, DELAY)

    async def test_drop_on_ack(self) -> None:
        for url in self.peer("drop-on-ack").both:
            ended = await self.ending(two_more(url, first=True))
            self.assertTrue(ended.exhausted and ended.reason.reconnect)
            self.assertFalse(ended.reason.kicked)

    async def test_split_frames(self) -> None:
        for url in self.peer("split-frames").both:
            client = await self.connect(url)
            for body in (None, "one", "another"):
                self.assertEqual(await soon(client.request("a.b", body)), body)
