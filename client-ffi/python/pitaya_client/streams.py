"""What is read one by one with `async for`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

from ._native import pitaya as native
from .codec import Codec
from .errors import DecodeError
from .state import Event, event_of

LogLevelName = Literal["trace", "debug", "info", "warn", "error"]


class Pushes(AsyncIterator[Any]):
    """The pushes of one route, from the moment of asking until the client is closed. It outlives reconnects.

    A bounded number waits to be read: the oldest make room for the newest and are counted in `missed`. A body that the codec cannot read raises
    `DecodeError`; the next push can be asked for all the same.
    """

    missed: int = 0
    """How many pushes were dropped because they were not read in time, so far."""

    def __init__(self, route: str, codec: Codec, source: native.Subscription) -> None:
        self.route = route
        self._codec = codec
        self._source = source

    async def __anext__(self) -> Any:
        while (push := await self._source.next()) is not None:
            if push.is_MESSAGE():
                return decoded(self._codec, self.route, push.body)
            self.missed += push.missed
        raise StopAsyncIteration

    def stop(self) -> None:
        """Ends the loop that reads it, and lets go of what waits."""
        self._source.stop()


class Events(AsyncIterator[Event]):
    """What happens to a client beside answers and pushes, until it is closed. At most 64 wait to be read."""

    def __init__(self, source: native.Events) -> None:
        self._source = source

    async def __anext__(self) -> Event:
        while (happened := await self._source.next()) is not None:
            if (event := event_of(happened)) is not None:
                return event
        raise StopAsyncIteration

    def stop(self) -> None:
        """Ends the loop that reads it."""
        self._source.stop()


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line for a log."""

    level: LogLevelName
    target: str
    """Which part of the library says it."""
    message: str
    missed: int
    """How many lines before it were dropped because they were not read in time."""


class Logs(AsyncIterator[LogLine]):
    """What all clients of this process do, from the moment of asking. At most 256 lines wait to be read."""

    def __init__(self, level: LogLevelName = "debug") -> None:
        self._source = native.open_logs(native.LogLevel[level.upper()])

    async def __anext__(self) -> LogLine:
        line = await self._source.next()
        if line is None:
            raise StopAsyncIteration
        return LogLine(line.level.name.lower(), line.target, line.message, line.missed)

    def stop(self) -> None:
        """Ends the loop that reads it."""
        self._source.stop()


def decoded(codec: Codec, route: str, body: bytes) -> Any:
    """The body of an answer or a push."""
    try:
        return codec.decode(route, body)
    except Exception as error:
        raise DecodeError("decode", f"{route} has an unreadable body: {error}", sent=True) from error
