"""The handle of an application."""

from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from ._native import pitaya as native
from .codec import Codec
from .errors import ConnectError, NotSentError, error_of, internal
from .listeners import Listeners
from .queue import Queue, milliseconds, offline
from .state import Closed, RoundTrip, State, StateChanged, round_trip, state_of
from .streams import Events, Pushes, decoded
from .user import UserAnswers


class Client:
    """Requests, notifies and pushes over one connection that comes back by itself. `connect` makes one.

    It belongs to the event loop that it was made in. `close` ends it, and so does leaving `async with`, or forgetting the last reference.
    """

    def __init__(self, client: native.Client, codecs: Sequence[Codec], queue: Queue, answers: UserAnswers | None) -> None:
        self._client = client
        self._codecs = codecs
        self._queue = queue
        self._answers = answers
        self._listeners = Listeners()

    async def request(
        self, route: str, body: Any = None, *, timeout: float | None = None, queue: Queue | None = None
    ) -> Any:
        """Returns the server's answer. Cancelling the task gives the request up; the server may still act on it.

        Without a body nothing is sent, not even the codec's null. `timeout` is in seconds, the client's `request_timeout` when left out, and
        includes the time that the request waits for a connection as `queue` allows.

        Raises `ServerError`, `RequestTimeoutError`, `DisconnectedError`, `NotSentError` or `DecodeError`.
        """
        answer: bytes = await _call(
            self._client.request(route, self._encode(route, body), self._options(queue, timeout))
        )
        return decoded(self._codec(), route, answer)

    async def notify(self, route: str, body: Any = None, *, queue: Queue | None = None) -> None:
        """Sends what is not answered. Returns when the network has taken it.

        Raises `NotSentError`, or `DisconnectedError` when the connection ended first.
        """
        await _call(self._client.notify(route, self._encode(route, body), self._options(queue, None)))

    def pushes(self, route: str) -> Pushes:
        """The pushes of a route from now on, for `async for`."""
        try:
            return Pushes(route, self._codec(), self._client.subscribe(route))
        except native.PitayaError as failed:
            raise error_of(failed) from None

    def on(self, route: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Calls a function, or starts a coroutine function, with each push of a route. Call what it returns to end that.

        What a listener raises goes to the event loop's exception handler, and the others still run.
        """
        return self._listeners.add(self.pushes(route), listener)

    def on_state(self, listener: Callable[[State], object]) -> Callable[[], None]:
        """The same for the state, as it changes."""

        def of_event(event: Any) -> object:
            return listener(event.state) if isinstance(event, StateChanged) else None

        return self._listeners.add(self.events(), of_event)

    def events(self) -> Events:
        """What happens beside answers and pushes from now on, for `async for`."""
        return Events(self._client.events())

    @property
    def state(self) -> State:
        """Where the client stands."""
        return state_of(self._client.state())

    async def wait_connected(self) -> None:
        """Returns when messages can be sent, now or at last.

        Raises `ConnectError` when this client is closed, or is before it is connected.
        """
        try:
            await _call(self._client.connected())
        except ConnectError as error:
            raise error from (None if self._answers is None else self._answers.failure)

    async def wait_closed(self) -> Closed:
        """Returns when the client has ended for good, whoever ended it."""
        events = self.events()
        while not isinstance(state := self.state, Closed):
            await anext(events, None)
        return state

    @property
    def rtt(self) -> RoundTrip | None:
        """The smoothed round trip to the server; None before the first measurement."""
        measured = self._client.rtt()
        return None if measured is None else round_trip(measured)

    @property
    def serializer(self) -> str | None:
        """The name of the connection's serializer; None before the first handshake where there is a choice."""
        serializer = self._client.serializer()
        return None if serializer is None else serializer.name.lower()

    def pause(self) -> None:
        """Says that the program will be suspended: the server's silence does not count, and no connection is tried."""
        self._client.pause()

    def resume(self) -> None:
        """Says that it goes on: a connection is checked, as it may have died unnoticed, and a lost one is tried at once."""
        self._client.resume()

    def set_online(self, online: bool) -> None:
        """Says whether there is a network: without one no connection is tried; one that is back or has changed is checked as by `resume`."""
        self._client.set_online(online)

    def reconnect_now(self) -> None:
        """Starts an attempt now where one is waited for."""
        self._client.reconnect_now()

    def release(self) -> None:
        """Sends the calls that waited for this connection, with `hold_queue`."""
        self._client.release()

    async def close(self) -> None:
        """Closes the client: what was sent is written, calls that wait fail, streams end.

        Returns when the connection is gone, or after a second if the server does not let go of it. More than once is as good as once.
        """
        await self._client.disconnect()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<pitaya_client.Client {self.state.kind}>"

    def _codec(self) -> Codec:
        """The codec of the connection's serializer. Before that is known nothing can be sent, so that any of them will do."""
        name = self.serializer
        return next((codec for codec in self._codecs if codec.name in (name, None)), self._codecs[0])

    def _encode(self, route: str, body: Any) -> bytes:
        if body is None:
            return b""
        try:
            return self._codec().encode(route, body)
        except Exception as error:
            raise NotSentError("encode", f"the body for {route} cannot be written: {error}") from error

    def _options(self, queue: Queue | None, timeout: float | None) -> native.CallOptions:
        return native.CallOptions(
            timeout_ms=None if timeout is None else milliseconds(timeout),
            offline=offline(self._queue if queue is None else queue),
        )


async def _call(call: Coroutine[Any, Any, Any]) -> Any:
    """The result of a call into the library, its errors as this package's."""
    try:
        return await call
    except native.PitayaError as failed:
        raise error_of(failed) from None
    except native.InternalError as fault:
        raise internal(fault) from fault
