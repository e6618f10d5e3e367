"""Clients that come and go, with calls in flight, and what is left of them."""

import asyncio
import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

from pitaya_client import Client, DisconnectedError, NotSentError, Pushes, connect

from .kit import REPOSITORY, PeerTest, ends, hasty, soon

CYCLES = 10_000


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def resident() -> int:
    """Memory of this process that no file has, in bytes. The system takes pages of files away and gives them back as it likes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    held = (line.split() for line in lines if line.startswith(("RssAnon:", "VmSwap:")))
    return sum(int(kib) for _, kib, _ in held) * 1024


class Lifetime(PeerTest):
    async def test_a_forgotten_client_closes_its_connection(self) -> None:
        peer, other = await self.on_demand()
        client = await hasty(peer.ws)
        gone = weakref.ref(client)
        pushes = client.pushes("onPush")
        client.on("onPush", print)
        del client
        gc.collect()
        self.assertIsNone(gone())
        while not await ends(other):
            await asyncio.sleep(0.01)
        with self.assertRaises(StopAsyncIteration):
            await soon(anext(pushes))

    async def test_a_client_that_is_forgotten_in_a_call_lives_as_long_as_the_call(self) -> None:
        client = await hasty(self.peer("late-response").ws)
        call = asyncio.create_task(client.request("a.b", 1))
        del client
        gc.collect()
        self.assertEqual(await soon(call), 1)

    async def test_leaving_the_block_ends_calls_and_streams(self) -> None:
        async with hasty(self.peer("silent").ws) as client:
            call = asyncio.create_task(client.request("a.b"))
            reader = asyncio.create_task(anext(client.pushes("onPush"), None))
            await asyncio.sleep(0)
        with self.assertRaises(DisconnectedError):
            await soon(call)
        self.assertIsNone(await soon(reader))

    async def test_calls_after_the_end_fail_at_once(self) -> None:
        _, client = await self.on_demand()
        await client.close()
        await client.close()
        for call in (client.request, client.notify):
            with self.assertRaises(NotSentError) as failed:
                await soon(call("a.b", queue="wait"))
            self.assertEqual(failed.exception.code, "not-connected")
        self.assertIsNone(await anext(client.pushes("onPush"), None))
        self.assertIsNone(await anext(client.events(), None))
        for order in (client.pause, client.resume, client.reconnect_now, client.release):
            order()
        client.set_online(True)
        self.assertEqual(client.state.kind, "closed")

    async def test_stopping_a_stream_ends_its_reader(self) -> None:
        _, client = await self.on_demand()
        pushes: Pushes = client.pushes("onPush")
        reader = asyncio.create_task(anext(pushes, None))
        await asyncio.sleep(0)
        pushes.stop()
        self.assertIsNone(await soon(reader))

    async def test_a_cancelled_reader_loses_no_push(self) -> None:
        _, client = await self.on_demand()
        pushes = client.pushes("onPush")
        reader = asyncio.create_task(anext(pushes))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await soon(client.request("mock.push", 1))
        self.assertEqual(await soon(anext(pushes)), 1)

    async def test_many_clients_leave_nothing_behind(self) -> None:
        def cycle() -> None:
            client: Client = connect("tcp://127.0.0.1:9", queue="wait").start()
            client.pushes("onPush")
            client.events()

        for _ in range(CYCLES // 10):
            cycle()
        # The runtime and what it keeps for the next client are there now.
        await self.settle()
        files, memory = open_files(), resident()
        for n in range(CYCLES):
            cycle()
            if n % 10 == 0:
                await asyncio.sleep(0)
        await self.settle()
        self.assertLessEqual(open_files(), files + 8)
        # A kilobyte for each client would be ten megabytes.
        self.assertLess(resident() - memory, CYCLES * 1000)

    async def settle(self) -> None:
        """Sockets that were being opened are closed by the library's thread."""
        before = -1
        while open_files() != before:
            before = open_files()
            await asyncio.sleep(0.2)

    def test_a_program_may_end_with_calls_in_flight(self) -> None:
        script = f"""
import asyncio, sys
sys.path.insert(0, {str(REPOSITORY / "client-ffi" / "python")!r})
from pitaya_client import connect
async def main():
    client = await connect({self.peer("silent").ws!r})
    calls = [asyncio.ensure_future(client.request("a.b")) for _ in range(100)]
    client.on("onPush", print)
    await asyncio.sleep(0)
asyncio.run(main())
"""
        ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
