"""The vectors of `conformance/vectors` that show at this surface."""

import json
from collections.abc import Iterator
from typing import Any

from pitaya_client import Closed, CloseReason, ConnectError, NotSentError, Reconnect, Reconnecting, ServerError, raw

from .kit import REPOSITORY, PeerTest, hasty, soon
from .wire import KICK, WirePeer, packet

VECTORS = REPOSITORY / "conformance" / "vectors"
APPLIED = {"close-codes", "errors", "errors-tolerated", "handshake-responses", "kicks", "routes"}
BELOW = {
    "capabilities": "what a server grants",
    "compression": "the core's; `handshake-responses` and the scenarios have compressed bodies",
    "dictionaries": "the core's; the scenarios look routes and codes up",
    "frames": "the core's",
    "handshake-requests": "what a server reads",
    "message-refusals": "the core's; the scenarios send what is too long and too large",
    "messages": "the core's",
    "messages-malformed": "the core's",
    "messages-tolerated": "the core's",
    "packet-refusals": "the core's",
    "packet-streams": "the core's",
    "packets": "the core's",
    "sniffing": "the core's",
}
NOWHERE = Reconnect(base=60, max=60, jitter=0)


def cases(name: str) -> Iterator[dict[str, Any]]:
    found = json.loads((VECTORS / f"{name}.json").read_text())["cases"]
    assert found, f"{name} has no cases"
    yield from found


def octets(notation: str) -> bytes:
    """The bytes that a vector writes."""
    if notation.startswith("text:"):
        return notation.removeprefix("text:").encode()
    out = b""
    for token in notation.split():
        if token.startswith("repeat:"):
            byte, count = token.removeprefix("repeat:").split("*")
            out += bytes.fromhex(byte) * int(count)
        else:
            out += bytes.fromhex(token)
    return out


class Vectors(PeerTest):
    def test_no_file_is_overlooked(self) -> None:
        self.assertEqual({path.stem for path in VECTORS.glob("*.json")}, APPLIED | BELOW.keys())

    async def test_routes(self) -> None:
        _, client = await self.on_demand()
        for case in cases("routes"):
            with self.subTest(case["name"]):
                if case["verdict"] == "ok":
                    self.assertEqual(await soon(client.request(case["route"], 1)), 1)
                    continue
                with self.assertRaises(NotSentError) as failed:
                    await client.request(case["route"], 1)
                self.assertEqual(failed.exception.code, "route")

    async def test_errors(self) -> None:
        for case in cases("errors"):
            for serializer in ("json", "protobuf"):
                await self.fails(case["name"], serializer, octets(case[serializer]), case["value"])

    async def test_errors_tolerated(self) -> None:
        for case in cases("errors-tolerated"):
            # What cannot be read has no code of its own.
            value = case["value"] if case["verdict"] == "ok" else {"code": "PIT-000"}
            await self.fails(case["name"], case["serializer"], octets(case["body"]), value)

    async def fails(self, name: str, serializer: str, body: bytes, value: dict[str, Any]) -> None:
        """An error answer with this body is this error."""
        response = json.dumps({"code": 200, "sys": {"serializer": serializer}}).encode()
        async with WirePeer(response, error=body) as peer, hasty(peer.url, codec=raw) as client:
            with self.subTest(name, serializer=serializer), self.assertRaises(ServerError) as failed:
                await soon(client.request("a.b"))
        error = failed.exception
        self.assertEqual((error.code, error.metadata), (value.get("code", ""), value.get("metadata", {})))

    async def test_handshake_responses(self) -> None:
        for case in cases("handshake-responses"):
            with self.subTest(case["name"]):
                async with WirePeer(octets(case["body"])) as peer:
                    connecting = hasty(peer.url, codec=raw)
                    value = case.get("value")
                    if value and value["code"] == 200:
                        client = await self.connect(connecting)
                        self.assertEqual(client.serializer, value["serializer"])
                        await client.close()
                        continue
                    with self.assertRaises(ConnectError) as failed:
                        await soon(connecting)
                    reason = failed.exception.reason
                    assert reason
                    expected: dict[str, Any] = {"code": 404}
                    if value:
                        expected = value.get("close", {"code": 503 if value["code"] == 501 else 502})
                    self.assertEqual(reason.code, expected["code"])
                    self.assertIn(expected.get("reason", ""), reason.reason)

    async def kicked(self, body: bytes) -> CloseReason:
        """What a client reads from the body of a kick."""
        async with WirePeer(after_ack=packet(KICK, body)) as peer:
            client = hasty(peer.url, reconnect=NOWHERE).start()
            events = client.events()
            while not isinstance(state := client.state, Closed | Reconnecting):
                await soon(anext(events))
            await client.close()
            return state.reason if isinstance(state, Closed) else state.cause

    async def test_kicks(self) -> None:
        for case in cases("kicks"):
            with self.subTest(case["name"]):
                reason = await self.kicked(octets(case["body"]))
                self.assertEqual((reason.code, reason.reason), (case["code"], case["reason"]))
                after = case.get("retry_after_ms")
                self.assertEqual(reason.retry_after, None if after is None else after / 1000)
                self.assertEqual(reason.endpoint, case.get("endpoint"))

    async def test_close_codes(self) -> None:
        for case in cases("close-codes"):
            with self.subTest(case["name"]):
                reason = await self.kicked(json.dumps({"code": case["number"]}).encode())
                read = (reason.code, reason.reconnect, reason.kicked)
                self.assertEqual(read, (case["number"], case["reconnect"], case["kick"]))
