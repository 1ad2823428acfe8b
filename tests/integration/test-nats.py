#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports through a NATS cluster that speaks MQTT: a node that is killed takes nothing with it that was acknowledged."""
from pt_case import case, check, equal, main, stack_in_folder
from pt_mqtt import REPORTS, begin_load, taken, wait_half, wait_well
from pt_nats import Cluster
from pt_world import wait_until


def lost(stack, load):
    """Counters of what a node acknowledged to who published it, and the daemon does not have."""
    acknowledged, held = load.acknowledged(), taken(stack, load.device)
    return {seq for seq in acknowledged if seq > held["highest"] or seq in held["missing"]}


@case
def test_a_node_is_killed():
    """First one that neither the daemon nor the publisher is with, then the daemon's, then the publisher's."""
    with stack_in_folder(chain=False) as stack:
        cluster = Cluster(stack, 3)
        ours, theirs, third = cluster.nodes
        cluster.start()
        load = begin_load(stack, ours, client_of=theirs, again=True, limit=0)
        for number, node in enumerate((third, ours, theirs)):
            load.limit = REPORTS * (number + 1) // 3
            wait_half(stack, load, number / 3 + 0.05)
            node.kill()
            check(load.acknowledged(), "some were acknowledged by then")
            node.start()
            cluster.wait_whole()
        load.join()
        wait_until("all that was acknowledged is held", lambda: not lost(stack, load), pause=0.5)
        load.finish(stack)
        wait_well(stack)
        equal(stack.status()["reports"], REPORTS, "each counts once")
        load.client.stop()


if __name__ == "__main__":
    main()
