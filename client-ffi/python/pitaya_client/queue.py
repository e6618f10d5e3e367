"""What becomes of a call while there is no connection."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ._native import pitaya as native


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits for the connection, within these limits."""

    items: int = 64
    """Most calls that wait."""
    bytes: int = 65_536
    """Most bytes of routes and bodies that wait."""
    age: float = 30.0
    """How many seconds it waits at most."""


@dataclass(frozen=True, slots=True)
class LatestOnly:
    """It waits, and takes the place of the older call of the same kind, route and key, which fails as superseded."""

    key: str = ""
    """Tells the values of one route apart."""


Queue: TypeAlias = Literal["fail", "wait"] | Wait | LatestOnly
"""`fail` ends a call at once where there is no connection; `wait` is `Wait()`."""


def offline(queue: Queue) -> native.Offline:
    match queue:
        case "fail":
            return native.Offline.FAIL()
        case "wait":
            return offline(Wait())
        case Wait(items, size, age):
            return native.Offline.WAIT(items, size, milliseconds(age))
        case LatestOnly(key):
            return native.Offline.LATEST_ONLY(key)


def milliseconds(seconds: float) -> int:
    """A time as the library takes it; more than it can say is as good as for ever."""
    if not seconds >= 0:
        raise ValueError(f"a time is not negative: {seconds}")
    return round(min(seconds * 1000, 2**63))
