"""Runs all tests, or those whose names match an argument, and ends with the line that the task runner counts.

    python -m tests [PATTERN...]
"""

import faulthandler
import sys
import unittest
from pathlib import Path

# A crash in native code shall say where it was.
faulthandler.enable()
folder = Path(__file__).parent
loader = unittest.TestLoader()
loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[1:]] or None
suite = loader.discover(str(folder), top_level_dir=str(folder.parent))
result = unittest.TextTestRunner(verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
ignored = len(result.skipped)
word = "ok" if failed == 0 else "FAILED"
print(f"test result: {word}. {result.testsRun - failed - ignored} passed; {failed} failed; {ignored} ignored")
sys.exit(failed != 0 or result.testsRun == 0)
