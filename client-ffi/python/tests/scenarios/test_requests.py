"""Requests and what becomes of them."""

import asyncio

from pitaya_client import (
    DecodeError,
    Events,
    Measured,
    NotSentError,
    RequestTimeoutError,
    ServerError,
    Unmatched,
    raw,
)

from ..kit import DELAY, PeerTest, early, hasty, soon, until


async def unmatched(events: Events) -> bool:
    """Whether the next answer that nobody waits for came late."""
    event = await until(events, lambda event: isinstance(event, Unmatched))
    assert isinstance(event, Unmatched)
    return event.late


class Requests(PeerTest):
    async def test_request(self) -> None:
        client = await self.sdk_client()
        body = {"Data": {"list": [1, 2.5, None], "name": "a 😀 b"}}
        self.assertEqual(await soon(client.request("connector.setsessiondata", body)), {"Code": 200, "Msg": "success"})
        answer = await soon(client.request("connector.getsessiondata"))
        self.assertEqual(answer["Data"]["name"], "a \N{GRINNING FACE} b")

    async def test_many_requests(self) -> None:
        _, client = await self.on_demand()
        answers = await soon(asyncio.gather(*(client.request("a.b", n) for n in range(100))))
        self.assertEqual(answers, list(range(100)))

    async def test_server_error(self) -> None:
        _, client = await self.on_demand()
        payload = {"code": "ROOM-1", "msg": "no such room", "metadata": {"room": "7"}}
        with self.assertRaises(ServerError) as failed:
            await soon(client.request("mock.fail", payload))
        error = failed.exception
        self.assertEqual((error.code, str(error), error.metadata), ("ROOM-1", "no such room", {"room": "7"}))
        self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_unknown_route(self) -> None:
        client = await self.sdk_client()
        with self.assertRaises(ServerError) as failed:
            await soon(client.request("connector.nowhere", {}))
        self.assertEqual(failed.exception.code, "PIT-404")
        await soon(client.request("connector.getsessiondata"))

    async def test_request_timeout(self) -> None:
        client = await self.connect(self.peer("silent").ws)
        with self.assertRaises(RequestTimeoutError) as failed:
            await soon(client.request("a.b", timeout=0.1))
        error = failed.exception
        self.assertEqual((error.code, error.after, error.sent, error.retryable), ("timeout", 0.1, True, True))
        self.assertIsInstance(error, TimeoutError)
        self.assertEqual(client.state.kind, "connected")

    async def test_late_response(self) -> None:
        client = await self.connect(self.peer("late-response").tcp)
        events = client.events()
        with self.assertRaises(RequestTimeoutError):
            await client.request("a.b", "early", timeout=0.05)
        self.assertEqual(await soon(client.request("a.b", "patient")), "patient")
        self.assertTrue(await unmatched(events))

    async def test_cancel(self) -> None:
        client = await self.connect(self.peer("late-response").ws)
        events = client.events()
        call = asyncio.create_task(client.request("a.b", 1))
        # The task has to have sent it; the server takes its time.
        await asyncio.sleep(0)
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await call
        self.assertEqual(await soon(client.request("a.b", 3)), 3)
        self.assertTrue(await unmatched(events))

    async def test_corrupt_body(self) -> None:
        for url in self.peer("corrupt-body").both:
            client = await self.connect(url)
            with self.assertRaises(DecodeError):
                await soon(client.request("a.b", 1))
            self.assertEqual((await soon(client.wait_closed())).reason.code, 405)

    async def test_dictionary_request(self) -> None:
        client = await self.connect(self.peer("dictionary").ws)
        for route, coded in (("connector.echo", True), ("connector.other", False)):
            self.assertEqual(await soon(client.request(route)), {"byCode": coded, "route": route})

    async def test_unknown_answer(self) -> None:
        for url in self.peer("unknown-answer").both:
            client = self.start(early(url))
            self.assertFalse(await unmatched(client.events()))
            self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_route_too_long(self) -> None:
        _, client = await self.on_demand()
        with self.assertRaises(NotSentError) as failed:
            await client.request("a." + "b" * 254, 1)
        self.assertEqual((failed.exception.code, failed.exception.sent), ("route", False))
        self.assertEqual(await soon(client.request("a." + "b" * 253, 1)), 1)

    async def test_body_too_large(self) -> None:
        client = await self.connect(hasty(self.peer("on-demand").ws, codec=raw))
        with self.assertRaises(NotSentError) as failed:
            await client.request("a.b", bytes(0xFFFFFF + 1))
        self.assertEqual((failed.exception.code, failed.exception.sent), ("too-large", False))
        self.assertEqual(await soon(client.request("a.b", b"1")), b"1")

    async def test_body_without_form(self) -> None:
        _, client = await self.on_demand()
        with self.assertRaises(NotSentError) as failed:
            await client.request("a.b", object())
        self.assertEqual((failed.exception.code, failed.exception.sent), ("encode", False))
        self.assertIsInstance(failed.exception.__cause__, TypeError)
        self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_answer_unreadable(self) -> None:
        _, client = await self.on_demand()
        with self.assertRaises(DecodeError) as failed:
            await soon(client.request("mock.broken", 1))
        self.assertIsInstance(failed.exception.__cause__, ValueError)
        self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_rtt_by_requests(self) -> None:
        client = await self.connect(self.peer("late-response").ws)
        self.assertIsNone(client.rtt)
        await soon(client.request("a.b"))
        assert client.rtt
        self.assertEqual(client.rtt.source, "requests")
        self.assertGreaterEqual(client.rtt.time, DELAY)

    async def test_rtt_by_heartbeats(self) -> None:
        client = await self.connect(self.sdk(heartbeat=1).url("json-ws"))
        measured = await until(client.events(), lambda event: isinstance(event, Measured))
        assert isinstance(measured, Measured)
        self.assertEqual(measured.rtt.source, "heartbeat")
        self.assertEqual(client.rtt, measured.rtt)
