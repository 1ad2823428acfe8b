# SPDX-License-Identifier: Apache-2.0
"""Receipts by docs/PROTOCOL.md section 12: the other implementer's."""
from pt_formats import Wrong, dump, root_of_path, verify_bytes

MEMBERS = {"area", "by", "format", "index", "leaf", "path", "received", "root", "sig", "size"}
SIGNED = ("area", "by", "format", "received", "root", "size")


def check_receipt(receipt, service):
    """Wrong unless the service key (public) says that the commit of this root holds the leaf."""
    if set(receipt) != MEMBERS or receipt["format"] != "powertrack-receipt-1":
        raise Wrong("another form of receipt")
    path = [bytes.fromhex(step) for step in receipt["path"]]
    if root_of_path(receipt["index"], receipt["size"], bytes.fromhex(receipt["leaf"]), path) != receipt["root"]:
        raise Wrong("a path that does not lead to the root")
    verify_bytes(b"powertrack receipt v1\n" + dump({name: receipt[name] for name in SIGNED}), receipt["sig"], service)
