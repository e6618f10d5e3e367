"""Why connections end."""

from dataclasses import dataclass
from typing import Literal

from ._native import pitaya as native

OriginName = Literal["local", "peer", "fault", "transport"]

_ORIGINS: dict[native.Origin, OriginName] = {
    native.Origin.LOCAL: "local",
    native.Origin.PEER: "peer",
    native.Origin.FAULT: "fault",
    native.Origin.TRANSPORT: "transport",
}


@dataclass(frozen=True, slots=True)
class CloseReason:
    """How a connection ended, and what is advised to do next."""

    code: int
    """0 to 99: on purpose; 100 to 399: by circumstances, the client comes back; 400 to 499: the protocol was broken; 500 to 899: the server
    does not want this client; 900 to 999: the application's own."""
    reason: str
    """Text for people."""
    origin: OriginName
    """Which side ended it: this program (`local`), the server (`peer`), this library because the server broke the protocol (`fault`), or nobody
    (`transport`)."""
    kicked: bool
    """Whether the server threw this client out or refused it."""
    reconnect: bool
    """Whether the client comes back by itself."""
    retry_after: float | None
    """How many seconds the server asks to stay away."""
    endpoint: str | None
    """Where the server says to come back to."""


def close_reason(of: native.CloseReason) -> CloseReason:
    return CloseReason(
        code=of.code,
        reason=of.reason,
        origin=_ORIGINS[of.origin],
        kicked=of.kicked,
        reconnect=of.reconnect,
        retry_after=None if of.retry_after_ms is None else of.retry_after_ms / 1000,
        endpoint=of.endpoint,
    )
