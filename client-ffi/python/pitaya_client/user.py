"""The `user` object of each handshake, made by a function of the application."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from ._native import pitaya as native

MakeUser: TypeAlias = Callable[[], Mapping[str, Any]] | Callable[[], Awaitable[Mapping[str, Any]]]


class UserAnswers:
    """Calls the function at each attempt, until the client ends. It does not keep the client alive."""

    failure: Exception | None = None
    """What the function raised last, if it did the last time."""

    def __init__(self, make: MakeUser, questions: native.UserQuestions) -> None:
        self._make = make
        self._questions = questions
        # The event loop itself does not keep its tasks.
        self._task = asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        while (question := await self._questions.next()) is not None:
            try:
                made = self._make()
                user = await made if inspect.isawaitable(made) else made
                self.failure = None
                question.answer(json.dumps(dict(user)))
            except Exception as error:
                self.failure = error
                question.fail(f"{type(error).__name__}: {error}")
