#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The source checker sees what it is there for."""
import importlib.util
import json
import os

from pt_case import SOURCE, case, check, equal, main

SPEC = importlib.util.spec_from_file_location("check_source", os.path.join(SOURCE, "tools", "lint", "check-source.py"))
checker = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(checker)

HEADERS = {"pt-base.h": ["core/pt-base.h"], "pt-rpc.h": ["common/pt-rpc.h"], "pt-store.h": ["daemon/store/pt-store.h"], "pt-cli.h": ["cli/pt-cli.h"],
           "pt-audit-run.h": ["audit/pt-audit-run.h"]}


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
    braces = "  Thing t = { { { { { { 0 } } } } } };\n  call ((Thing){ .a = { { { { 0 } } } } });"
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


if __name__ == "__main__":
    main()
