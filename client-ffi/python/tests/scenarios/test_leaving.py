"""How connections end for good, and who says so."""

import asyncio

from pitaya_client import CloseReason, Connected, DisconnectedError, NotSentError

from ..kit import PeerTest, ends, hasty, soon, two_more


class Leaving(PeerTest):
    async def end(self, script: str, capabilities: list[str] | None = None) -> CloseReason:
        """How it ends after the ack, which is the same over TCP and over WebSocket."""
        reasons = []
        for url in self.peer(script).both:
            ended = await self.ending(hasty(url, capabilities=capabilities))
            self.assertFalse(ended.exhausted)
            reasons.append(ended.reason)
        tcp, ws = reasons
        self.assertEqual((tcp.code, tcp.origin), (ws.code, ws.origin))
        return ws

    async def test_heartbeats_are_life(self) -> None:
        client = await self.connect(self.peer("silent", heartbeat=1).tcp)
        changes = client.events()
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(anext(changes), 5)
        self.assertEqual(client.state, Connected())

    async def test_kick(self) -> None:
        reason = await self.end("kick")
        self.assertEqual((reason.code, reason.origin, reason.kicked), (500, "peer", True))

    async def test_kick_with_pomelos_reason(self) -> None:
        reason = await self.end("kick-with-reason", capabilities=[])
        self.assertEqual((reason.code, reason.reason), (500, "kicked by the script"))

    async def test_kick_with_reason(self) -> None:
        reason = await self.end("kick-with-reason")
        self.assertEqual((reason.code, reason.reason), (501, "kicked by the script"))

    async def test_kick_with_unknown_code(self) -> None:
        _, client = await self.on_demand()
        await client.notify("mock.kick", {"code": 777, "reason": "unheard of"})
        reason = (await soon(client.wait_closed())).reason
        self.assertEqual((reason.code, reason.reason), (777, "unheard of"))

    async def test_garbage(self) -> None:
        reason = await self.end("garbage")
        self.assertEqual((reason.code, reason.origin), (400, "fault"))

    async def test_half_frame(self) -> None:
        peer = self.peer("half-frame")
        reason = (await self.ending(hasty(peer.ws))).reason
        self.assertEqual((reason.code, reason.origin), (400, "fault"))
        ended = await self.ending(two_more(peer.tcp, first=True))
        self.assertEqual((ended.exhausted, ended.reason.code), (True, 100))

    async def test_reconnect_off(self) -> None:
        client = await self.connect(hasty(self.peer("on-demand").tcp, reconnect=False))
        await client.notify("mock.drop")
        self.assertTrue((await soon(client.wait_closed())).reason.reconnect)
        with self.assertRaises(NotSentError) as failed:
            await client.request("a.b", queue="wait")
        self.assertEqual(failed.exception.code, "not-connected")

    async def test_attempts_exhausted(self) -> None:
        peer = self.peer("on-demand")
        client = await self.connect(two_more(peer.ws))
        peer.stop()
        ended = await soon(client.wait_closed())
        self.assertTrue(ended.exhausted)
        self.assertFalse(ended.reason.kicked)

    async def test_close_with_calls(self) -> None:
        peer, other = await self.on_demand()
        client = await self.connect(peer.ws)
        call = asyncio.create_task(client.request("mock.silent"))
        # Once a later request is answered, the first one is in flight.
        await soon(client.request("a.b"))
        await client.close()
        with self.assertRaises(DisconnectedError) as failed:
            await soon(call)
        self.assertEqual((failed.exception.sent, failed.exception.reason.origin), (True, "local"))
        ended = await soon(client.wait_closed())
        self.assertEqual((ended.exhausted, ended.reason.code), (False, 0))
        while await ends(other) != ["closed 1000"]:
            await asyncio.sleep(0.01)
