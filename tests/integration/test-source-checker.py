#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The source checker sees what it is there for."""
import importlib.util
import json
import os
import tempfile

from pt_case import SOURCE, case, check, equal, main

SPEC = importlib.util.spec_from_file_location("check_source", os.path.join(SOURCE, "tools", "lint", "check-source.py"))
checker = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(checker)
habits = checker.check_habits
import check_attacks  # noqa: E402  (check_source knows where it is)

HEADERS = {"pt-base.h": ["core/pt-base.h"], "pt-rpc.h": ["common/pt-rpc.h"], "pt-store.h": ["daemon/store/pt-store.h"], "pt-cli.h": ["cli/pt-cli.h"],
           "pt-audit-run.h": ["audit/pt-audit-run.h"],
           "pt-committer.h": ["daemon/commit/pt-committer.h"], "pt-window.h": ["app/ui/pt-window.h"], "pt-link.h": ["app/model/pt-link.h"]}


def function(body, name="pt_thing"):
    return f"static int\n{name} (int a,\n          int b)\n{{\n{body}\n}}\n"


def findings(text, name="daemon/pt-thing.c"):
    return list(checker.check_functions(name, text, []))


def layers(name, text):
    return list(checker.check_layers(name, text, HEADERS))


@case
def test_length():
    fits = function("\n".join(["  a++;"] * 96))
    equal(findings(fits), [], "100 lines")
    equal(len(findings(function("\n".join(["  a++;"] * 97)))), 1, "101 lines")
    lengths = []
    list(checker.check_functions("x.c", "struct x\n{\n  int a;\n};\n\n" + function("  return 0;") + "\n" + function("  return 1;", "other"), lengths))
    equal([(length, name) for length, _, name in lengths], [(5, "pt_thing"), (5, "other")], "what is a function")


@case
def test_lock():
    def lock(*paths):
        return json.dumps({"packages": {path: {"optionalDependencies": {"b-mac": "1", "b-linux": "1"}} if path == "node_modules/b" else {} for path in paths}})
    equal(checker.check_lock("x", lock("node_modules/b", "node_modules/b-mac", "node_modules/b/node_modules/b-linux")), [], "whole")
    equal(len(checker.check_lock("x", lock("node_modules/b", "node_modules/b-linux"))), 1, "one platform is missing")


@case
def test_nesting():
    deep = "  for (;;)\n    if (a)\n      while (b)\n        {\n          switch (a)\n            {\n            case 1:\n              %s\n            }\n        }"
    equal(findings(function(deep % "b++;")), [], "four deep")
    equal(len(findings(function(deep % "if (b) { a++; }"))), 1, "five deep")
    chain = "  if (a)\n    b++;\n" + "  else if (b)\n    a++;\n" * 8 + "  else\n    a--;"
    equal(findings(function(chain)), [], "else if is no nesting")
    braces = "  Thing t = { { { { { { 0 } } } } } };\n\n  call ((Thing){ .a = { { { { 0 } } } } });"
    equal(findings(function(braces)), [], "initialisers are no nesting")


@case
def test_goto():
    equal(len(findings(function("  goto out;\nout:\n  return 0;"))), 1, "goto")
    equal(findings(function('  /* goto out; */\n  puts ("goto out;");')), [], "goto in words")


@case
def test_text():
    spdx = "/* SPDX-License-Identifier: Apache-2.0 */\n"
    equal(list(checker.check_text("a.c", spdx)), [], "a licence")
    equal(len(list(checker.check_text("a.c", "int a;\n"))), 1, "no licence")
    equal(len(list(checker.check_text("a.c", spdx + "x" * 101 + "\n"))), 1, "101 columns")
    equal(len(list(checker.check_text("a.c", spdx + "\n" * 1000))), 1, "1001 lines")
    equal(len(list(checker.check_text("notes.md", "see /ho" + "me/somebody/x\n"))), 1, "a machine's path")


@case
def test_layers():
    check(layers("core/pt-a.c", '#include "pt-rpc.h"\n'), "core includes common")
    check(layers("core/pt-a.c", "#include <stdio.h>\n"), "core includes stdio")
    equal(layers("core/pt-a.c", '#include "pt-base.h"\n#include <string.h>\n#include <stdint.h>\n'), [], "core includes core")
    check(layers("common/pt-a.c", '#include "pt-store.h"\n'), "common includes daemon")
    check(layers("common/pt-a.c", '#include "pt-audit-run.h"\n'), "common includes audit")
    check(layers("audit/pt-a.c", '#include "pt-cli.h"\n'), "audit includes cli")
    equal(layers("cli/a.c", '#include "pt-audit-run.h"\n'), [], "cli includes audit")
    check(layers("cli/a.c", '#include "pt-store.h"\n'), "cli includes daemon")
    check(layers("firmware/fleet/a.c", '#include "pt-cli.h"\n'), "the fleet includes cli")
    equal(layers("firmware/fleet/a.c", '#include "pt-rpc.h"\n'), [], "the fleet includes common")
    check(layers("firmware/pt-device.c", '#include "pt-rpc.h"\n'), "the device includes common")
    equal(layers("daemon/store/a.c", '#include "pt-store.h"\n#include "pt-rpc.h"\n'), [], "the daemon includes what it may")


@case
def test_rooms():
    equal(layers("daemon/commit/a.c", '#include "pt-store.h"\n'), [], "the committer includes the store")
    check(layers("daemon/store/a.c", '#include "pt-committer.h"\n'), "the store includes the committer")
    check(layers("daemon/store/sqlite/a.c", '#include "pt-committer.h"\n'), "a room in a room")
    equal(layers("daemon/store/sqlite/a.c", '#include "pt-store.h"\n'), [], "a backend includes its interface")
    equal(layers("daemon/pt-daemon.c", '#include "pt-committer.h"\n'), [], "the attic includes all")
    check(layers("daemon/cellar/a.c", '#include "pt-store.h"\n'), "a room without a floor")
    equal(layers("app/ui/a.c", '#include "pt-link.h"\n'), [], "a window includes the model")
    check(layers("app/model/a.c", '#include "pt-window.h"\n'), "the model includes a window")


@case
def test_declarations():
    equal(findings(function("  int c = a;\n  g_autofree char *d\n      = name (b);\n\n  a++;")), [], "first, then a blank line")
    check("no blank line" in " ".join(findings(function("  int c = a;\n  a++;"))), "no blank line")
    check("declared late" in " ".join(findings(function("  a++;\n  int c = a;\n  b += c;"))), "declared late")
    equal(findings(function("  int c = call (a,\n                b);\n  Thing t = {\n    .a = 1,\n  };\n\n  return c;")), [], "over several lines")
    inner = "  if (a)\n    {\n      int c = a;\n      b += c;\n    }"
    check("no blank line" in " ".join(findings(function(inner))), "in an inner block")
    equal(findings(function("  for (int i = 0; i < a; i++)\n    b++;\n  x = (Thing){ a };\n  *p = a;\n  a *= b;\n  call (a);")), [], "statements")


@case
def test_errors():
    two = "  Row *a = read (b,\n                 error);\n  Row *c = %s;\n\n  return a;"
    check("a second call" in " ".join(findings(function(two % "read (b, error)"))), "two calls with one error")
    equal(findings(function(two % "a != NULL ? read (b, error) : NULL")), [], "looked at first")
    equal(findings(function(two % "read (b, &other)")), [], "an error of its own")
    equal(findings(function("  Row *a = read (b, error);\n\n  if (a == NULL)\n    return 0;\n  return read (a, error);")), [], "a statement after it")


@case
def test_switches():
    text = "  switch (a)\n    {\n    case %s:\n      return 1;\n    default:\n      return 0;\n    }"
    equal(len(findings(function(text % "PT_ENTRY_REPORT"))), 1, "default over an enum of ours")
    equal(findings(function(text % "JSON_NODE_NULL")), [], "default over somebody else's")
    equal(findings(function((text % "PT_ENTRY_REPORT").replace("default", "case PT_ENTRY_DEVICE"))), [], "every enumerator")


@case
def test_guards():
    def guards(body, head="gboolean\npt_thing_do (PtThing *thing, int b)", name="daemon/pt-thing.c"):
        text = f"{head}\n{{\n{body}\n}}\n"
        return list(habits.check_guards(name, text, list(checker.functions(text))))
    equal(len(guards("  return thing->a;")), 1, "no guard")
    equal(guards("  int c;\n\n  g_return_val_if_fail (thing != NULL, FALSE);\n  return thing->a;"), [], "after the declarations")
    equal(guards("  if (thing == NULL)\n    return;\n  g_free (thing);"), [], "NULL is welcome")
    equal(guards("  return thing->a;", "static gboolean\npt_thing_do (PtThing *thing, int b)"), [], "not public")
    equal(guards("  return thing->a;", name="core/pt-thing.c"), [], "core has no GLib")


@case
def test_tests_by_name():
    names = ["daemon/a/pt-thing.c", "daemon/a/pt-thing-read.c", "daemon/a/pt-thing-private.h", "tests/daemon/test-thing.c"]
    equal(list(habits.check_tests(names, {})), [], "a class in two files with a test")
    equal(len(list(habits.check_tests(names + ["daemon/a/pt-other.c"], {}))), 1, "no test")
    equal(list(habits.check_tests(names + ["daemon/a/pt-other.c"], {"daemon/a/pt-other.c": "in test-thing.c"})), [], "an exception with a reason")
    equal(len(list(habits.check_tests(names, {"daemon/a/pt-gone.c": "in test-thing.c"}))), 1, "an exception for nothing")
    equal(len(list(habits.check_tests(names, {"daemon/a/pt-thing.c": "in test-x.c"}))), 1, "an exception that is not needed")


@case
def test_attacks():
    """The page of attacks names tests that exist, and every attack."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in (("tests/attacks/test_x.py", "def test_it"), ("tests/core/test-y.c", '"/y/z"')):
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w", encoding="ascii") as file:
                file.write(text)
        os.mkdir(os.path.join(root, "docs"))
        for row, wrong in (("| a | b | c | `tests/attacks/test_x.py` `test_it` `tests/core/test-y.c` `/y/z` |", 0),
                           ("| a | b | c | `tests/attacks/test_x.py` `test_that` |", 1), ("| a | b | c | `tests/attacks/test_x.py` `/y/z` |", 1),
                           ("| a | b | | `tests/attacks/test_x.py` `test_it` |", 1), ("| a | b | c | `tests/core/test-y.c` `/y/z` |", 1),
                           ("| a | b | c | `tests/attacks/test_x.py` `tests/core/test-no.c` `/y/z` |", 1), ("| a | b | c | later |", 2)):
            with open(os.path.join(root, "docs", "ATTACKS.md"), "w", encoding="ascii") as file:
                file.write(f"| finding | tried | right | test |\n|---|---|---|---|\n{row}\n")
            equal(len(list(check_attacks.findings(root))), wrong, row)


if __name__ == "__main__":
    main()
