#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another implementer's audit (pt_audit.py) finds nothing wrong in what our programs anchored."""
from pt_audit import audit
from pt_case import case, check, equal, main, stack_in_folder
from pt_replay import run, slice_csv


@case
def test_nothing_wrong():
    with stack_in_folder() as stack:
        run(stack, slice_csv(stack.folder, 60))
        status = stack.status()
        areas = audit(stack.rpc_url, stack.contract, stack.url)
        equal(len(areas), status["areas"], "areas")
        equal(sum(area.batch for area in areas.values()), status["batches"]["final"], "batches")
        equal(sum(len(area.devices) for area in areas.values()), status["devices"], "devices")
        equal(sum(area.reports for area in areas.values()), status["reports"], "reports, none lost or doubled")
        check(status["reports"] > 0, "there were reports")


if __name__ == "__main__":
    main()
