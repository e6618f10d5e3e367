"""The client of Pitaya game servers for asyncio: requests, notifies and pushes over one connection that comes back by itself."""

from .client import Client
from .close import CloseReason
from .codec import Codec, json, raw
from .connection import Connecting, connect
from .errors import (
    ConnectError,
    DecodeError,
    DisconnectedError,
    EndpointFailure,
    NotSentError,
    PitayaError,
    RequestTimeoutError,
    ServerError,
)
from .options import ClientInfo, Limits, Reconnect, Tls
from .queue import LatestOnly, Queue, Wait
from .state import (
    Closed,
    Connected,
    Event,
    Idle,
    Measured,
    Missed,
    Reconnecting,
    RoundTrip,
    State,
    StateChanged,
    Unhandled,
    Unmatched,
)
from .streams import Events, LogLine, Logs, Pushes

__all__ = [
    "Client",
    "ClientInfo",
    "CloseReason",
    "Closed",
    "Codec",
    "ConnectError",
    "Connected",
    "Connecting",
    "DecodeError",
    "DisconnectedError",
    "EndpointFailure",
    "Event",
    "Events",
    "Idle",
    "LatestOnly",
    "Limits",
    "LogLine",
    "Logs",
    "Measured",
    "Missed",
    "NotSentError",
    "PitayaError",
    "Pushes",
    "Queue",
    "Reconnect",
    "Reconnecting",
    "RequestTimeoutError",
    "RoundTrip",
    "ServerError",
    "State",
    "StateChanged",
    "Tls",
    "Unhandled",
    "Unmatched",
    "Wait",
    "connect",
    "json",
    "raw",
]
