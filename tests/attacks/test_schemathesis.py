#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schemathesis, which knows nothing of us but data/openapi.yaml, asks a running daemon whatever fits that description and whatever does not,
in all its phases, and finds nothing that is answered otherwise than described."""
import json
import os
import subprocess

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from pt_attack import amount
from pt_case import BUILD, PATIENCE_LONG, SOURCE, case, equal, main, stack_in_folder
from pt_files import make_map, make_page, make_places
from pt_formats import dump, encode64
from pt_people import GATEWAY, People, make_gateway
from pt_world import World

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 9


def program():
    for folder in (BUILD, os.path.join(SOURCE, "build")):
        path = os.path.join(folder, "schemathesis", "bin", "schemathesis")
        if os.access(path, os.X_OK):
            return path
    raise AssertionError("schemathesis is not installed; run `make deps`")


def ask_everything(stack, *options, known=None):
    """Runs it to its end; fails with what it found. @known: names that are there, by their parameter's; see schemathesis/hooks.py."""
    hooks = {"PYTHONPATH": os.path.join(HERE, "schemathesis"), "SCHEMATHESIS_HOOKS": "hooks", "PT_KNOWN": json.dumps(known or {})}
    command = [program(), "--config-file", os.path.join(HERE, "schemathesis", "schemathesis.toml"), "run", os.path.join(SOURCE, "data", "openapi.yaml"),
               "--url", stack.url, "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color",
               "--max-examples", str(amount(20, 400)), "--request-timeout", "120", "--seed", str(SEED), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=stack.folder, env={**os.environ, "HOME": stack.folder, **hooks}, timeout=amount(PATIENCE_LONG, 5000), check=False)
    print("".join(f"# {line}\n" for line in done.stdout.splitlines()[-25:] if line.strip()), end="")
    if done.returncode != 0:
        print("".join(f"# {line}\n" for line in (done.stdout + done.stderr).splitlines()))
    equal(done.returncode, 0, "what schemathesis found")


def fill(stack, **settings):
    """Two areas, devices with and without supply, and batches on the chain."""
    stack.write_config(batch_period="1s", chain_confirmations=1, chain_public_rpc=stack.rpc_url, page_dir=make_page(stack.folder),
                       map_light=make_map(stack.folder, names="apart"), map_places=make_places(stack.folder), **settings)
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


def log_in(people, official):
    """The token of a session."""
    about = {"area": people.area, "official": official}
    challenge = people.stack.post("/sessions/challenge", dump(about), "application/json")[1]["challenge"]
    r, s = utils.decode_dss_signature(people.keys[official].sign(challenge.encode(), ec.ECDSA(hashes.SHA256())))
    status, answer = people.stack.post("/sessions", dump({**about, "challenge": challenge, "sig": encode64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}), "application/json")
    equal(status, 200, f"a session: {answer}")
    return answer["token"]


def ask_as(chosen, parts):
    """With a complaint that is there to be acted on, and the bearer token that @chosen makes of who they are."""
    with stack_in_folder() as stack:
        fill(stack, complaints_gateway_token_file=make_gateway(stack))
        people = People(World(stack, "test-east"))
        complaint, _ = people.file("asha", site="S-tx-1")
        ask_everything(stack, "--exclude-method", "DELETE", "--include-path-regex", parts, "--header", "Authorization: Bearer " + chosen(people),
                       known={"area": people.area, "number": complaint, "official": "ae-1", "site": "S-tx-1", "category": "no-supply"})
        equal(stack.stop("powertrackd"), 0, "it ends in peace")


@case
def test_an_official():
    """Who is logged in: words, photos, hiding, erasing and the desk."""
    ask_as(lambda people: log_in(people, "ae-1"), "complaints|actions|notices|profiles|sessions|officials")


@case
def test_the_gateway():
    """Who hands in for those without a browser."""
    ask_as(lambda people: GATEWAY, "desk|sms")


if __name__ == "__main__":
    main()
