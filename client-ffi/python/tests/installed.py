"""Uses the installed package: `python -I installed.py CONFORMANCE-SERVER`."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pitaya_client


async def use(url: str) -> None:
    async with pitaya_client.connect(url) as client:
        assert await client.request("room.join", {"name": "ann"}) == {"name": "ann"}
    print(f"{client!r} by {Path(pitaya_client.__file__).parent}")


server = subprocess.Popen([sys.argv[1], "--mock", "on-demand"], stdout=subprocess.PIPE, text=True)
try:
    assert server.stdout
    asyncio.run(use(f"ws://{server.stdout.readline().split()[2]}"))
finally:
    server.kill()
    server.wait()
