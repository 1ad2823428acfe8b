#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All of a utility's devices from one CSV in one run (1.3 million in the long form), broken off in the middle, and the same file given again:
no entry is dated ahead of the clock, nothing is said twice, memory does not grow with the file, and what was revoked stays so."""
import json
import os
import resource
import signal
import subprocess
import time

from pt_attack import amount
from pt_case import BUILD, PATIENCE_LONG, case, check, equal, main, stack_in_folder
from pt_formats import encode64, load_pem, point_of
from pt_world import wait_until

from pt_stack import now_ms, program_path

AREAS = ("test-east", "test-west")
COUNT = amount(6000, 1_300_000)
MEMORY_MAX_KIB = 128 * 1024


def write_csv(stack, count):
    """As a spreadsheet in India writes it: a byte order mark, CRLF, some quotes."""
    path = os.path.join(stack.folder, "devices.csv")
    key = encode64(point_of(load_pem(stack.service_key)))
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("\ufeffarea,device,site,key,lat,lon,level,customers\r\n")
        for number in range(count):
            file.write(f'"{AREAS[number % 2]}",tx-{number:07},S-{number:07},{key},{255900000 + number % 1000},{851300000 + number // 1000},transformer,7\r\n')
    return path


def command(stack, *arguments):
    return [program_path(BUILD, "powertrack"), "device", "register", "--url", stack.url, "--authority-key", stack.authority_key, "--json", *arguments]


def register(stack, *arguments, status=0):
    done = subprocess.run(command(stack, *arguments), capture_output=True, text=True, timeout=amount(PATIENCE_LONG, 7200), check=False)
    equal(done.returncode, status, f"{arguments}: {done.stdout[-300:]} {done.stderr[-300:]}")
    return json.loads(done.stdout)


def registrations(stack, numbers):
    return stack.get("/devices?device=" + ",".join(f"tx-{number:07}" for number in numbers))["devices"]


def break_off(stack, path):
    """Kills a run in the middle; how many it had registered."""
    child = subprocess.Popen(command(stack, "--csv", path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until("some are registered", lambda: stack.status()["devices"] > 0 or child.poll() is not None, pause=0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    return wait_until("what was sent is committed", lambda: stack.status()["queue"] == 0 and stack.status())["devices"]


@case
def test_one_file():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        stack.register_areas(*AREAS)
        path = write_csv(stack, COUNT)
        before = now_ms()
        there = break_off(stack, path)
        start = time.monotonic()
        answer = register(stack, "--csv", path)
        print(f"# {answer['accepted']} registered in {time.monotonic() - start:.1f} s, {there} before", flush=True)
        equal((answer["accepted"] + answer["duplicate"] + answer["same"], answer["rejected_count"], answer["left_count"]), (COUNT, 0, 0), "all of them")
        equal(stack.status()["devices"], COUNT, "devices")
        check(answer["same"] >= there - 1000, f"gone on with: {answer['same']} of {there}")
        sample = registrations(stack, range(0, COUNT, COUNT // 100 + 1))
        after = stack.status()["now"]
        check(sample and all(before <= row["ts"] <= after for row in sample), f"dated from {before} to {after}: {sorted({row['ts'] for row in sample})}")
        entries = stack.status()["entries"]
        answer = register(stack, "--csv", path)
        equal((answer["accepted"], answer["same"], stack.status()["entries"]), (0, COUNT, entries), "the same file again adds nothing to the log")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        check(peak < MEMORY_MAX_KIB, f"at most {peak} KiB, however long the file")
        print(f"# at most {peak} KiB", flush=True)


@case
def test_revoked_stays_revoked():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        stack.register_areas(*AREAS)
        path = write_csv(stack, 50)
        register(stack, "--csv", path)
        register(stack, "--device", "tx-0000007", "--revoke")
        row = registrations(stack, [7])[0]
        equal((row["status"], row["site"], row["area"]), ("revoked", "S-0000007", AREAS[1]), "a name was enough")
        answer = register(stack, "--csv", path, status=1)
        equal((answer["same"], answer["accepted"], [line["id"] for line in answer["left"]]), (49, 0, ["tx-0000007"]), "the old file")
        equal(registrations(stack, [7])[0], row, "still revoked")
        equal(register(stack, "--csv", path, "--dry-run", "--reactivate")["would"], 1, "what would be done")
        equal(registrations(stack, [7])[0], row, "and was not")
        equal(register(stack, "--csv", path, "--reactivate")["accepted"], 1, "said so")
        check(registrations(stack, [7])[0]["ts"] > row["ts"], "a newer one")


if __name__ == "__main__":
    main()
