"""The start of the README runs as it is printed, but for the port."""

import os
import re
import subprocess
import sys

from .kit import REPOSITORY, PeerTest

PACKAGE = REPOSITORY / "client-ffi" / "python"


class Readme(PeerTest):
    def test_the_start_runs(self) -> None:
        server = subprocess.Popen(
            [os.environ["PITAYA_CHAT_SERVER"], "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert server.stdout
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        found = None
        while not found:
            found = re.search(r'listener="ws" address=(\S+)', server.stdout.readline())
        start = re.search(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
        assert start
        code = start[1].replace("127.0.0.1:3250", found[1])
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, env=environment, check=False
        )
        self.assertEqual((ran.returncode, ran.stderr, ran.stdout), (0, "", "ann hello, ['ann']\n"))
