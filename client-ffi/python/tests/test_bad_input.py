"""What a caller may get wrong: an exception, and the client lives on."""

from pitaya_client import Client, ConnectError, Limits, NotSentError, Reconnect, Tls, connect, raw
from pitaya_client._native import pitaya as native

from .kit import PeerTest, hasty, soon


class BadInput(PeerTest):
    async def works(self, client: Client) -> None:
        self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_a_text_that_is_no_utf8(self) -> None:
        _, client = await self.on_demand()
        # Half of a pair of surrogates: Python has such texts, UTF-8 does not.
        for route, body in (("a.\ud800", 1), ("a.b", "\ud800")):
            with self.assertRaises((NotSentError, UnicodeEncodeError)):
                await client.request(route, body)
        await self.works(client)

    async def test_a_body_of_another_kind(self) -> None:
        client = await self.connect(hasty(self.peer("on-demand").ws, codec=raw))
        with self.assertRaises(NotSentError) as failed:
            await client.request("a.b", "text")
        self.assertEqual(failed.exception.code, "encode")
        self.assertEqual(await soon(client.request("a.b", memoryview(b"1"))), b"1")

    async def test_times_and_sizes_that_are_none(self) -> None:
        _, client = await self.on_demand()
        for timeout in (-1, float("nan")):
            with self.assertRaises(ValueError):
                await client.request("a.b", timeout=timeout)
        for limits in (Limits(packet_bytes=-1), Limits(push_buffer=2**32)):
            with self.assertRaises(ValueError):
                await connect("tcp://127.0.0.1:9", limits=limits)
        with self.assertRaises(ValueError):
            await connect("tcp://127.0.0.1:9", reconnect=Reconnect(jitter=2))
        self.assertEqual(await soon(client.request("a.b", 1, timeout=float("inf"))), 1)

    async def test_settings_that_cannot_be_used(self) -> None:
        url = "tcp://127.0.0.1:9"
        wrong = {
            "url": connect([]),
            "user": connect(url, user={"x": object()}),
            "settings": connect(url, capabilities=["telepathy"]),
        }
        for code, connecting in wrong.items():
            with self.assertRaises(ConnectError) as failed:
                await connecting
            self.assertEqual(failed.exception.code, code)
        for tls in (Tls(roots_pem=b"none"), Tls(pins=["sha1/abc"]), Tls(identity_chain_pem=b"")):
            with self.assertRaises(ConnectError) as failed:
                await connect(url, tls=tls)
            self.assertEqual(failed.exception.code, "settings")
        with self.assertRaises(ConnectError):
            await connect("ws://127.0.0.1:9", headers={"no header": "a\nb"})

    async def test_a_route_of_pushes_that_is_none(self) -> None:
        _, client = await self.on_demand()
        for route in ("", "a" * 256):
            with self.assertRaises(NotSentError) as failed:
                client.pushes(route)
            self.assertEqual(failed.exception.code, "route")

    async def test_a_panic_in_the_library_is_an_exception(self) -> None:
        _, client = await self.on_demand()
        # What uniffi never writes: the library cannot read its argument, and panics.
        level = native._UniffiRustBuffer.alloc_with_builder()
        with level as builder:
            builder.write_i32(99)
            buffer = builder.finalize()
        with self.assertRaises(native.InternalError):
            native._uniffi_rust_call(native._UniffiLib.uniffi_pitaya_client_ffi_fn_func_open_logs, buffer)
        await self.works(client)
