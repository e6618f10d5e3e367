"""What the asyncio layer adds to the library."""

import asyncio
import re
from typing import Any, Literal

from pitaya_client import Closed, Connected, ConnectError, Logs, State, Tls, json, raw

from .kit import PeerTest, hasty, lose, soon


class Protobuf:
    """A codec of the application's own."""

    name: Literal["protobuf"] = "protobuf"

    def encode(self, route: str, body: Any) -> bytes:
        return f"{route} {body}".encode()

    def decode(self, route: str, body: bytes) -> Any:
        return body[-24:].decode()


class Asyncio(PeerTest):
    async def test_a_listener_of_states_sees_the_way_to_the_end(self) -> None:
        _, client = await self.on_demand()
        states: asyncio.Queue[State] = asyncio.Queue()
        client.on_state(states.put)
        await lose(client)
        await soon(client.wait_connected())
        await client.close()
        seen = [await soon(states.get())]
        while not isinstance(seen[-1], Closed):
            seen.append(await soon(states.get()))
        self.assertEqual([state.kind for state in seen if state.kind != "reconnecting"], ["connected", "closed"])
        self.assertIn("reconnecting", [state.kind for state in seen])

    async def test_a_client_can_be_started_and_waited_for(self) -> None:
        client = self.start(hasty(self.peer("on-demand").ws))
        self.assertIn(client.state.kind, ("idle", "connecting", "connected"))
        await soon(client.wait_connected())
        self.assertEqual(client.state, Connected())
        self.assertEqual(repr(client), "<pitaya_client.Client connected>")

    async def test_one_of_several_codecs_is_the_servers(self) -> None:
        sdk = self.sdk()
        for name, answer in (("json-ws", {"Data": {"ipversion": "ipv4"}}), ("protobuf-ws", "THIS IS THE SESSION DATA")):
            client = await self.connect(hasty(sdk.url(name), codec=[json, Protobuf()]))
            self.assertEqual(await soon(client.request("connector.getsessiondata", 1)), answer)

    async def test_without_a_body_nothing_is_sent(self) -> None:
        client = await self.connect(hasty(self.peer("on-demand").ws, codec=raw))
        self.assertEqual(await soon(client.request("a.b")), b"")

    async def test_a_pinned_key_and_another(self) -> None:
        sdk = self.sdk()
        roots, url = sdk.certificate.read_bytes(), sdk.url("json-tls")
        with self.assertRaises(ConnectError) as failed:
            await soon(hasty(url, tls=Tls(roots_pem=roots, pins=["sha256/" + "A" * 43 + "="])))
        self.assertEqual((failed.exception.code, failed.exception.retryable), ("unreachable", False))
        shown = re.search(r"sha256/\S{44}", str(failed.exception))
        assert shown
        await self.connect(hasty(url, tls=Tls(roots_pem=roots, pins=[shown[0]])))

    async def test_a_certificate_that_nobody_vouches_for(self) -> None:
        with self.assertRaises(ConnectError) as failed:
            await soon(hasty(self.sdk().url("json-tls")))
        self.assertEqual((failed.exception.code, failed.exception.retryable), ("unreachable", False))

    async def test_the_first_address_that_answers_is_taken(self) -> None:
        client = await self.connect(hasty(["tcp://127.0.0.1:9", self.peer("on-demand").tcp]))
        self.assertEqual(await soon(client.request("a.b", 1)), 1)

    async def test_logs_tell_of_connections(self) -> None:
        logs = Logs()
        await self.on_demand()
        line = await soon(anext(logs))
        self.assertEqual(line.level, "debug")
        self.assertTrue(line.target.startswith("pitaya_client"))
        logs.stop()
        self.assertIsNone(await soon(anext(logs, None)))
