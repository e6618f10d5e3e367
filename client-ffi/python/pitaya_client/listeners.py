"""Functions that are called with what a stream delivers."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from .errors import DecodeError
from .streams import Events, Pushes


class Listeners:
    """One task for each listener, which ends with its stream. None of them keeps the client alive."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, stream: Pushes | Events, listener: Callable[[Any], object]) -> Callable[[], None]:
        task = asyncio.get_running_loop().create_task(_serve(stream, listener))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream.stop


async def _serve(stream: Pushes | Events, listener: Callable[[Any], object]) -> None:
    while True:
        try:
            item = await anext(stream)
        except StopAsyncIteration:
            return
        except DecodeError as error:
            _report(error, listener)
            continue
        try:
            result = listener(item)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            _report(error, listener)


def _report(error: Exception, listener: Callable[[Any], object]) -> None:
    asyncio.get_running_loop().call_exception_handler(
        {"message": f"a listener of a Pitaya client failed: {listener!r}", "exception": error}
    )
