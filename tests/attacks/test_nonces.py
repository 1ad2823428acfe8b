#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whose nonce it is: a new operator's account comes to numbers that the old one used, and an endpoint says one that is too high."""
import json

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_servers import Way
from pt_stack import rpc
from pt_world import World, wait_until


def new_account(stack):
    """A keystore of its own, with money; its address."""
    path = stack.key_file("next.json")
    said = json.loads(stack.powertrack("keygen", "--ethereum", "--out", path, "--password-file", stack.password, "--fast", "--json"))
    rpc(stack.rpc_url, "anvil_setBalance", said["address"], hex(10**20))
    return path, said["address"]


def nonce(stack, account):
    return int(rpc(stack.rpc_url, "eth_getTransactionCount", account, "latest"), 16)


@case
def test_new_operator():
    """The area gets another account, whose next nonce the old one has used: batches go on being final, and the log holds."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1, chain_poll_ms=50)
        stack.start_daemon()
        world, old = World(stack, "east"), stack.status()["operator"]
        world.register("tx-1")
        stack.wait_settled()
        before = nonce(stack, old)
        for _ in range(2):
            world.say("tx-1")
            stack.wait_settled()
        path, address = new_account(stack)
        stack.powertrack("area", "operator", "east", "--operator", address, "--rpc", stack.rpc_url, "--contract", stack.contract,
                         "--owner-keystore", stack.keystore, "--password-file", stack.password)
        rpc(stack.rpc_url, "anvil_setNonce", address, hex(before))
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.write_config(chain_keystore=path)
        stack.start_daemon()
        equal(stack.status()["operator"].lower(), address.lower(), "who anchors")
        for _ in range(amount(3, 20)):
            world.say("tx-1")
            stack.wait_settled()
        check(nonce(stack, address) >= before + 3 and before < nonce(stack, old), "both have used the same numbers")
        equal(stack.status()["state"], "ok", "the daemon")
        audit = stack.audit()
        check(audit["verdict"] == "holds" and audit["batches"] >= 6, f"the audit: {audit}")


@case
def test_nonce_too_high():
    """One answer that is three too high: told after a minute, right again after three. The account's nonce has no hole."""
    high = []

    def lie(request, answer):
        if b"eth_getTransactionCount" not in request or len(high) > 0:
            return answer
        row = json.loads(answer)
        high.append(row["result"])
        return json.dumps({**row, "result": hex(int(row["result"], 16) + 3)}).encode()

    def log():
        with open(stack.log_file("powertrackd"), encoding="utf-8") as file:
            return file.read()

    with stack_in_folder() as stack:
        way = Way(stack.rpc_url, lie)
        with way.serve() as endpoint:
            stack.write_config(batch_period="1s", chain_confirmations=1, chain_poll_ms=50, chain_rpc=endpoint, chain_stuck_after_s=6)
            stack.start_daemon()
            world = World(stack, "east")
            world.register("tx-1")
            wait_until("it says so", lambda: stack.status()["state"] == "attention" and "nobody sent" in log())
            stack.wait_settled()
            equal(len(high), 1, "lies told")
            wait_until("it is well", lambda: stack.status()["state"] == "ok")
            account = stack.status()["operator"]
            used = nonce(stack, account)
            world.say("tx-1")
            stack.wait_settled()
            equal(nonce(stack, account), used + 1, "the account's nonce")
            check(stack.audit()["verdict"] == "holds", "the audit")


if __name__ == "__main__":
    main()
