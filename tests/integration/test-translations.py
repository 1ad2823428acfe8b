#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogs are whole: nothing to translate is missing, left over or doubtful, every file with messages is listed, and the
programs look for them where they are installed.

    test-translations.py LOCALEDIR PROGRAM...      (TAP)
"""
import ctypes
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ["PT_SOURCE_DIR"]
PO = os.path.join(SOURCE, "po")
MARK = re.compile(r"(?<![A-Za-z0-9_])(?:_|N_|ngettext|pt_format_count) \(")
SAMPLES = {"hi": ("No outages.\n", "कोई कटौती नहीं।\n")}


def listed(name):
    with open(os.path.join(PO, name), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def has_messages(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".ui"):
        return 'translatable="yes"' in text
    text = re.sub(r"/\*.*?\*/|^#define .*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    return MARK.search(text) is not None


def tool(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def template(folder):
    """The POT of the sources as they are, made with the keywords of po/meson.build."""
    with open(os.path.join(PO, "meson.build"), encoding="utf-8") as file:
        options = re.findall(r"'(--(?:from-code|keyword)[^']*)'", file.read())
    path = os.path.join(folder, "powertrack.pot")
    code, _, error = tool("xgettext", "--directory", SOURCE, "--no-location", "-o", path, *options, *listed("POTFILES.in"))
    assert code == 0 and not error, error
    return path


def problems_of_files():
    """Files with messages that po/POTFILES.in lacks, and files in it without any."""
    found = set()
    for top in ("app", "audit", "cli", "daemon", "firmware", "common", "data"):
        for folder, below, names in os.walk(os.path.join(SOURCE, top)):
            below[:] = [name for name in below if name != "node_modules"]
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith((".c", ".ui")) and has_messages(path):
                    found.add(os.path.relpath(path, SOURCE))
    potfiles = set(listed("POTFILES.in"))
    return sorted(found ^ potfiles)


def problems_of_catalog(language, pot, folder):
    catalog = os.path.join(PO, language + ".po")
    code, _, error = tool("msgfmt", "--check", "-o", os.path.join(folder, "powertrack.mo"), catalog)
    problems = [error] if code else []
    # msgcmp does what is wanted: every message of the POT, translated and not fuzzy.
    code, _, error = tool("msgcmp", catalog, pot)
    if code or error:
        problems.append(error)
    obsolete = tool("msgattrib", "--only-obsolete", catalog)[1]
    if obsolete.strip():
        problems.append("obsolete messages:\n" + obsolete)
    return problems


def translate(language, folder, text):
    """What the C library makes of @text for a reader of @language. A locale of the name C ignores LANGUAGE; C.UTF-8 does not."""
    place = os.path.join(folder, language, "LC_MESSAGES")
    os.makedirs(place)
    tool("msgfmt", "-o", os.path.join(place, "powertrack.mo"), os.path.join(PO, language + ".po"))
    library = ctypes.CDLL(None)
    library.setlocale.restype = library.dgettext.restype = ctypes.c_char_p
    os.environ["LANGUAGE"] = language
    if library.setlocale(6, b"C.UTF-8") is None and library.setlocale(6, b"en_US.UTF-8") is None:
        return None
    library.bindtextdomain(b"powertrack", folder.encode())
    library.bind_textdomain_codeset(b"powertrack", b"UTF-8")
    return library.dgettext(b"powertrack", text.encode()).decode()


def looks_in(program, directory):
    with open(program, "rb") as file:
        return directory.encode() + b"\0" in file.read()


def main():
    directory, programs = sys.argv[1], sys.argv[2:]
    results = []
    results.append(("every file with messages is in po/POTFILES.in, and no other", problems_of_files()))
    with tempfile.TemporaryDirectory() as folder:
        pot = template(folder)
        for language in listed("LINGUAS"):
            results.append((f"{language}.po is complete, nothing fuzzy", problems_of_catalog(language, pot, folder)))
            text, wanted = SAMPLES[language]
            got = translate(language, folder, text)
            results.append((f"a reader of {language} is answered in it", [] if got in (wanted, None) else [f"got {got!r}"]))
    wrong = [program for program in programs if not looks_in(program, directory)]
    results.append((f"the programs look for catalogs in {directory}", wrong))
    print(f"1..{len(results)}")
    for number, (name, problems) in enumerate(results, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems:
            print("\n".join("# " + line for line in str(problem).splitlines()))
    return 1 if any(problems for _, problems in results) else 0


if __name__ == "__main__":
    sys.exit(main())
