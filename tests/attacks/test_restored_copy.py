#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An older copy of the state is put back, as docs/OPERATION.md says it: nothing is forked, and nothing that anybody was promised is lost."""
import json
import os
import re
import shutil
import subprocess

from cryptography.hazmat.primitives.asymmetric import ec

from pt_attack import amount
from pt_case import SOURCE, case, check, equal, main, stack_in_folder
from pt_formats import encode64, point_of, sign
from pt_servers import Blocks, Way
from pt_stack import free_port, now_ms, program_path
from pt_world import World, ask, wait_until


def run_block(name, stack, copy):
    """What docs/OPERATION.md says under that name, as it stands there."""
    with open(os.path.join(SOURCE, "docs", "OPERATION.md"), encoding="utf-8") as file:
        found = re.search(rf"<!-- run: {name} -->\n```sh\n(.*?)```", file.read(), re.DOTALL)
    check(found, f"no block {name}")
    path = os.path.dirname(program_path(stack.build, "powertrack")) + os.pathsep + os.environ["PATH"]
    subprocess.run(["sh", "-eu", "-c", found.group(1)], env={**os.environ, "PATH": path, "STATE": stack.state, "CONFIG": stack.config, "COPY": copy}, check=True)


def back_up(stack, copy):
    """While the daemon runs."""
    run_block("backup", stack, copy)


def lose(stack):
    """The state is gone; where what was in it is now."""
    lost = os.path.join(stack.folder, "lost")
    os.rename(stack.state, lost)
    return lost


def come_back(stack, copy, elsewhere=False):
    """On another machine: another folder, another address."""
    if elsewhere:
        port = free_port()
        stack.state, stack.url = os.path.join(stack.folder, "elsewhere"), f"http://127.0.0.1:{port}"
        stack.write_config(daemon_state_dir=stack.state, http_listen=f"127.0.0.1:{port}")
    run_block("back", stack, copy)


def batches(stack, area):
    return {row["batch"]: row for row in stack.pages(f"/batches?area={area}", "batches")}


def settled(stack):
    """Level, open, and everything final; between its two lives the daemon does not listen."""
    try:
        return "replay" not in stack.status() and stack.settled()
    except OSError:
        return False


def well(stack):
    return settled(stack) and stack.status()["state"] == "ok"


class Works:
    """An official's notice: each entry goes on from the leaf of the one before."""

    def __init__(self, world):
        self.world, self.key, self.entries, self.receipts = world, ec.generate_private_key(ec.SECP256R1()), [], []
        world.take("/registrations", [sign({"kind": "official", "area": "east", "ts": now_ms(), "official": "officer-1", "key": encode64(point_of(self.key)),
                                            "name": "Line works", "role": "operator", "status": "active"}, world.authority)])

    def announce(self):
        prev = self.receipts[-1]["leaf"] if self.receipts else "0" * 64
        self.entries.append(sign({"kind": "notice", "area": "east", "ts": now_ms(), "notice": "works-1", "n": len(self.entries) + 1, "prev": prev,
                                  "about": "estimate", "scope": "area", "start": 1, "end": 2, "by": "officer-1", "note": "", "status": "active"}, self.key))
        answer = self.say(len(self.entries))
        equal(answer["accepted"], 1, f"a notice: {answer}")
        self.receipts.append(answer["receipts"][0]["receipt"])

    def say(self, n):
        return self.world.stack.post("/notices", self.entries[n - 1], headers={"Prefer": "receipt"})[1]

    def check_kept(self):
        """What both had has its receipt still, what the chain had is there, and it goes on from that."""
        equal(self.say(1), {"accepted": 0, "duplicate": 1, "receipts": [{"line": 1, "receipt": self.receipts[0]}], "rejected": []}, "the receipt that was given")
        equal(self.say(2), {"accepted": 0, "duplicate": 1, "rejected": []}, "what the copy did not know")
        self.announce()


def live(stack, world, **devices):
    """A batch of its own for each area, from the devices named, final."""
    for area, names in devices.items():
        for name in names:
            world.say(name, area=area)
    wait_until("all is final", lambda: settled(stack))


@case
def test_older_copy():
    """Closed until the batches are there, from whoever has them; then as if nothing had been."""
    gateways = [Blocks(), Blocks(), Blocks()]
    with stack_in_folder() as stack, gateways[0].serve() as nothing, gateways[1].serve() as wrong, gateways[2].serve() as good:
        stack.write_config(batch_period="1s", chain_confirmations=1, chain_poll_ms=50, chain_gateways=f"http://127.0.0.1:9;{nothing};{wrong};{good}/")
        stack.start_daemon()
        world = World(stack, "east", "west")
        world.register("tx-1", "tx-2")
        world.register("tx-3", area="west")
        live(stack, world, east=["tx-1"])
        copy = os.path.join(stack.folder, "copy")
        back_up(stack, copy)
        for number in range(amount(2, 40)):
            world.register(f"tx-new-{number}")
            live(stack, world, east=["tx-1", "tx-2", f"tx-new-{number}"], west=["tx-3"])
        stack.register_areas("late")
        world.register("tx-4", area="late")
        world.say("tx-4", area="late")
        repeated = world.report("tx-1")
        world.post(repeated)
        wait_until("all is final", lambda: settled(stack))
        had, sites = batches(stack, "east"), stack.status()["sites"]
        stack.stop("powertrackd")
        lost = lose(stack)
        come_back(stack, copy, elsewhere=True)
        gateways[1].folder, gateways[1].alter = os.path.join(lost, "blocks"), lambda body: body[:-1] + b"!"
        stack.start_daemon()

        status = wait_until("it says what it wants", lambda: (row := stack.status())["state"] == "attention" and "wanted" in row["detail"] and row)
        check(status["replay"]["areas"] == 3 and status["replay"]["batches"] >= 4, f"what is to be brought back: {status}")
        wait_until("every gateway was asked", lambda: all(gateway.asked for gateway in gateways))
        got, _, body = ask(stack, "/api/v1/reports", "POST", world.report("tx-1"), Content_Type="application/json")
        equal((got, json.loads(body)["type"]), (503, "busy"), "a report meanwhile")
        check(len(batches(stack, "east")) < len(had), "nothing is made up")
        gateways[2].folder = os.path.join(lost, "blocks")

        wait_until("it is level and open", lambda: well(stack))
        now = batches(stack, "east")
        equal({number: row["cid"] for number, row in now.items()}, {number: row["cid"] for number, row in had.items()}, "the batches")
        equal({row["state"] for row in now.values()}, {"final"}, "their states")
        equal(stack.status()["sites"], sites, "the sites")
        equal(stack.post("/reports", repeated)[1]["duplicate"], 1, "what was acknowledged is there")
        live(stack, world, east=["tx-1", "tx-new-0"], late=["tx-4"])
        check(len(batches(stack, "late")) >= 2, "the area that the copy did not know")
        audit = stack.audit()
        check(audit["verdict"] == "holds" and audit["batches"] > len(had), f"the audit: {audit}")


def copy_that_went_on(close):
    """The copy does not know of the chain, as @close (stack, way) has it, and takes reports in; then it does."""
    with stack_in_folder() as stack:
        way = Way(stack.rpc_url)
        with way.serve() as rpc:
            stack.write_config(batch_period="1s", chain_confirmations=1, chain_poll_ms=50, chain_rpc=rpc)
            stack.start_daemon()
            world = World(stack, "east", "west")
            world.register("tx-1", "tx-2")
            world.register("tx-3", area="west")
            works = Works(world)
            works.announce()
            live(stack, world, east=["tx-1"])
            copy = os.path.join(stack.folder, "copy")
            back_up(stack, copy)
            world.register("tx-lost")
            works.announce()
            both = world.report("tx-1")
            world.post(both)
            live(stack, world, east=["tx-lost"])
            had = batches(stack, "east")
            stack.stop("powertrackd")
            lost = lose(stack)
            come_back(stack, copy)
            shutil.copytree(os.path.join(lost, "blocks"), os.path.join(stack.state, "blocks"), dirs_exist_ok=True)
            reopen = close(stack, way)
            stack.start_daemon()
            own = [both, world.report("tx-2"), world.report("tx-1"), world.report("tx-3", area="west")]
            world.register("tx-own")
            own.append(world.report("tx-own"))
            world.post(*own)
            reopen()

            wait_until("it is level and open", lambda: well(stack) and len(batches(stack, "east")) > len(had))
            now = batches(stack, "east")
            equal({number: now[number]["cid"] for number in had}, {number: row["cid"] for number, row in had.items()}, "the chain's batches")
            equal(stack.post("/reports", b"\n".join(own))[1], {"accepted": 0, "duplicate": len(own), "rejected": []}, "what the copy acknowledged")
            works.check_kept()
            live(stack, world, east=["tx-own", "tx-lost", "tx-2"], west=["tx-3"])
            audit = stack.audit()
            check(audit["verdict"] == "holds" and audit["gaps"] == 0, f"the audit: {audit}")
            check([name for name in os.listdir(stack.state) if name.startswith("powertrack.sqlite.before-")], "the copy's database is kept")


@case
def test_copy_that_took_reports():
    """The endpoint does not answer when it starts: what it took in goes into the next batch, the chain's stay what they are."""

    def close(_, way):
        way.open = False
        return lambda: setattr(way, "open", True)

    copy_that_went_on(close)


@case
def test_copy_that_sealed():
    """It was started without its chain, and made a batch of its own where the chain has another."""

    def close(stack, _):
        chain = {name: value for name, value in stack.settings.items() if name.startswith("chain_")}
        stack.write_config(**{name: None for name in chain})

        def reopen():
            wait_until("its own batch is made", lambda: stack.status()["pending"] == 0)
            equal(stack.stop("powertrackd"), 0, "its exit code")
            stack.write_config(**chain)
            stack.start_daemon()

        return reopen

    copy_that_went_on(close)


if __name__ == "__main__":
    main()
