"""Where a client stands, and what happens to it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ._native import pitaya as native
from .close import CloseReason, close_reason


@dataclass(frozen=True, slots=True)
class Idle:
    """Not started yet."""

    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Connecting:
    """The first connection is being made."""

    kind: Literal["connecting"] = "connecting"


@dataclass(frozen=True, slots=True)
class Connected:
    """Messages go both ways."""

    kind: Literal["connected"] = "connected"


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection was lost, or the first one failed where that is retried, and it is tried again."""

    attempt: int
    """Which attempt comes or is being made, from 1."""
    next_in: float | None
    """In how many seconds it starts; None while it is being made. Pausing and being offline put it off."""
    cause: CloseReason
    """Why the last connection or attempt ended."""
    kind: Literal["reconnecting"] = "reconnecting"


@dataclass(frozen=True, slots=True)
class Closed:
    """There is no connection and this client will make none."""

    reason: CloseReason
    """How the last connection or attempt ended."""
    exhausted: bool
    """Whether the client would have come back and had no attempt left; otherwise the end itself was final."""
    kind: Literal["closed"] = "closed"


State: TypeAlias = Idle | Connecting | Connected | Reconnecting | Closed


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """The smoothed round trip to the server."""

    time: float
    """In seconds."""
    source: Literal["heartbeat", "requests"]
    """Measured with heartbeats that the server returns, the network alone; or with requests, which includes the fastest handler."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The client is in another state."""

    state: State


@dataclass(frozen=True, slots=True)
class Unhandled:
    """A push came on a route that nobody listens to."""

    route: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An answer came that no request waits for."""

    late: bool
    """Whether its request had timed out or was cancelled; otherwise the server made it up."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The round trip was measured anew."""

    rtt: RoundTrip


@dataclass(frozen=True, slots=True)
class Missed:
    """The reader was too slow: so many events, all older than the next one, were dropped."""

    count: int


Event: TypeAlias = StateChanged | Unhandled | Unmatched | Measured | Missed


def state_of(of: native.State) -> State:
    if of.is_RECONNECTING():
        next_in = None if of.next_in_ms is None else of.next_in_ms / 1000
        return Reconnecting(of.attempt, next_in, close_reason(of.cause))
    if of.is_CLOSED():
        return Closed(close_reason(of.reason), of.exhausted)
    if of.is_CONNECTED():
        return Connected()
    return Connecting() if of.is_CONNECTING() else Idle()


def round_trip(of: native.RoundTrip) -> RoundTrip:
    return RoundTrip(of.micros / 1e6, "heartbeat" if of.source == native.RoundTripSource.HEARTBEAT else "requests")


def event_of(of: native.Event) -> Event | None:
    """None for an event that this package has no name for."""
    if of.is_STATE():
        return StateChanged(state_of(of.state))
    if of.is_UNHANDLED():
        return Unhandled(of.route)
    if of.is_UNMATCHED():
        return Unmatched(of.late)
    if of.is_ROUND_TRIP():
        return Measured(round_trip(of.rtt))
    return Missed(of.missed) if of.is_LAGGED() else None
