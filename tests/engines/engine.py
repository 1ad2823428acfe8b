# SPDX-License-Identifier: Apache-2.0
"""Builds a real engine from Go modules or Maven's, once per build directory and pinned version.

engine("kubo") gives the path of its binary, or ends the test with 77 and the reason when there is no Go that is new
enough. A build that fails is a failure, not a skip. start_mongodb("ferretdb", folder) starts one; tools/pt_stack.py
asks for its command.
"""
import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from pt_stack import PATIENCE, free_port  # noqa: E402

# Of each the folder of its module, whose versions are its own, and its package.
PACKAGES = {"kubo": (HERE, "github.com/ipfs/kubo/cmd/ipfs"), "ferretdb": (os.path.join(HERE, "ferretdb"), ".")}
JAVA_SERVER = os.path.join(HERE, "mongo-java-server")
SKIP = 77


def skip(reason):
    print(f"1..0 # SKIP {reason}", flush=True)
    sys.exit(SKIP)


def version(text):
    """(1, 26) of "go1.26.8"; development builds of Go count as too old, for they name no number."""
    found = re.match(r"(?:go)?(\d+)\.(\d+)", text.strip())
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


def needed(folder):
    with open(os.path.join(folder, "go.mod"), encoding="utf-8") as file:
        return version(re.search(r"^go (\S+)", file.read(), re.M).group(1))


def find_go(folder):
    go = shutil.which("go")
    if go is None:
        skip("no Go on this machine; the real engines are built from Go modules")
    # The toolchain at hand or none: a test must not fetch compilers.
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly -buildvcs=false")
    told = subprocess.run([go, "env", "GOVERSION"], cwd="/", env=environment, check=True, capture_output=True, text=True).stdout
    if version(told) < needed(folder):
        skip(f"{told.strip()} is too old; the real engines need Go {'.'.join(map(str, needed(folder)))}")
    return go, environment


def pinned(folder, files):
    digest = hashlib.sha256()
    for file in files:
        with open(os.path.join(folder, file), "rb") as data:
            digest.update(data.read())
    return digest.hexdigest()


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def build_once(name, stamp, make):
    """make(path), unless what is there is what the stamp says; several tests may want it at once."""
    folder = os.path.join(os.environ["PT_BUILD_DIR"], "engines")
    path, told = os.path.join(folder, name), os.path.join(folder, f"{name}.stamp")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path) or read(told) != stamp:
            print(f"# building {name}, once; a few minutes", flush=True)
            make(path)
            with open(told, "w", encoding="utf-8") as file:
                file.write(stamp)
    return path


def engine(name):
    folder, package = PACKAGES[name]
    go, environment = find_go(folder)
    sources = sorted(file for file in os.listdir(folder) if file.endswith((".go", ".mod", ".sum")))

    def make(path):
        subprocess.run([go, "build", "-p", "2", "-o", path, package], cwd=folder, env=environment, check=True)

    return build_once(name, pinned(folder, sources), make)


def java_server():
    """The folder of its libraries."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None:
        skip("no Java with Maven on this machine; mongo-java-server needs both")

    def make(path):
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run([maven, "-q", "-B", "-Dstyle.color=never", "-f", os.path.join(JAVA_SERVER, "pom.xml"), "dependency:copy-dependencies",
                        f"-DoutputDirectory={path}"], check=True, stdout=subprocess.DEVNULL)

    return java, build_once("mongo-java-server", pinned(JAVA_SERVER, ["pom.xml"]), make)


def answers(port):
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def mongodb_command(name, folder, port):
    """What starts that server there; its data are in the folder."""
    if name == "ferretdb":
        return [engine(name), "-listen", f"127.0.0.1:{port}", "-folder", folder]
    java, libraries = java_server()
    return [java, "-Xmx512m", "-cp", os.path.join(libraries, "*"), os.path.join(JAVA_SERVER, "Server.java"), str(port), os.path.join(folder, "data.mv")]


def start_mongodb(name, folder, *arguments):
    """The process and its address. More arguments: FerretDB's."""
    port = free_port()
    command = [*mongodb_command(name, folder, port), *arguments]
    with open(os.path.join(folder, "server.log"), "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    late = time.monotonic() + PATIENCE
    while not answers(port):
        if server.poll() is not None or time.monotonic() > late:
            server.kill()
            sys.exit(f"{name} does not come up: {read(os.path.join(folder, 'server.log'))}")
        time.sleep(0.1)
    return server, f"mongodb://127.0.0.1:{port}"
