# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: cases that speak TAP, and a stack in a folder of its own."""
import contextlib
import os
import shutil
import sys
import tempfile
import traceback

SOURCE = os.environ.get("PT_SOURCE_DIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("PT_BUILD_DIR") or os.path.join(SOURCE, "build")
sys.path.insert(0, os.path.join(SOURCE, "tools"))
sys.dont_write_bytecode = True

from pt_stack import ANVIL, PATIENCE, PATIENCE_LONG, PERIOD_MS, Failure, Stack  # noqa: E402,F401  (for the tests)

VECTORS = os.path.join(SOURCE, "tests", "vectors")
CASES = []


class Skip(Exception):
    """Why a case can't run here; the reason must stand in tests/allowed-skips.txt."""


def case(function):
    """Marks a function as a case; its name without `test_` is the case's."""
    CASES.append(function)
    return function


def check(holds, text):
    if not holds:
        raise AssertionError(text)


def equal(got, wanted, text="value"):
    if got != wanted:
        raise AssertionError(f"{text}: got {got!r}, wanted {wanted!r}")


def main():
    """Runs the cases in order, as TAP; those named on the command line only, if any are."""
    wanted = [function for function in CASES if not sys.argv[1:] or function.__name__ in sys.argv[1:]]
    unknown = set(sys.argv[1:]) - {function.__name__ for function in wanted}
    if unknown:
        sys.exit(f"no such case: {', '.join(sorted(unknown))}")
    print(f"1..{len(wanted)}", flush=True)
    failed = 0
    for number, function in enumerate(wanted, 1):
        name = function.__name__.removeprefix("test_").replace("_", "-")
        try:
            function()
            print(f"ok {number} {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except Exception:  # a test that breaks in any way has failed
            failed += 1
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} {name}", flush=True)
    sys.exit(1 if failed else 0)


def only():
    """For Node: of the browser's tests those whose names match what the command line says; all without."""
    return [f"--test-name-pattern={word}" for word in sys.argv[1:]]


@contextlib.contextmanager
def stack_in_folder(chain=True):
    """A Stack with keys and, with @chain, a running chain and a contract; everything is stopped and removed.

    PT_KEEP=1 leaves the folder; after a failure the ends of the logs are printed.
    """
    folder = tempfile.mkdtemp(prefix="powertrack-test-")
    stack = Stack(BUILD, folder)
    try:
        if chain:
            stack.start_chain()
        stack.make_keys()
        if chain:
            stack.deploy()
        yield stack
    except BaseException:
        show_logs(stack)
        raise
    finally:
        stack.stop_all()
        if os.environ.get("PT_KEEP") == "1":
            print(f"# kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def show_logs(stack, lines=25):
    for name in sorted(os.listdir(stack.logs)):
        with open(os.path.join(stack.logs, name), encoding="utf-8", errors="replace") as file:
            for line in file.read().splitlines()[-lines:]:
                print(f"# {name}: {line}")
