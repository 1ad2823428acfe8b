#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is set up wrongly stops with one sentence that names the file and the remedy; nothing crashes."""
import os
import subprocess

from pt_case import BUILD, PATIENCE, case, check, equal, main, stack_in_folder

from pt_stack import program_path

ANOTHER = "0x" + "11" * 20


def refusal(*command):
    """What a program that must not start says on standard error."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise AssertionError("it started") from None
    check(done.returncode > 0, f"{command[1:]} exited with {done.returncode}: {done.stderr}")
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    equal(len(lines), 1, f"one sentence: {done.stderr!r}")
    return lines[0]


def daemon_refuses(stack, *words):
    print(f"# refuses for {words}", flush=True)
    said = refusal(program_path(BUILD, "powertrackd"), "--config", stack.config)
    for word in words:
        check(word in said, f"{word!r} is not in: {said}")


@case
def test_config():
    with stack_in_folder(chain=False) as stack:
        for settings, words in (({"batch_period": "soon"}, ("powertrackd.conf", "period")),
                                ({"batch_period": "2d"}, ("powertrackd.conf", "period")),
                                ({"batch_colour": "red"}, ("powertrackd.conf", "colour")),
                                ({"http_listen": "everywhere"}, ("listen",)),
                                ({"daemon_service_key": "/nowhere/key.pem"}, ("/nowhere/key.pem",)),
                                ({"chain_rpc": stack.rpc_url}, ("powertrackd.conf", "contract")),
                                ({"clock_source": "sundial"}, ("powertrackd.conf", "source"))):
            stack.settings = {}
            stack.write_config(**settings)
            daemon_refuses(stack, *words)
        with open(stack.config, "w", encoding="ascii") as file:
            file.write("[daemon\nstate_dir=/tmp\n")
        daemon_refuses(stack, "powertrackd.conf")
        os.unlink(stack.config)
        daemon_refuses(stack, "powertrackd.conf")


@case
def test_key_file():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        with open(stack.service_key, "w", encoding="ascii") as file:
            file.write("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        daemon_refuses(stack, "service.pem")


@case
def test_service_key_of_the_areas():
    """A roster that another key signed would spoil an area's log for good: no such key is made, none is taken."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        stack.register_areas("east")
        service = stack.get("/areas")["areas"][0]["service_key"]
        equal(stack.stop("powertrackd"), 0, "its exit code")
        aside = stack.service_key + ".aside"
        os.rename(stack.service_key, aside)
        daemon_refuses(stack, "service.pem", service, "missing")
        check(not os.path.exists(stack.service_key), "a key was made")
        stack.powertrack("keygen", "--out", stack.service_key)
        daemon_refuses(stack, "service.pem", service, "east")
        os.replace(aside, stack.service_key)
        stack.start_daemon()
        equal(stack.get("/areas")["areas"][0]["service_key"], service, "the area's key")


@case
def test_state_directory():
    """A directory that others can look into is closed where it is the daemon's or nobody's yet, and refused where it is something else's."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        os.makedirs(stack.state, exist_ok=True)
        os.chmod(stack.state, 0o755)
        note = os.path.join(stack.state, "letter.txt")
        with open(note, "w", encoding="ascii") as file:
            file.write("somebody's")
        daemon_refuses(stack, stack.state, "chmod 700")
        equal(os.stat(stack.state).st_mode & 0o777, 0o755, "it was not touched")
        os.unlink(note)
        for _ in range(2):  # empty, then the daemon's
            os.chmod(stack.state, 0o755)
            stack.start_daemon()
            equal(os.stat(stack.state).st_mode & 0o777, 0o700, "closed")
            equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_chain():
    with stack_in_folder() as stack:
        for settings, words in (({"chain_contract": ANOTHER}, (ANOTHER[:10],)), ({"chain_chain_id": 1}, ("31337",)),
                                ({"chain_contract": "0x12"}, ("contract",)), ({"chain_keystore": "/nowhere/keystore.json"}, ("/nowhere/keystore.json",))):
            stack.settings = {}
            stack.write_config(**settings)
            daemon_refuses(stack, *words)


@case
def test_second_daemon():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        first = stack.settings["http_listen"]
        stack.write_config(http_listen="127.0.0.1:0")
        daemon_refuses(stack, os.path.basename(stack.state))
        check(stack.alive("powertrackd") and stack.status()["version"], f"the first one still answers on {first}")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_csv():
    with stack_in_folder(chain=False) as stack:
        path = os.path.join(stack.folder, "bad.csv")
        head = "outage_id,device_id,circuit_id,extent,city,latitude,longitude,start_ms,end_ms,customers,cause\n"
        good = "1,7,42271103,CUSTOMER,Here,38.2,-122.9,1707006509000,1707026400123,1,X\n"
        for row, word in (("2,8,42271103,CUSTOMER,Here,north,-122.9,1707006509000,1707026400123,1,X\n", "line 3"),
                          ("2,8,42271103,CUSTOMER,Here,38.2,-122.9,1707026400123,1707006509000,1,X\n", "line 3"),
                          ("2,8,42271103\n", "line 3")):
            with open(path, "w", encoding="ascii") as file:
                file.write(head + good + row)
            said = refusal(program_path(BUILD, "powertrack-fleet"), "replay", path, "--list", os.path.join(stack.folder, "d.csv"),
                           "--state", os.path.join(stack.folder, "s"))
            check("bad.csv" in said and word in said, said)


if __name__ == "__main__":
    main()
