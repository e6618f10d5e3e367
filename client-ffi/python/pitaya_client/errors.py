"""What goes wrong, as exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ._native import pitaya as native
from .close import CloseReason, close_reason


class PitayaError(Exception):
    """What everything that this package raises has in common. A cancelled task raises `asyncio.CancelledError`, as ever."""

    code: str
    """What programs tell errors apart by; see each class. `internal` is a fault of this package."""
    retryable: bool
    """Whether the same may work later, without a change of what was asked."""
    sent: bool
    """Whether the message may have reached the server, which may have acted on it."""

    def __init__(self, code: str, message: str, *, retryable: bool = False, sent: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.sent = sent


class ServerError(PitayaError):
    """The server answered a request with an error. `code` is the server's: `PIT-404`, for example, is a route that it does not have."""

    metadata: Mapping[str, str]
    """What the server says besides, by name."""


class RequestTimeoutError(PitayaError, TimeoutError):
    """No answer came in time; one that comes later is dropped. The code is `timeout`."""

    after: float
    """The seconds that it had."""


class DisconnectedError(PitayaError, ConnectionError):
    """The connection ended before the answer came. The code is `disconnected`."""

    reason: CloseReason
    """How it ended."""


class NotSentError(PitayaError):
    """The message was never given to the network.

    The code says why: `not-connected`; `queue-full` and `expired` for one that was to wait for the connection; `superseded` by a later one
    under `LatestOnly`; `too-large` for a body over 16,777,215 bytes; `route` for one that is malformed or over 255 bytes; `encode` for a body
    that the codec cannot write, with its exception as `__cause__`.
    """


class DecodeError(PitayaError):
    """The body of an answer or a push cannot be read. The code is `decode`."""


@dataclass(frozen=True, slots=True)
class EndpointFailure:
    """What went wrong at one of the addresses."""

    endpoint: str
    message: str
    retryable: bool


class ConnectError(PitayaError, ConnectionError):
    """`connect` gave no client.

    The code says why: `url` for an address that is none; `user` for a `user` that is no JSON object; `settings` for another option;
    `unreachable`; `refused` by the server; `closed` for a connection that ended otherwise before it was usable.
    """

    reason: CloseReason | None = None
    """How the connection ended, if there was one."""
    endpoints: tuple[EndpointFailure, ...] = ()
    """What went wrong at each address, with `unreachable`."""


_Error = TypeVar("_Error", bound=PitayaError)

_Kind = native.FailureKind
_NOT_SENT = {
    _Kind.NOT_CONNECTED: "not-connected",
    _Kind.QUEUE_FULL: "queue-full",
    _Kind.EXPIRED: "expired",
    _Kind.SUPERSEDED: "superseded",
    _Kind.TOO_LARGE: "too-large",
    _Kind.ROUTE: "route",
}
_CONNECT = {
    _Kind.URL: "url",
    _Kind.USER: "user",
    _Kind.SETTINGS: "settings",
    _Kind.UNREACHABLE: "unreachable",
    _Kind.REFUSED: "refused",
    _Kind.CLOSED: "closed",
}


def error_of(failed: native.PitayaError) -> PitayaError:
    """The exception that stands for a failure of the library."""
    of: native.Failure = failed.failure

    def make(kind: type[_Error], code: str) -> _Error:
        return kind(code, of.message, retryable=of.retryable, sent=of.sent)

    if of.kind == _Kind.SERVER:
        server = make(ServerError, of.server.code)
        server.metadata = of.server.metadata
        return server
    if of.kind == _Kind.TIMEOUT:
        timeout = make(RequestTimeoutError, "timeout")
        timeout.after = of.after_ms / 1000
        return timeout
    if of.kind == _Kind.DISCONNECTED:
        disconnected = make(DisconnectedError, "disconnected")
        disconnected.reason = close_reason(of.close)
        return disconnected
    if code := _NOT_SENT.get(of.kind):
        return make(NotSentError, code)
    if code := _CONNECT.get(of.kind):
        unconnected = make(ConnectError, code)
        unconnected.reason = None if of.close is None else close_reason(of.close)
        unconnected.endpoints = tuple(EndpointFailure(at.endpoint, at.message, at.retryable) for at in of.endpoints)
        return unconnected
    if of.kind == _Kind.DECODE:
        return make(DecodeError, "decode")
    return make(PitayaError, "cancelled" if of.kind == _Kind.CANCELLED else "internal")


def internal(fault: native.InternalError) -> PitayaError:
    """The exception for a panic in the library."""
    return PitayaError("internal", str(fault))
