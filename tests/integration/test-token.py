#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The area's authority key in a PKCS#11 token (SoftHSM), which it never leaves: areas, devices and officials are registered with it."""
import glob
import json
import os
import subprocess
import sys

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder

AREA, PIN = "patna-east", "4711"
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so")


def library():
    return next(path for pattern in LIBRARIES for path in glob.glob(pattern))


def tool(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, 0, done.stdout + done.stderr)
    return done.stdout


class Token:
    """A token with keys, made in @stack's folder."""

    def __init__(self, stack):
        self.stack = stack
        os.mkdir(os.path.join(stack.folder, "tokens"))
        os.environ["SOFTHSM2_CONF"] = self.write("softhsm2.conf", f"directories.tokendir = {stack.folder}/tokens\n")
        self.pin = self.write("pin", PIN + "\n")
        tool("softhsm2-util", "--init-token", "--free", "--label", "office", "--pin", PIN, "--so-pin", "0815")

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.stack.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def make(self, label, number, curve="EC:prime256v1"):
        tool("pkcs11-tool", "--module", library(), "--login", "--pin", PIN, "--keypairgen", "--key-type", curve, "--label", label, "--id", number)

    def uri(self, label, pin=None):
        return f"pkcs11:token=office;object={label}?module-path={library()}&pin-source=file:{pin or self.pin}"

    def run(self, *arguments, exits=0):
        command = [os.path.join(self.stack.build, "cli", "powertrack"), *arguments, "--url", self.stack.url]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, exits, done.stdout + done.stderr)
        return done.stdout, done.stderr


@case
def test_token():
    """Its signatures count; wrong PINs, names, curves and libraries are told; a PIN is never in a URI."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        token = Token(stack)
        token.make("authority", "01")
        token.make("other", "02")
        token.make("large", "03", "EC:secp384r1")
        key = ["--authority-key", token.uri("authority")]
        token.run("area", "register", AREA, "--token-file", stack.token, *key)
        device = ["device", "enroll", "--area", AREA, "--site", "S-1", "--lat", "25.5", "--lon", "85.1", "--level", "transformer", "--customers", "5", "--yes"]
        secret, ca, out = token.write("secret", "a passphrase\n"), os.path.join(stack.folder, "ca"), os.path.join(stack.folder, "out")
        stack.powertrack("ca", "init", ca, "--passphrase-file", secret)
        device += ["--ca", ca, "--passphrase-file", secret, "--out", out]
        # Many signatures: some of them with an r or s that is shorter than 32 bytes.
        rows = "".join(f"{AREA},tx-{i},S-{i},25.5,85.1,transformer,{i}\n" for i in range(600))
        path = token.write("many.csv", "area,device,site,lat,lon,level,customers\n" + rows)
        made = json.loads(token.run("device", "enroll", "--csv", path, "--yes", *device[-6:], *key, "--json")[0])
        equal((made["done"], made["rejected"]), (600, []), "what was done")
        token.run("official", "register", "--official", "ae-1", "--area", AREA, "--name", "Office", "--role", "officer", "--key",
                  stack.powertrack("keygen", "--out", stack.key_file("ae-1.pem")).strip(), *key)
        _, err = token.run(*device, "--device", "tx-x", "--authority-key", token.uri("other"), exits=2)
        check("not the one that area" in err, err)
        wrong = token.write("wrong", "0000\n")
        read = token.write("read", PIN + "\n", 0o644)
        for uri, words in ((token.uri("authority", wrong), "PIN and names right"), (token.uri("nobody"), "PIN and names right"), (token.uri("large"), "not on the curve P-256"),
                           (token.uri("authority").replace(library(), "/nowhere.so"), "module-path"), (f"pkcs11:token=office;object=authority?pin-value={PIN}", "seen by everybody"),
                           (f"pkcs11:token=office;object=authority;pin-value={PIN}", "seen by everybody"), (token.uri("authority", read), "may be read by others"),
                           ("pkcs11:token=office;object=authority", "give pin-source=file:PATH")):
            _, err = token.run(*device, "--device", "tx-x", "--authority-key", uri, exits=2)
            check(words in err and PIN not in err, err)
        equal(stack.get(f"/devices?device=tx-x&area={AREA}")["devices"], [], "registered")


if __name__ == "__main__":
    sys.exit(main())
