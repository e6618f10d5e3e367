"""What a server may answer to the handshake."""

from pitaya_client import CloseReason, ConnectError, ServerError, connect, raw

from ..kit import PeerTest, hasty, soon


class Handshakes(PeerTest):
    async def refusal(self, script: str, capabilities: list[str] | None = None) -> CloseReason:
        """The close that a handshake leads to, for good."""
        reason = None
        for url in self.peer(script).both:
            with self.assertRaises(ConnectError) as failed:
                await soon(hasty(url, capabilities=capabilities))
            self.assertFalse(failed.exception.retryable)
            reason = failed.exception.reason
        assert reason
        return reason

    async def test_serializer_by_handshake(self) -> None:
        sdk = self.sdk()
        for name in ("json", "protobuf"):
            client = await self.connect(connect(sdk.url(f"{name}-ws"), codec=raw))
            self.assertEqual(client.serializer, name)
            with self.assertRaises(ServerError) as failed:
                await soon(client.request("connector.nothing"))
            self.assertEqual(failed.exception.code, "PIT-404")

    async def test_serializer_mismatch(self) -> None:
        with self.assertRaisesRegex(ConnectError, "protobuf") as failed:
            await soon(hasty(self.sdk().url("protobuf-ws")))
        self.assertFalse(failed.exception.retryable)

    async def test_compressed_handshake(self) -> None:
        for url in self.peer("compressed").both:
            await self.connect(url)

    async def test_refused(self) -> None:
        reason = await self.refusal("refused", capabilities=[])
        self.assertEqual(reason.code, 502)
        self.assertIn("400", reason.reason)

    async def test_refused_with_reason(self) -> None:
        reason = await self.refusal("refused")
        self.assertEqual((reason.code, reason.reason), (502, "refused by the script"))

    async def test_too_old(self) -> None:
        self.assertEqual((await self.refusal("too-old")).code, 503)

    async def test_handshake_not_json(self) -> None:
        self.assertEqual((await self.refusal("handshake-not-json")).code, 404)

    async def test_handshake_without_sys(self) -> None:
        for url in self.peer("handshake-without-sys").both:
            client = await self.connect(url)
            self.assertEqual(client.serializer, "json")
            self.assertEqual(await soon(client.request("a.b", [1])), [1])

    async def test_handshake_bomb(self) -> None:
        self.assertEqual((await self.refusal("handshake-bomb")).code, 405)
