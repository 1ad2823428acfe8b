# SPDX-License-Identifier: Apache-2.0
"""Period files and the tree of periods, docs/PROTOCOL.md section 14, once more and from the text alone."""
from pt_formats import AREA_ID, HEX, Tree, Wrong, cid_parse, dump, is_integer, leaf_hash, matches, parse, tree_root

GROWTH_MAX = 1 << 40
CHECKPOINT = {"area": matches(AREA_ID), "batch": is_integer(1), "cid": lambda value: isinstance(value, str) and cid_parse(value) is not None,
              "from": is_integer(0), "root": matches(HEX), "size": is_integer(1), "to": is_integer(0)}


def parse_checkpoint(line):
    checkpoint = parse(line)
    if not isinstance(checkpoint, dict) or set(checkpoint) != set(CHECKPOINT):
        raise Wrong("not the members of a checkpoint")
    for name, good in CHECKPOINT.items():
        if not good(checkpoint[name]):
            raise Wrong(f"member {name} of a checkpoint")
    return checkpoint


def check_follows(last, checkpoint):
    """That @checkpoint can come after @last of its area; None: it is the first."""
    batch, size, end = (last["batch"], last["size"], last["to"]) if last else (0, 0, None)
    if checkpoint["batch"] != batch + 1:
        raise Wrong(f"batch {checkpoint['batch']} after {batch}")
    if not size < checkpoint["size"] <= size + GROWTH_MAX:
        raise Wrong(f"size {checkpoint['size']} after {size}")
    if end not in (None, checkpoint["from"]) or checkpoint["from"] >= checkpoint["to"]:
        raise Wrong("the window")


def conflict(one, other):
    """Whether not both can be true."""
    if one["area"] != other["area"]:
        return False
    if one["batch"] == other["batch"]:
        return one != other
    earlier, later = sorted((one, other), key=lambda checkpoint: checkpoint["batch"])
    gap = later["from"] - earlier["to"]
    return later["size"] <= earlier["size"] or gap < 0 or (gap > 0 and later["batch"] == earlier["batch"] + 1)


def period_leaf(period, root, count):
    return leaf_hash(period.to_bytes(8, "big") + bytes.fromhex(root) + count.to_bytes(4, "big"))


class Periods:
    """Everything up to a period: the tree, and each area's newest checkpoint."""

    def __init__(self):
        self.tree, self.to, self.heads = Tree(), None, {}

    def take(self, data):
        """A period file's bytes, which continue; (checkpoints, root). Wrong, and nothing taken, else."""
        lines = data.split(b"\n")
        if len(lines) < 4 or lines[0] != b'{"checkpoints":[' or lines[-1] != b"" or not lines[-2].startswith(b"],"):
            raise Wrong("not laid out as lines")
        if any(not line.endswith(b",") for line in lines[1:-3]):
            raise Wrong("commas of the checkpoints")
        bodies = [line[:-1] for line in lines[1:-3]] + [lines[-3]]
        checkpoints, last = [parse_checkpoint(line) for line in bodies], parse(b"{" + lines[-2][2:])
        if set(last) != {"format", "period", "prev", "to"} or last["format"] != "powertrack-period-1":
            raise Wrong("the last line")
        heads = self.check(checkpoints, last)
        root = tree_root(bodies)
        self.tree.append(period_leaf(last["period"], root, len(bodies)))
        self.to, self.heads = last["to"], heads
        return checkpoints, root

    def check(self, checkpoints, last):
        """The heads that follow."""
        if last["period"] != self.tree.size + 1 or last["prev"] != self.tree.root():
            raise Wrong("the periods before are others")
        if self.to is not None and last["to"] <= self.to or any(checkpoint["to"] > last["to"] for checkpoint in checkpoints):
            raise Wrong("to of the period")
        order = [(checkpoint["area"].encode(), checkpoint["batch"]) for checkpoint in checkpoints]
        if order != sorted(set(order)):
            raise Wrong("not in order")
        heads = dict(self.heads)
        for checkpoint in checkpoints:
            check_follows(heads.get(checkpoint["area"]), checkpoint)
            heads[checkpoint["area"]] = checkpoint
        return heads


def write(checkpoints, period, prev, to):
    """The bytes of a period file."""
    last = b"]," + dump({"format": "powertrack-period-1", "period": period, "prev": prev, "to": to})[1:]
    return b'{"checkpoints":[\n' + b",\n".join(dump(checkpoint) for checkpoint in checkpoints) + b"\n" + last + b"\n"
