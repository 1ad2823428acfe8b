#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports through a real MQTT broker over TLS: what is taken in and answered, who may speak for whom, and that nothing is lost when broker or daemon die."""
import json
import os
import random
import signal

from pt_broker import Authority, Broker, Client, HangsUp, write
from pt_case import case, check, equal, main, stack_in_folder
from pt_formats import load_pem, parse, verify_bytes
from pt_mqtt import AREA, REPORTS, begin, begin_load, compact, said, taken, topic, wait_half, wait_well
from pt_receipts import check_receipt
from pt_world import World, wait_until

from pt_stack import PATIENCE, http, program_path

@case
def test_reports():
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        world = begin(stack, broker, "tx-1", "tx-2")
        device = Client(broker, f"{AREA}/tx-1", listens=[topic("tx-1", "answer")]).wait_ready()

        def answer(payload, what="report"):
            return json.loads(device.ask(topic("tx-1", what), payload, AREA, "tx-1"))

        plain = {"accepted": [], "duplicate": [], "format": "powertrack-answer-1", "rejected": []}
        first = world.report("tx-1", "OFF")
        equal(answer(first), {**plain, "accepted": [1]}, "one as JSON")
        equal(answer(first), {**plain, "duplicate": [1]}, "it again")
        equal(answer(compact(world.report("tx-1", "ON"))), {**plain, "accepted": [2]}, "a compact one")
        lines = [world.report("tx-1"), b"{}", world.report("tx-1")]
        equal(answer(b"\n".join(lines)), {**plain, "accepted": [3, 4], "rejected": [{"error": "malformed", "line": 2}]}, "many")
        told = answer(world.report("tx-1", "OFF"), "report/receipt")
        equal(told["accepted"], [5], "one with a receipt")
        check_receipt(told["receipts"][0], load_pem(stack.service_key).public_key())
        for wrong in (b"", b"\xf5", b"no report", compact(first)[:-1]):
            equal(answer(wrong)["rejected"][0]["error"], "malformed", f"{wrong[:20]}")
        equal(answer(b"x" * (1 << 20) + b"y")["rejected"][0]["error"], "too-large", "1 MiB and more")
        equal(answer(b"x" * (20 << 20))["rejected"][0]["error"], "too-large", "20 MiB")
        check_metrics(stack)
        check_held(stack, device)
        wait_until("the site's state is kept by the broker", lambda: status_of(broker, "tx-1") == "off")
        device.stop()


def check_metrics(stack):
    """Each way of the above has its figures, what never was a line too."""
    said_by = http(stack.url + "/metrics")[1].decode().splitlines()
    for line in ('powertrack_lines_total{transport="mqtt",outcome="accepted"} 5', 'powertrack_lines_total{transport="mqtt",outcome="duplicate"} 1',
                 'powertrack_lines_total{transport="mqtt",outcome="refused"} 7', 'powertrack_refused_lines_total{transport="mqtt",reason="malformed"} 5',
                 'powertrack_refused_lines_total{transport="mqtt",reason="too-large"} 2', 'powertrack_lag_seconds_count{transport="mqtt"} 5'):
        check(line in said_by, f"{line}: {[said for said in said_by if 'mqtt' in said and not said.endswith(' 0')]}")


def check_held(stack, device):
    service = load_pem(stack.service_key).public_key()
    held = parse(device.ask(topic("tx-1", "held"), b"{}", AREA, "tx-1"))
    equal((held["area"], held["device"], held["highest"], held["missing"]), (AREA, "tx-1", 5, []), "what is held")
    signature = held.pop("sig")
    verify_bytes(b"powertrack held v1\n" + json.dumps(held, sort_keys=True, separators=(",", ":")).encode(), signature, service)
    short = device.ask(topic("tx-1", "held"), b"", AREA, "tx-1")
    equal(short[:3], b"\x84\x05\x40", "an array of four, of which 5 is the highest and none is missing")


def status_of(broker, site):
    """What the broker says to somebody who comes later."""
    late = Client(broker, f"late/{random.getrandbits(32):08x}", listens=[f"powertrack/v1/{AREA}/site/S-{site}/status"]).wait_ready()
    told = late.told[late.listens[0]]
    wait_until("a retained status", lambda: told)
    late.stop()
    return json.loads(told[0])["state"]


@case
def test_one_that_lies():
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        world = begin(stack, broker, "tx-1", "tx-2")
        liar = Client(broker, f"{AREA}/tx-2", listens=[topic("tx-2", "answer")]).wait_ready()
        gateway = Client(broker, "gateway", listens=[topic(device, "answer") for device in ("tx-1", "tx-2", "tx-9")]).wait_ready()
        # The broker takes what its rules forbid and hands it to nobody.
        liar.say(topic("tx-1"), world.report("tx-1", seq=7))
        equal(json.loads(liar.ask(topic("tx-2"), world.report("tx-2"), AREA, "tx-2"))["accepted"], [1], "its own, after that")
        equal(taken(stack, "tx-1")["highest"], 0, "what it said for another")
        # Where the broker lets everybody say everything, the daemon does not.
        for device, report, slug in (("tx-2", world.report("tx-1", seq=8), "not-yours"), ("tx-1", forged(world), "bad-signature"), ("tx-9", world.report("tx-9", seq=1), "unknown-device")):
            rejected = json.loads(gateway.ask(topic(device), report, AREA, device))["rejected"]
            equal([row["error"] for row in rejected], [slug], f"under {device}'s topic")
        equal(taken(stack, "tx-1")["highest"], 0, "tx-1 has said nothing")
        check(broker.refuses(*Authority(stack.folder, "stranger").issue(f"{AREA}/tx-1")), "nobody is let in with a certificate that somebody else signed")
        check(broker.refuses(None, None), "nor without one")
        check(not broker.refuses(*broker.authority.issue(f"{AREA}/tx-1")), "a certificate of the right one")
        liar.stop()
        gateway.stop()


def forged(world):
    entry = json.loads(world.report("tx-1", seq=9))
    entry["power"] = "OFF"
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


@case
def test_away():
    """It starts without its broker, says so, and comes when that does; a broker that does not trust it is said too."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        broker.configure_daemon()
        stack.start_daemon()
        wait_until("it says that the broker is away", lambda: stack.status()["cause"] == "mqtt")
        check("reports wait there" in stack.status()["detail"], stack.status()["detail"])
        broker.start()
        wait_well(stack)
        stack.stop("powertrackd")
        stranger = Authority(stack.folder, "stranger").issue("powertrackd")
        stack.write_config(mqtt_certificate=stranger[0], mqtt_key=stranger[1])
        stack.start_daemon()
        wait_until("it says that the broker refuses it", lambda: stack.status()["cause"] == "mqtt")


@case
def test_secrets():
    """A key or password that others can read stops the start, with what to do."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        broker.configure_daemon(mqtt_user="powertrackd", mqtt_password_file=write(f"{stack.folder}/password", b"secret", 0o644))
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        equal(stack.spawn("powertrackd", [program_path(stack.build, "powertrackd"), "--config", stack.config]).wait(PATIENCE), 1, "exit status")
        check("[mqtt] password_file: Others can read this file. Run chmod 600 on it." in said(stack), "what it says")


@case
def test_the_broker_restarts():
    """Stopped in order it keeps all that it acknowledged, and so does the daemon."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        load = begin_load(stack, broker)
        for part in (0.2, 0.5):
            wait_half(stack, load, part)
            broker.stop(signal.SIGTERM)
            broker.start()
        load.finish(stack)
        load.client.stop()


@case
def test_the_broker_is_killed():
    """It may lose what it acknowledged; the daemon nothing that it answered, and who says the rest again misses nothing."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        load = begin_load(stack, broker, again=True)
        for part in (0.2, 0.5):
            wait_half(stack, load, part)
            answered = load.answered()
            broker.stop(signal.SIGKILL)
            held = taken(stack, "tx-1")
            check(max(answered, default=0) <= held["highest"] and not answered & set(held["missing"]), "all that was answered is held")
            broker.start()
        load.finish(stack)
        load.client.stop()


@case
def test_the_daemon_is_killed():
    """What was not acknowledged to the broker comes again: nobody says anything twice, and nothing is missing."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        load = begin_load(stack, broker)
        for part in (0.1, 0.3, 0.6):
            wait_half(stack, load, part)
            stack.stop("powertrackd", signal.SIGKILL)
            stack.start_daemon()
        load.finish(stack)
        load.client.stop()


@case
def test_no_room():
    """A daemon that has room for three lets the others wait; none is refused."""
    with stack_in_folder(chain=False) as stack:
        load = begin_load(stack, Broker(stack), intake_queue_lines=3, mqtt_max_inflight=500)
        load.finish(stack)
        load.client.stop()


@case
def test_shared():
    """Of a shared subscription each message comes once."""
    with stack_in_folder(chain=False) as stack:
        load = begin_load(stack, Broker(stack), mqtt_share="daemons")
        load.finish(stack)
        status = stack.status()
        equal((status["reports"], status["duplicates"]), (REPORTS, 0), "each came once")
        load.client.stop()


@case
def test_one_that_hangs_up():
    """On a broker that ends the connection over a shared subscription the daemon goes without."""
    with stack_in_folder(chain=False) as stack:
        broker = Broker(stack)
        before = HangsUp(broker)
        before.start()
        broker.start()
        broker.configure_daemon(port=before.port, mqtt_share="daemons")
        stack.start_daemon()
        wait_until("the daemon has subscribed", lambda: f"MQTT: reports come through 127.0.0.1:{before.port}." in said(stack))
        check("the broker shares no subscriptions" in said(stack), "and says how")
        equal(before.hung_up, 2, "how often it asked")
        world = World(stack, AREA)
        world.register("tx-1")
        device = Client(broker, f"{AREA}/tx-1", listens=[topic("tx-1", "answer")]).wait_ready()
        equal(json.loads(device.ask(topic("tx-1"), world.report("tx-1"), AREA, "tx-1"))["accepted"], [1], "a report")
        device.stop()


if __name__ == "__main__":
    main()
