"""Peers and clients of the tests."""

import asyncio
import os
import subprocess
import tempfile
import unittest
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pitaya_client import Client, Closed, CloseReason, Event, Events, Reconnect, Reconnecting, StateChanged, connect
from pitaya_client.connection import Connecting

REPOSITORY = Path(__file__).resolve().parents[3]
DELAY = 0.3
"""How late the late ones are, in seconds."""
LONG = 30
"""A wait that only a hang can exceed, in seconds."""

T = TypeVar("T")


async def soon(work: Awaitable[T]) -> T:
    """Fails instead of hanging."""
    return await asyncio.wait_for(work, LONG)


class Peer:
    """A conformance server with some listeners, each with its address by name."""

    def __init__(self, *arguments: str, listeners: int) -> None:
        program = os.environ["PITAYA_CONFORMANCE_SERVER"]
        self._process = subprocess.Popen(
            [program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.addresses: dict[str, str] = {}
        assert self._process.stdout
        for _ in range(listeners):
            line = self._process.stdout.readline()
            if not line.startswith("listening "):
                self.stop()
                raise RuntimeError(f"the conformance server does not listen: {line!r}")
            _, name, address = line.split()
            self.addresses[name] = address

    @property
    def address(self) -> str:
        return next(iter(self.addresses.values()))

    @property
    def tcp(self) -> str:
        return f"tcp://{self.address}"

    @property
    def ws(self) -> str:
        return f"ws://{self.address}"

    @property
    def both(self) -> tuple[str, str]:
        return self.tcp, self.ws

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class Sdk(Peer):
    """The servers of the profile `sdk`, on free ports."""

    def __init__(self, folder: Path, heartbeat: int) -> None:
        self.certificate = folder / "cert.pem"
        ports = [f"--{serializer}-{scheme}=0" for serializer in ("json", "protobuf") for scheme in ("ws", "tcp", "tls")]
        files = ["--cert", str(self.certificate), "--key", str(folder / "key.pem")]
        super().__init__("--profile", "sdk", "--heartbeat", str(heartbeat), *ports, *files, listeners=6)

    def url(self, name: str) -> str:
        port = self.addresses[name].rsplit(":", 1)[1]
        return f"{name.split('-')[1]}://localhost:{port}"


class PeerTest(unittest.IsolatedAsyncioTestCase):
    """A test with peers and clients, which are gone when it ends, however it ends."""

    def peer(self, script: str, *, heartbeat: int = 6, delay: float = DELAY, address: str | None = None) -> Peer:
        at = script if address is None else f"{script}={address}"
        times = ("--heartbeat", str(heartbeat), "--delay", str(round(delay * 1000)))
        peer = Peer("--mock", at, *times, listeners=1)
        self.addCleanup(peer.stop)
        return peer

    def sdk(self, *, heartbeat: int = 6) -> Sdk:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        sdk = Sdk(Path(folder.name), heartbeat)
        self.addCleanup(sdk.stop)
        return sdk

    async def connect(self, to: str | Connecting) -> Client:
        client = await soon(to if isinstance(to, Connecting) else hasty(to))
        self.addAsyncCleanup(client.close)
        return client

    def start(self, connecting: Connecting) -> Client:
        client = connecting.start()
        self.addAsyncCleanup(client.close)
        return client

    async def on_demand(self) -> tuple[Peer, Client]:
        peer = self.peer("on-demand")
        return peer, await self.connect(peer.ws)

    async def sdk_client(self) -> Client:
        return await self.connect(self.sdk().url("json-ws"))

    async def ending(self, connecting: Connecting) -> Closed:
        """The end of a client that its server does not keep."""
        return await soon(self.start(connecting).wait_closed())


def hasty(url: str | Sequence[str], **options: Any) -> Connecting:
    """Settings that come back without a wait worth speaking of."""
    options.setdefault("reconnect", Reconnect(base=0.02, max=0.08, jitter=0))
    return connect(url, **options)


def early(url: str, **options: Any) -> Connecting:
    """The same; and the handshake is made when the test first awaits something, so that its listeners are there before any push."""
    return hasty(url, user=dict, **options)


def two_more(url: str, *, first: bool = False) -> Connecting:
    """Two attempts more."""
    return connect(url, reconnect=Reconnect(base=0.01, max=0.04, jitter=0, attempts=2, first=first))


async def until(events: Events, wanted: Callable[[Event], bool]) -> Event:
    """The next event of a kind."""
    while True:
        event = await soon(anext(events))
        if wanted(event):
            return event


async def lost(events: Events) -> CloseReason:
    """The cause of a loss. A state can be over before anybody looks; its event is still there."""
    while True:
        event = await soon(anext(events))
        if isinstance(event, StateChanged) and isinstance(event.state, Reconnecting):
            return event.state.cause


async def lose(client: Client) -> None:
    """Loses the connection of a client of a peer that obeys."""
    events = client.events()
    await client.notify("mock.drop")
    await lost(events)


async def received(client: Client) -> list[str]:
    """What came on the connection, as `route body`."""
    messages = await soon(client.request("mock.received", queue="fail"))
    return [f"{message['route']} {message['body']}" for message in messages]


async def ends(client: Client) -> list[str]:
    """How the connections of the listener ended."""
    told: list[str] = await soon(client.request("mock.ends"))
    return told


