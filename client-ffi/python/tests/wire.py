"""A peer that answers the handshake with bytes that a test gives, and what it gives after the ack, and answers requests with an error."""

import asyncio
from typing import Self

HANDSHAKE, ACK, DATA, KICK = 1, 2, 4, 5
ERROR_ANSWER = 0x24
"""The flags of a response with the error bit (wire 6.1)."""
ACCEPTED = b'{"code":200,"sys":{"heartbeat":60,"serializer":"json"}}'


def packet(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


class WirePeer:
    def __init__(self, response: bytes = ACCEPTED, *, after_ack: bytes = b"", error: bytes = b"") -> None:
        self._response = response
        self._after_ack = after_ack
        self._error = error
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"tcp://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                kind = (await reader.readexactly(1))[0]
                body = await reader.readexactly(int.from_bytes(await reader.readexactly(3), "big"))
                if kind == HANDSHAKE:
                    writer.write(packet(HANDSHAKE, self._response))
                elif kind == ACK:
                    writer.write(self._after_ack)
                elif kind == DATA:
                    # Ids are small here: one byte behind the flags.
                    writer.write(packet(DATA, bytes((ERROR_ANSWER, body[1])) + self._error))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
