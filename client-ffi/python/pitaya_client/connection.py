"""From an address to a connected client."""

from collections.abc import Callable, Generator, Mapping, Sequence
from types import TracebackType
from typing import Any

from .client import Client
from .codec import Codec
from .codec import json as json_codec
from .options import ClientInfo, Limits, Reconnect, Tls, User, start
from .queue import Queue


class Connecting:
    """A client to be: `await` it, or enter it with `async with`, which closes the client at the end."""

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._client: Client | None = None

    def __await__(self) -> Generator[Any, None, Client]:
        return self._connect().__await__()

    async def __aenter__(self) -> Client:
        self._client = await self._connect()
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()

    def start(self) -> Client:
        """The client at once, before it is connected: for who wants to listen first. Call it inside of a running event loop.

        Calls fail until there is a connection, unless they wait for it.

        Raises `ConnectError` for a setting that cannot be used.
        """
        return self._make()

    async def _connect(self) -> Client:
        client = self._make()
        try:
            await client.wait_connected()
        except BaseException:
            # Also when the task is cancelled: the server shall not keep a connection that nobody has.
            await client.close()
            raise
        return client


def connect(
    urls: str | Sequence[str],
    *,
    user: User | None = None,
    codec: Codec | Sequence[Codec] = json_codec,
    queue: Queue = "fail",
    timeout: float = 10.0,
    handshake_timeout: float = 10.0,
    request_timeout: float = 10.0,
    race: float = 1.5,
    reconnect: Reconnect | bool = True,
    hold_queue: bool = False,
    tls: Tls | None = None,
    headers: Mapping[str, str] | None = None,
    client_info: ClientInfo | None = None,
    capabilities: Sequence[str] | None = None,
    limits: Limits | None = None,
) -> Connecting:
    """Connects to a server: `async with connect(url) as client`, or `client = await connect(url)`.

    `urls` says where it is, in order of preference: `tcp://`, `tls://`, `ws://` or `wss://`. All times are in seconds.

    `user`: what the handshake says of the user, an object or a function that makes it anew for each attempt.
    `codec`: how bodies are written and read; one of several is chosen by the server's handshake.
    `queue`: what becomes of calls without a connection, where a call does not say.
    `timeout`: to open a connection; `handshake_timeout`: then for the server's handshake; `request_timeout`: for an answer where a request does
    not say; `race`: the head start of each address over the next.
    `reconnect`: when and how often to come back; False is never.
    `hold_queue`: calls that waited leave at `Client.release` only.
    `tls`: whom to trust; the operating system's certificates when left out. `headers`: of the HTTP request of `ws://` and `wss://`.
    `client_info`: what the handshake says of the application. `capabilities`: extensions of the wire that are offered, all when left out.
    `limits`: most of everything.

    Raises `ConnectError`.
    """
    codecs = list(codec) if isinstance(codec, Sequence) else [codec]

    def make() -> Client:
        native, answers = start(
            urls,
            user=user,
            codecs=codecs,
            timeout=timeout,
            handshake_timeout=handshake_timeout,
            request_timeout=request_timeout,
            race=race,
            reconnect=reconnect,
            hold_queue=hold_queue,
            tls=tls,
            headers=headers or {},
            client_info=client_info or ClientInfo(),
            capabilities=capabilities,
            limits=limits or Limits(),
        )
        return Client(native, codecs, queue, answers)

    return Connecting(make)
