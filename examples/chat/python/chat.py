"""The chat's client in Python: `python3 chat.py URL NAME [ROOM]`. Type a line to say it; /who; /join ROOM; the end of the input leaves."""

import asyncio
import sys
import uuid
from typing import Any

from pitaya_client import Client, PitayaError, Wait, connect


def show(text: str) -> None:
    """Nobody else's text may steer the terminal."""
    print("".join(" " if c < " " or "\x7f" <= c < "\xa0" else c for c in text), flush=True)


async def talk(client: Client, user: dict[str, str]) -> None:
    def hear(line: dict[str, Any]) -> None:
        user["seen"] = line["at"]
        show(f"{line['from']}: {line['text']}")

    def enter(members: dict[str, Any]) -> None:
        user.update(room=members["room"], seen=members["at"])
        show(f"* in {members['room']}: {', '.join(members['names'])}")

    client.on("onLine", hear)
    client.on("onGap", lambda _: show("* lines may be missing here"))
    client.on("onMember", lambda member: show(f"* {member['name']} {'is here' if member['here'] else 'has left'}"))
    client.on_state(lambda state: show(f"* {state.kind}"))
    enter(await client.request("room.who", {}))
    typed = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(typed), sys.stdin)
    while line := (await typed.readline()).decode(errors="replace"):
        match line.strip().split(" ", 1):
            case ["/who" | ""]:
                call = client.request("room.who", {})
            case ["/join", room]:
                call = client.request("room.join", {"room": room})
            case _:
                say = {"text": line.strip().replace("\t", " "), "key": uuid.uuid4().hex}
                call = client.request("room.say", say, timeout=30, queue=Wait(age=30))
        try:
            if answer := await call:
                enter(answer)
        except PitayaError as error:
            show(f"! {error}")


async def main(url: str, name: str, room: str = "lobby") -> None:
    # Every handshake says where we are and what we have seen, so that the server puts us back there and tells us the rest.
    user = {"name": name, "room": room}
    async with connect(url, user=lambda: user) as client:
        talking, ended = asyncio.create_task(talk(client, user)), asyncio.create_task(client.wait_closed())
        await asyncio.wait({talking, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            sys.exit(f"! {ended.result().reason.reason}")
        talking.result()


asyncio.run(main(*sys.argv[1:]))
