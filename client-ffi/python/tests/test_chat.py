"""The chat's client in Python in one room with the one of the terminal."""

import os
import re
import subprocess
import sys
from typing import IO

from .kit import REPOSITORY, PeerTest


class Chat(PeerTest):
    def program(self, *words: str) -> subprocess.Popen[str]:
        """A program that is gone when the test ends."""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "client-ffi" / "python")}
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )

        def end() -> None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe
                pipe.close()

        self.addCleanup(end)
        return process

    def reads(self, process: subprocess.Popen[str], wanted: str) -> str:
        """The next line of a program that has a text."""
        output: IO[str] | None = process.stdout
        assert output
        seen = []
        for line in output:
            seen.append(line)
            if wanted in line:
                return line
        self.fail(f"no {wanted!r} in {seen}")

    def says(self, process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def test_they_hear_each_other(self) -> None:
        ports = ("--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0")
        server = self.program(os.environ["PITAYA_CHAT_SERVER"], *ports)
        lines = self.reads(server, "listening") + self.reads(server, "listening")
        found = dict(re.findall(r'listener="(tcp|ws)" address=(\S+)', lines))
        rust = self.program(os.environ["PITAYA_CHAT_CLIENT"], f"tcp://{found['tcp']}", "rusty")
        self.reads(rust, "in lobby: rusty")
        chat = str(REPOSITORY / "examples" / "chat" / "python" / "chat.py")
        python = self.program(sys.executable, chat, f"ws://{found['ws']}", "monty")
        self.assertIn("monty, rusty", self.reads(python, "in lobby"))
        self.reads(rust, "monty is here")
        self.says(rust, "hello from the terminal")
        self.reads(python, "rusty: hello from the terminal")
        self.says(python, "hello from Python")
        self.reads(rust, "monty: hello from Python")
        self.says(python, "/join attic")
        self.reads(python, "in attic: monty")
        assert python.stdin
        python.stdin.close()
        self.assertEqual(python.wait(30), 0)
