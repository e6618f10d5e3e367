"""The tests of this folder are exactly the rows of the table."""

import inspect
import unittest

from ..kit import REPOSITORY
from . import test_connecting, test_handshakes, test_leaving, test_pushes, test_queues, test_requests, test_returning

MODULES = (test_connecting, test_handshakes, test_leaving, test_pushes, test_queues, test_requests, test_returning)


def rows() -> set[str]:
    """Names of the rows that apply to this client: the last cell names the platforms that a row is not for, each with a reason."""
    found = set()
    for line in (REPOSITORY / "conformance" / "scenarios.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and cells[1].startswith("`") and "python (" not in cells[5]:
            found.add(cells[1].strip("`"))
    return found


def tests() -> set[str]:
    classes = (kind for module in MODULES for _, kind in inspect.getmembers(module, inspect.isclass))
    names = (name for kind in classes if issubclass(kind, unittest.TestCase) for name in dir(kind))
    return {name.removeprefix("test_").replace("_", "-") for name in names if name.startswith("test_")}


class Table(unittest.TestCase):
    def test_every_scenario_has_its_test(self) -> None:
        self.assertTrue(rows())
        self.assertEqual((rows() - tests(), tests() - rows()), (set(), set()), "without a test; not in the table")
