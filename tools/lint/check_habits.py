# SPDX-License-Identifier: Apache-2.0
"""Habits of the house that a compiler does not see; check-source.py runs them over the tracked C files.

Declarations stand first in their block and a blank line after them; a switch over an enum of ours names every
enumerator and has no `default:`; a public function says what it expects; a module has a test of its name.
"""
import os
import re

OURS = re.compile(r"\bcase PT_\w+")
GUARDED = ("daemon/", "app/", "common/", "audit/")
# common/crypto/ and pt-ranges know no GLib: they are linked into the offline verifier. A backend is reached through PtStoreClass, whose verbs are guarded.
UNGUARDED = re.compile(r"^(common/crypto/|common/pt-ranges\.|daemon/store/(memory|mongodb|sqlite)/)")
# Not declarations, though they look like ones.
STATEMENTS = {"return", "else", "case", "goto", "break", "continue", "do", "default", "sizeof", "typedef"}
DECLARATION = re.compile(r"(?:(?:g_autofree|const|static|volatile|unsigned|signed|struct|enum|long|short)\s+)*"
                         r"(?:g_auto(?:ptr|list|slist)? \(\w+\)|\w+)(?:\s+const)?(?:\s+\*+\s*(?:const\s+)?|\s+)\(?\*?[a-zA-Z_]\w*\)?\s*(?:\[[^\]]*\]\s*)*(?:=|;|,|\(|$)")
CALL = re.compile(r"\w+ \(")


def indent_of(line):
    return len(line) - len(line.lstrip(" "))


def is_declaration(line):
    text = line.strip()
    first = re.match(r"\w+", text)
    if not first or first.group(0) in STATEMENTS or not DECLARATION.match(text):
        return False
    if text.startswith(("g_autoptr (", "g_auto (", "g_autolist (", "g_autoslist (")):
        return True
    return not CALL.match(text)


def blocks(lines):
    """Yields (number of the first line in it, its lines) of every block of a function's body, in GNU layout."""
    for start, line in enumerate(lines):
        if line.strip() != "{":
            continue
        depth = indent_of(line)
        end = next((number for number in range(start + 1, len(lines)) if lines[number].strip() and indent_of(lines[number]) <= depth), len(lines))
        yield start + 1, lines[start + 1 : end]


def statements(block):
    """Yields (number in the block, line) of each line that begins a statement of the block itself."""
    level = next((indent_of(line) for line in block if line.strip()), 0)
    whole = True
    for number, line in enumerate(block):
        text = line.strip()
        if not text:
            continue
        if indent_of(line) == level and whole and not text.startswith("}"):
            yield number, line
        # A statement that goes on is indented, but for the lines of a list in braces.
        whole = text.endswith((";", "{", "}", ":")) or indent_of(line) > level
        if indent_of(line) == level and not text.endswith((";", "}", ":", "{")):
            whole = False


def check_declarations(name, first, body):
    """@body: the function's lines between its braces, blanked of comments; @first: its number in the file."""
    lines = ["{"] + body
    for at, block in blocks(lines):
        declared, other = None, None
        for number, line in statements(block):
            if is_declaration(line):
                declared = number
                if other is not None:
                    yield f"{name}:{first + at + number - 1}: declared late: declarations stand first in their block"
                continue
            if other is None:
                other = number
                if declared is not None and block[number - 1].strip():
                    yield f"{name}:{first + at + number - 1}: no blank line after the declarations"


def check_errors(name, first, body):
    """Two initialisers of one block that may both fail with the same error: GLib ends a program of ours over that. @body, @first: as above.

    app/model's pt_read_*() keep the first error by themselves."""
    lines = ["{"] + body
    for at, block in blocks(lines):
        begun = [number for number, line in statements(block)] + [len(block)]
        taken = set()
        for number, after in zip(begun, begun[1:]):
            text = " ".join(line.strip() for line in block[number:after])
            error = re.search(r"[(,] (&?\w+)\);\s*$", text.replace("(", "( "))
            if "pt_read_" in text or not is_declaration(block[number]) or not error or not re.fullmatch(r"error|&(error|local)", error.group(1)):
                continue
            if error.group(1) in taken and "?" not in text:
                yield f"{name}:{first + at + number - 1}: a second call with the error that the one before it may have set: look at that first"
            taken.add(error.group(1))


def check_switches(name, text):
    """@text: the file, blanked."""
    lines = text.split("\n")
    for start, line in enumerate(lines):
        if not re.match(r"\s*switch \(", line):
            continue
        depth = indent_of(line)
        end = next((number for number in range(start + 2, len(lines)) if lines[number].strip() == "}" and indent_of(lines[number]) == depth + 2), len(lines))
        inside = [text for text in lines[start:end] if indent_of(text) == depth + 2]
        if any(OURS.search(text) for text in inside) and any(text.strip().startswith("default:") for text in inside):
            yield f"{name}:{start + 1}: default: in a switch over an enum of ours: name every enumerator, so that the compiler says what a new one misses"


def public_functions(raw, functions):
    """(name, first line, signature, body lines) of those without `static`."""
    lines = raw.split("\n")
    for function, first, last, body in functions:
        head = first - 1
        if "static" in lines[head - 1].split() or lines[head - 1].startswith("G_DEFINE"):
            continue
        end = head
        while lines[end] != "{":
            end += 1
        yield function, first, " ".join(lines[head:end]), body.split("\n")


def opening(body):
    """The first statement that is no declaration."""
    for number, line in statements(body):
        if not is_declaration(line):
            return number, line.strip()
    return None, ""


def check_guards(name, raw, functions):
    if not name.startswith(GUARDED) or UNGUARDED.search(name):
        return
    for function, first, signature, body in public_functions(raw, functions):
        match = re.match(r"\w+ \((?:const )?(Pt\w+) \*(\w+)[,)]", signature)
        if not function.startswith("pt_") or not match:
            continue
        _, text = opening(body)
        parameter = match.group(2)
        if text.startswith("g_return_") or re.match(rf"(if|while) \({parameter} [!=]= NULL|return {parameter} [!=]= NULL", text):
            continue
        yield f"{name}:{first}: {function} is public and does not say what it expects: g_return_if_fail ({parameter} != NULL)"


def test_names(names):
    found = set()
    for name in names:
        base = os.path.basename(name)
        match = re.match(r"(?:test|fuzz)[-_](.+)\.(c|py|mjs)$", base)
        if name.startswith("tests/") and match:
            found.add(match.group(1).replace("_", "-"))
    return found


def part_of(name, names):
    """`X-part.c` beside `X-private.h`, or without a header of its own beside `X.h`, is a part of the class X."""
    folder, base = os.path.split(name)
    stem = base[:-2]
    own_header = f"{folder}/{stem}.h" in names
    while "-" in stem:
        stem = stem.rpartition("-")[0]
        if f"{folder}/{stem}-private.h" in names or (not own_header and f"{folder}/{stem}.h" in names):
            return f"{folder}/{stem}.c"
    return None


def read_exceptions(path):
    """`file: where it is tested, or why it is not`, a line each; a name that ends in / stands for its folder."""
    found = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, colon, reason = line.strip().partition(": ")
                if colon and reason and not name.startswith("#"):
                    found[name] = reason
    return found


def check_tests(names, exceptions):
    """Every module of the libraries has a test of its name, is a part of one that has, or is a named exception."""
    known, tests = set(names), test_names(names)
    rooms = ("core/", "common/", "audit/", "daemon/", "app/", "firmware/")
    wanted = [name for name in names if name.startswith(rooms) and name.endswith(".c") and os.path.basename(name) != "main.c"]
    folders = tuple(name for name in exceptions if name.endswith("/"))
    for name in wanted:
        stem = os.path.basename(name)[:-2]
        own = stem[3:] if stem.startswith("pt-") else stem
        if own in tests:
            if name in exceptions:
                yield f"{name}: has a test of its name and is excepted from having one: take it out of the list"
            continue
        if part_of(name, known) is None and name not in exceptions and not (folders and name.startswith(folders)):
            yield f"{name}: no test of its name (tests/.../test-{own}.c), and no exception says where it is tested"
    for name in sorted(set(exceptions) - set(wanted) - set(folders)):
        yield f"{name}: excepted from having a test of its name, and is not there"
