"""A lost connection comes back."""

import asyncio

from pitaya_client import Client, DisconnectedError, Reconnect, Reconnecting, connect

from ..kit import PeerTest, ends, hasty, lose, lost, soon


class Returning(PeerTest):
    async def lost_in_flight(self, order: str) -> list[int]:
        """The codes with which a request in flight fails that this order ends."""
        codes = []
        for url in self.peer("on-demand").both:
            client = await self.connect(url)
            call = asyncio.create_task(client.request("mock.silent"))
            # Once a later request is answered, the first one is in flight.
            self.assertEqual(await soon(client.request("a.b", 1)), 1)
            await client.notify(order)
            with self.assertRaises(DisconnectedError) as failed:
                await soon(call)
            error = failed.exception
            self.assertEqual((error.code, error.sent, error.retryable), ("disconnected", True, True))
            codes.append(error.reason.code)
            await soon(client.wait_connected())
            self.assertEqual(await soon(client.request("a.b", 2)), 2)
        return codes

    async def stranded(self, client: Client) -> None:
        """That the connection is lost and no attempt is made."""
        await lose(client)
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(client.wait_connected(), 0.3)

    async def test_silent_server(self) -> None:
        async def silence(url: str) -> None:
            client = await self.connect(url)
            begin = asyncio.get_running_loop().time()
            cause = await lost(client.events())
            # How late it may be depends on the machine; how early does not. The last packet came a moment before it was connected.
            self.assertGreater(asyncio.get_running_loop().time() - begin, 1.9)
            self.assertEqual((cause.code, cause.origin), (102, "fault"))
            await soon(client.wait_connected())

        await asyncio.gather(*map(silence, self.peer("no-heartbeat", heartbeat=1).both))

    async def test_lost_connection(self) -> None:
        self.assertLessEqual(set(await self.lost_in_flight("mock.drop")), {100, 101})

    async def test_ended_stream(self) -> None:
        self.assertEqual(await self.lost_in_flight("mock.end"), [100, 100])

    async def test_close_with_unknown_code(self) -> None:
        _, client = await self.on_demand()
        events = client.events()
        await client.notify("mock.kick", {"code": 377, "reason": "unheard of"})
        cause = await lost(events)
        self.assertEqual((cause.code, cause.reason), (377, "unheard of"))
        await soon(client.wait_connected())

    async def test_close_with_advice(self) -> None:
        _, client = await self.on_demand()
        second = self.peer("on-demand")
        advice = {"code": 110, "reason": "moving", "retry_after_ms": 300, "endpoint": second.ws}
        events = client.events()
        begin = asyncio.get_running_loop().time()
        await client.notify("mock.kick", advice)
        cause = await lost(events)
        self.assertEqual((cause.code, cause.retry_after, cause.endpoint), (110, 0.3, second.ws))
        await soon(client.wait_connected())
        self.assertGreaterEqual(asyncio.get_running_loop().time() - begin, 0.3)
        # Only the other listener has this connection.
        async with hasty(second.ws):
            pass
        while not await ends(client):
            await asyncio.sleep(0.01)

    async def test_restart(self) -> None:
        peer, client = await self.on_demand()
        pushes = client.pushes("onPush")
        await soon(client.request("mock.push", 1))
        call = asyncio.create_task(client.request("mock.silent"))
        await soon(client.request("a.b", 1))
        peer.stop()
        with self.assertRaises(DisconnectedError) as failed:
            await soon(call)
        self.assertTrue(failed.exception.sent)
        self.peer("on-demand", address=peer.address)
        await soon(client.wait_connected())
        await soon(client.request("mock.push", 2))
        self.assertEqual([await soon(anext(pushes)) for _ in range(2)], [1, 2])

    async def test_reconnect_now(self) -> None:
        patient = Reconnect(base=30, max=30, jitter=0)
        client = await self.connect(connect(self.peer("on-demand").ws, reconnect=patient))
        await lose(client)
        assert isinstance(client.state, Reconnecting)
        self.assertGreater(client.state.next_in or 0, 20)
        client.reconnect_now()
        await soon(client.wait_connected())

    async def test_pause(self) -> None:
        for url in self.peer("on-demand").both:
            client = await self.connect(url)
            client.pause()
            await self.stranded(client)
            client.resume()
            await soon(client.wait_connected())

    async def test_network_change(self) -> None:
        _, client = await self.on_demand()
        client.set_online(False)
        await self.stranded(client)
        client.set_online(True)
        await soon(client.wait_connected())
