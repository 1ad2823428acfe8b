#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A slice of the storm through fleet, daemon and chain: the daemon's outages are the file's, merged here."""
import os

from pt_case import case, check, equal, main, stack_in_folder
from pt_replay import SMALL, run, slice_csv

from pt_stack import expected_outages, outage_differences, reported_outages


def replay_and_compare(path_of):
    with stack_in_folder() as stack:
        path = path_of(stack.folder)
        run(stack, path)
        expected = expected_outages(path)
        differences = outage_differences(expected, reported_outages(stack))
        check(not differences, "; ".join(differences[:5]))
        check(sum(map(len, expected.values())) > 0, "the slice has outages")
        answer = stack.audit()
        check(answer, "the audit says what it saw")
        equal(stack.status()["batches"]["final"], sum(1 for _ in stack.pages("/batches?limit=1000", "batches")), "batches, all final")


@case
def test_overlaps_and_odd_names():
    replay_and_compare(lambda folder: SMALL)


@case
def test_storm_slice():
    replay_and_compare(lambda folder: slice_csv(folder, int(os.environ.get("PT_SLICE_DEVICES", "300"))))


if __name__ == "__main__":
    main()
