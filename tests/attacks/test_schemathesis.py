#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schemathesis, which knows nothing of us but data/openapi.yaml, asks a running daemon whatever fits that description and whatever does not,
in all its phases, and finds nothing that is answered otherwise than described."""
import os
import subprocess

from pt_attack import amount
from pt_case import BUILD, PATIENCE_LONG, SOURCE, case, equal, main, stack_in_folder
from pt_files import make_map, make_page, make_places
from pt_world import World

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 9


def program():
    for folder in (BUILD, os.path.join(SOURCE, "build")):
        path = os.path.join(folder, "schemathesis", "bin", "schemathesis")
        if os.access(path, os.X_OK):
            return path
    raise AssertionError("schemathesis is not installed; run `make deps`")


def ask_everything(stack, *options):
    """Runs it to its end; fails with what it found."""
    command = [program(), "--config-file", os.path.join(HERE, "schemathesis", "schemathesis.toml"), "run", os.path.join(SOURCE, "data", "openapi.yaml"),
               "--url", stack.url, "--phases", "examples,coverage,fuzzing,stateful", "--checks", "all", "--continue-on-failure", "--no-color",
               "--max-examples", str(amount(20, 400)), "--request-timeout", "120", "--seed", str(SEED), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=stack.folder, env={**os.environ, "HOME": stack.folder}, timeout=amount(PATIENCE_LONG, 5000), check=False)
    print("".join(f"# {line}\n" for line in done.stdout.splitlines()[-25:] if line.strip()), end="")
    if done.returncode != 0:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()))
    equal(done.returncode, 0, "what schemathesis found")


def fill(stack):
    """Two areas, devices with and without supply, and batches on the chain."""
    stack.write_config(batch_period="1s", chain_confirmations=1, chain_public_rpc=stack.rpc_url, page_dir=make_page(stack.folder),
                       map_light=make_map(stack.folder, names="apart"), map_places=make_places(stack.folder))
    stack.start_daemon()
    world = World(stack, "test-east", "test-west")
    world.register("tx-1", "tx-2", "tx-3")
    world.say("tx-1", "OFF")
    world.say("tx-1")
    world.say("tx-2", "OFF")
    stack.wait_settled()


@case
def test_anybody():
    with stack_in_folder() as stack:
        fill(stack)
        ask_everything(stack)
        equal(stack.stop("powertrackd"), 0, "it ends in peace")


@case
def test_the_operator():
    """The same with the token: areas, and the clock."""
    with stack_in_folder() as stack:
        fill(stack)
        with open(stack.token, encoding="ascii") as token:
            ask_everything(stack, "--header", "Authorization: Bearer " + token.read().strip())
        equal(stack.stop("powertrackd"), 0, "it ends in peace")


if __name__ == "__main__":
    main()
