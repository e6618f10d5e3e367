"""Calls while there is no connection."""

import asyncio
from typing import Any

from pitaya_client import Client, LatestOnly, NotSentError, Wait, raw

from ..kit import PeerTest, hasty, lose, received, soon


def codes(outcomes: list[Any]) -> list[str | None]:
    return [outcome.code if isinstance(outcome, NotSentError) else None for outcome in outcomes]


class Queues(PeerTest):
    async def stranded(self, **options: Any) -> Client:
        """A client that has lost its connection, and makes no attempt before it is resumed."""
        client = await self.connect(hasty(self.peer("on-demand").ws, **options))
        client.pause()
        await lose(client)
        return client

    async def all(self, client: Client, *calls: Any) -> list[Any]:
        """What becomes of calls that are made one after the other before the client is resumed."""
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(0)
        client.resume()
        return await soon(asyncio.gather(*tasks, return_exceptions=True))

    async def test_queue_fail(self) -> None:
        client = await self.stranded()
        for call in (client.request, client.notify):
            with self.assertRaises(NotSentError) as failed:
                await call("a.b", 1)
            error = failed.exception
            self.assertEqual((error.code, error.retryable, error.sent), ("not-connected", True, False))

    async def test_queue_wait(self) -> None:
        client = await self.stranded(queue="wait")
        calls = client.notify("a.b", 1), client.request("a.b", 2), client.notify("a.b", 3)
        self.assertEqual(await self.all(client, *calls), [None, 2, None])
        self.assertEqual(await received(client), ["a.b 1", "a.b 2", "a.b 3"])

    async def test_queue_latest(self) -> None:
        client = await self.stranded()
        kept = [("old", "me"), ("other", "pet"), ("new", "me")]
        calls = [client.notify("pos.set", body, queue=LatestOnly(key)) for body, key in kept]
        self.assertEqual(codes(await self.all(client, *calls)), ["superseded", None, None])
        self.assertEqual(await received(client), ['pos.set "other"', 'pos.set "new"'])

    async def test_queue_limits(self) -> None:
        client = await self.stranded(codec=raw)
        limits = Wait(items=1, bytes=100, age=0.05)
        sizes = (bytes(101), b"", b"")
        outcomes = await soon(
            asyncio.gather(*(client.notify("a.b", body, queue=limits) for body in sizes), return_exceptions=True)
        )
        self.assertEqual(codes(outcomes), ["queue-full", "expired", "queue-full"])

    async def test_queue_held(self) -> None:
        client = await self.stranded(hold_queue=True)
        waiting = asyncio.create_task(client.notify("chat.say", 1, queue="wait"))
        await asyncio.sleep(0)
        client.resume()
        await soon(client.wait_connected())
        await client.notify("room.join", 2)
        client.release()
        await soon(waiting)
        self.assertEqual(await received(client), ["room.join 2", "chat.say 1"])
        self.assertEqual(await soon(client.request("a.b", 3)), 3)
