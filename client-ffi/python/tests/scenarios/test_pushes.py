"""Pushes and notifies."""

import asyncio
from typing import Any

from pitaya_client import Limits, NotSentError, Unhandled, raw

from ..kit import PeerTest, early, hasty, received, soon, until

KEYS = {"key1": 10, "key2": True}


class Pushes(PeerTest):
    async def test_notify(self) -> None:
        _, client = await self.on_demand()
        for n in range(10):
            await client.notify("room.say", n)
        self.assertEqual(await received(client), [f"room.say {n}" for n in range(10)])

    async def test_notify_to_nowhere(self) -> None:
        client = await self.sdk_client()
        await client.notify("connector.nowhere", {})
        await soon(client.request("connector.getsessiondata"))

    async def test_notify_unsent(self) -> None:
        _, client = await self.on_demand()
        await client.close()
        with self.assertRaises(NotSentError) as failed:
            await client.notify("a.b")
        self.assertEqual(failed.exception.code, "not-connected")

    async def test_push_then_answer(self) -> None:
        client = await self.sdk_client()
        pushes = client.pushes("some.push.route")
        push = asyncio.create_task(anext(pushes))
        await asyncio.sleep(0)
        answer = await soon(client.request("connector.sendpush", {}))
        # The push came before the answer: its reader is done already.
        self.assertTrue(push.done())
        self.assertEqual((push.result(), answer["Msg"]), (KEYS, "Ok"))

    async def test_push_to_nobody(self) -> None:
        _, client = await self.on_demand()
        events = client.events()
        await soon(client.request("mock.push", 1))
        self.assertEqual(await until(events, lambda event: isinstance(event, Unhandled)), Unhandled("onPush"))
        self.assertEqual(await soon(client.request("a.b", 2)), 2)

    async def test_push_overflow(self) -> None:
        client = await self.connect(hasty(self.peer("on-demand").ws, limits=Limits(push_buffer=4)))
        pushes = client.pushes("onPush")
        for n in range(10):
            await soon(client.request("mock.push", n))
        self.assertEqual([await soon(anext(pushes)) for _ in range(4)], [6, 7, 8, 9])
        self.assertEqual(pushes.missed, 6)

    async def test_listener_fails(self) -> None:
        _, client = await self.on_demand()
        reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        asyncio.get_running_loop().set_exception_handler(lambda _, report: reports.put_nowait(report))
        heard: asyncio.Queue[int] = asyncio.Queue()

        def fails(body: int) -> None:
            raise RuntimeError(f"not {body}")

        client.on("onPush", fails)
        off = client.on("onPush", heard.put)
        for n in (1, 2):
            self.assertEqual(await soon(client.request("mock.push", n)), n)
            self.assertEqual(await soon(heard.get()), n)
            self.assertEqual(str((await soon(reports.get()))["exception"]), f"not {n}")
        off()
        await soon(client.request("mock.push", 3))
        self.assertEqual(str((await soon(reports.get()))["exception"]), "not 3")
        self.assertTrue(heard.empty())

    async def test_compressed(self) -> None:
        for url in self.peer("compressed").both:
            client = self.start(early(url))
            pushes = client.pushes("onCompressed")
            self.assertEqual(await soon(anext(pushes)), KEYS)
            self.assertEqual(await soon(client.request("a.b", {})), {"isCompressed": False})

    async def test_push_bomb(self) -> None:
        for url in self.peer("push-bomb").both:
            client = self.start(early(url))
            with self.assertRaises(StopAsyncIteration):
                await soon(anext(client.pushes("onBomb")))
            self.assertEqual((await soon(client.wait_closed())).reason.code, 405)

    async def test_dictionary_pushes(self) -> None:
        routes = {"some.push.route": 2, "onHigh": 515, "onHighest": 65535}
        for url in self.peer("dictionary").both:
            client = self.start(early(url))
            streams = [client.pushes(route) for route in routes]
            for pushes in streams:
                expected = {"code": routes[pushes.route], "route": pushes.route}
                self.assertEqual(await soon(anext(pushes)), expected)

    async def test_unknown_route_code(self) -> None:
        for url in self.peer("unknown-route-code").both:
            self.assertEqual((await self.ending(hasty(url))).reason.code, 402)

    async def test_many_packets_per_frame(self) -> None:
        for url in self.peer("many-packets-per-frame").both:
            client = self.start(early(url, codec=raw))
            first, last = client.pushes("onFirst"), client.pushes("onLast")
            for body in (b"1", b"2"):
                self.assertEqual(await soon(anext(first)), b'{"n":1}')
                self.assertEqual(await soon(anext(last)), b'{"n":2}')
                # The answer brings the next two along.
                self.assertEqual(await soon(client.request("a.b", body)), body)

    async def test_text_frame(self) -> None:
        client = self.start(early(self.peer("text-frame").ws))
        self.assertEqual(await soon(anext(client.pushes("onText"))), KEYS)
        self.assertEqual(await soon(client.request("a.b", "x")), "x")
