"""How bodies become bytes, and bytes become bodies."""

import json as _json
from typing import Any, Literal, Protocol

SerializerName = Literal["json", "protobuf"]


class Codec(Protocol):
    """Writes and reads bodies. Give an object like this to `connect` for payloads of your own."""

    @property
    def name(self) -> SerializerName | None:
        """The serializer that the handshake has to name; None fits any server."""

    def encode(self, route: str, body: Any) -> bytes:
        """The body of a request or a notify. What it raises becomes the cause of a `NotSentError` with the code `encode`."""

    def decode(self, route: str, body: bytes) -> Any:
        """The body of an answer to this route, or of a push. What it raises becomes the cause of a `DecodeError`."""


class _Json:
    name: SerializerName = "json"

    def encode(self, route: str, body: Any) -> bytes:
        del route
        return _json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def decode(self, route: str, body: bytes) -> Any:
        del route
        return _json.loads(body) if body else None


class _Raw:
    name: SerializerName | None = None

    def encode(self, route: str, body: Any) -> bytes:
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(f"the codec raw takes bytes, not {type(body).__name__} ({route})")
        return bytes(body)

    def decode(self, route: str, body: bytes) -> bytes:
        del route
        return body


json: Codec = _Json()
"""Bodies as JSON, the default. An empty body is read as None."""

raw: Codec = _Raw()
"""Bodies as bytes, whatever the server's serializer is."""
