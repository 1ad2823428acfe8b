#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes powertrackd.conf(5): its list of options is the documented configuration itself.

    conf-man.py POWERTRACKD.CONF TEMPLATE OUT
"""
import re
import sys


def escape(text):
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"))


def options(lines):
    """Yields roff for each section and option: its comment stands above it."""
    comment = []
    inside, before = False, ""
    for line in lines:
        section = re.fullmatch(r"\[(\w+)\]", line)
        option = re.fullmatch(r"(#?)(\w+)=(.*)", line)
        if section:
            inside, comment = True, []
            yield f".SS [{section.group(1)}]"
        elif option and inside:
            off, name, value = option.groups()
            text = " ".join(comment)
            # Two options may share one comment; the second says whose.
            shared = "" if text else f"See \\fI{before}\\fR."
            yield f".TP\n.B {name}\n{escape(text)}{shared}"
            yield f"{'Example' if off or 'Required' in text else 'Default'}: \\fB{escape(value)}\\fR"
            comment, before = [], name
        elif line.startswith("# "):
            comment.append(line[2:])
        elif not line:
            comment = []


def main():
    conf, template, out = sys.argv[1:]
    with open(conf, encoding="utf-8") as file:
        text = "\n".join(part for part in options(file.read().splitlines()) if part)
    with open(template, encoding="utf-8") as file:
        page = file.read().replace("@OPTIONS@", text)
    with open(out, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    main()
