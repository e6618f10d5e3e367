"""What a client is made with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ._native import pitaya as native
from .codec import Codec
from .errors import ConnectError, error_of
from .queue import milliseconds
from .user import MakeUser, UserAnswers

User: TypeAlias = Mapping[str, Any] | MakeUser
"""What the handshake says of the user: a JSON object, or a function that makes it anew for each attempt."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """When and how often to come back: after a random time of at most `base` seconds, then twice that, up to `max`."""

    base: float = 0.5
    max: float = 30.0
    jitter: float = 1.0
    """Share of each time that is random, from 0 to 1."""
    attempts: int | None = None
    """Attempts in a row; None is without end."""
    stable: float = 10.0
    """How many seconds a connection must have been open for attempts to count anew."""
    first: bool = False
    """Whether a first connection that fails is tried again."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust over `tls://` and `wss://`, and who the client says it is. The host name is always checked."""

    roots_pem: bytes | None = None
    """Trusts these certificates instead of the operating system's."""
    pins: Sequence[str] = ()
    """Also demands that the server's public key is one of these: `sha256/` and 44 characters of base64."""
    identity_chain_pem: bytes | None = None
    """A certificate chain to show to servers that ask for one, the own first; with `identity_key_pem`."""
    identity_key_pem: bytes | None = None


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """What the handshake says of the application."""

    version: str = ""
    build: str = ""
    platform: str | None = None
    """None is the operating system."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most of everything; None is the library's default, which each says."""

    in_flight: int | None = None
    """Requests without an answer at a time: 1,024."""
    queue_items: int | None = None
    """Calls that wait for a connection in all: 1,024."""
    queue_bytes: int | None = None
    """Bytes of calls that wait for a connection in all: 262,144."""
    packet_bytes: int | None = None
    """Longest packet body that is taken: 16,777,215, the most that the wire can say."""
    inflated_bytes: int | None = None
    """Longest inflated body that is taken: 4 MiB."""
    push_buffer: int | None = None
    """Pushes that wait to be read, of each reader: 256."""
    push_buffer_bytes: int | None = None
    """Bytes of pushes that wait to be read, of each reader: 4 MiB."""


def start(
    urls: str | Sequence[str],
    *,
    user: User | None,
    codecs: Sequence[Codec],
    timeout: float,
    handshake_timeout: float,
    request_timeout: float,
    race: float,
    reconnect: Reconnect | bool,
    hold_queue: bool,
    tls: Tls | None,
    headers: Mapping[str, str],
    client_info: ClientInfo,
    capabilities: Sequence[str] | None,
    limits: Limits,
) -> tuple[native.Client, UserAnswers | None]:
    """The library's client with these settings, which starts to connect."""
    made = None if user is None or isinstance(user, Mapping) else user
    options = native.ConnectOptions(
        endpoints=[urls] if isinstance(urls, str) else list(urls),
        serializers=_serializers(codecs),
        user_json=_user_json(user) if isinstance(user, Mapping) else None,
        user_on_demand=made is not None,
        app_version=client_info.version,
        app_build=client_info.build,
        platform=client_info.platform,
        capabilities=None if capabilities is None else list(capabilities),
        tls=None if tls is None else _tls(tls),
        headers=[native.Header(name=name, value=value) for name, value in headers.items()],
        connect_timeout_ms=milliseconds(timeout),
        race_ms=milliseconds(race),
        handshake_timeout_ms=milliseconds(handshake_timeout),
        request_timeout_ms=milliseconds(request_timeout),
        reconnect=_reconnect(reconnect),
        retry_first=isinstance(reconnect, Reconnect) and reconnect.first,
        hold_queue=hold_queue,
        max_in_flight=limits.in_flight,
        queue_items=limits.queue_items,
        queue_bytes=limits.queue_bytes,
        max_packet=limits.packet_bytes,
        max_inflated=limits.inflated_bytes,
        push_buffer=limits.push_buffer,
        push_buffer_bytes=limits.push_buffer_bytes,
    )
    try:
        client = native.Client.start(options)
    except native.PitayaError as failed:
        raise error_of(failed) from None
    return client, None if made is None else UserAnswers(made, client.user_questions())


def _user_json(user: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(user))
    except (TypeError, ValueError) as error:
        raise ConnectError("user", f"the user is no JSON object: {error}") from error


def _tls(tls: Tls) -> native.TlsOptions:
    return native.TlsOptions(
        roots_pem=tls.roots_pem,
        pins=list(tls.pins),
        identity_chain_pem=tls.identity_chain_pem,
        identity_key_pem=tls.identity_key_pem,
    )


def _serializers(codecs: Sequence[Codec]) -> list[native.Serializer]:
    if not codecs:
        raise ValueError("a client needs a codec")
    names = {codec.name for codec in codecs}
    if None in names:
        names = {"json", "protobuf"}
    return [native.Serializer[name.upper()] for name in sorted(name for name in names if name)]


def _reconnect(reconnect: Reconnect | bool) -> native.ReconnectOptions:
    if isinstance(reconnect, bool):
        return native.ReconnectOptions(attempts=None if reconnect else 0)
    if not 0 <= reconnect.jitter <= 1:
        raise ValueError(f"jitter is a share from 0 to 1: {reconnect.jitter}")
    return native.ReconnectOptions(
        base_ms=milliseconds(reconnect.base),
        max_ms=milliseconds(reconnect.max),
        jitter_percent=round(reconnect.jitter * 100),
        attempts=reconnect.attempts,
        stable_ms=milliseconds(reconnect.stable),
    )
