#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real proxies before the daemon, with the configurations of docs/OPERATION.md as they stand there."""
import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl

from pt_broker import Authority, write
from pt_case import PATIENCE, SOURCE, case, check, equal, main, stack_in_folder
from pt_formats import load_pem
from pt_stack import free_port
from pt_stream import Stream
from pt_upload import Upload, check_parts
from pt_world import World, wait_until

AREA = "test-east"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CADDY = shutil.which("caddy") or "/usr/bin/caddy"
HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
LINES = 10000  # what may come from an address at once
# What is around the page's part: nothing of the machine's, and one process.
AROUND_NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{page}
}}
"""


def page(language, *changes):
    """The page's configuration, with the ports and files of here."""
    with open(os.path.join(SOURCE, "docs", "OPERATION.md"), encoding="utf-8") as file:
        text = re.search(rf"^```{language}\n(.*?)^```$", file.read(), re.M | re.S).group(1)
    for old, new in changes:
        check(old in text, f"docs/OPERATION.md has no {old} in its configuration of {language}")
        text = text.replace(old, new)
    return text


class Setting:
    """A daemon behind a proxy: `own` past it, `public` and `devices` by it alone."""

    def __init__(self, stack):
        self.stack, self.folder = stack, stack.folder
        self.public, self.devices, self.inner, self.inner_devices = (free_port() for _ in range(4))
        self.authority = Authority(stack.folder)
        self.certificate, self.key = self.authority.issue("proxy")
        stack.write_config(http_listen=None, intake_address_per_minute=1)
        with open(stack.config, "a", encoding="utf-8") as file:
            file.write("".join(f"[listen {name}]\n{lines}\n\n" for name, lines in self.groups()))
        stack.start_daemon()
        self.world = World(stack, AREA)
        self.device = self.authority.issue(f"{AREA}/tx-1")
        self.world.key = load_pem(self.device[1])
        self.world.register("tx-1")

    def groups(self):
        tls = f"certificate={self.certificate}\nkey={self.key}\nclient_certificates=required\nclient_ca={self.authority.path}"
        return (("own", f"address=127.0.0.1:{self.stack.http_port}\nserves=public;administration"),
                ("public", f"address=127.0.0.1:{self.inner}\nserves=public;devices\nproxies=127.0.0.1"),
                ("devices", f"address=127.0.0.1:{self.inner_devices}\nserves=devices\nproxies=127.0.0.1\nproxy_protocol=yes\n{tls}"))

    def nginx(self):
        text = page("nginx", ("listen 443 ssl", f"listen 127.0.0.1:{self.public} ssl"), ("127.0.0.1:8650", f"127.0.0.1:{self.inner}"),
                    ("ssl_certificate certificate.pem", f"ssl_certificate {self.certificate}"), ("ssl_certificate_key key.pem", f"ssl_certificate_key {self.key}"))
        path = write(os.path.join(self.folder, "nginx.conf"), AROUND_NGINX.format(folder=self.folder, page=text).encode())
        self.stack.spawn("nginx", [NGINX, "-p", self.folder, "-c", path])
        self.stack.wait_for("nginx", lambda: self.is_there(self.public))

    def haproxy(self):
        with open(self.certificate, "rb") as certificate, open(self.key, "rb") as key:
            both = write(os.path.join(self.folder, "power.pem"), certificate.read() + key.read())
        text = page("haproxy", ("bind :443 ssl crt power.pem", f"bind 127.0.0.1:{self.public} ssl crt {both}"), ("bind :8651", f"bind 127.0.0.1:{self.devices}"),
                    ("127.0.0.1:8650", f"127.0.0.1:{self.inner}"), ("127.0.0.1:18651", f"127.0.0.1:{self.inner_devices}"))
        path = write(os.path.join(self.folder, "haproxy.cfg"), text.encode())
        self.stack.spawn("haproxy", [HAPROXY, "-db", "-f", path])
        self.stack.wait_for("haproxy", lambda: self.is_there(self.public))

    def caddy(self):
        text = page("caddy", ("power.example.org {", f"https://127.0.0.1:{self.public} {{\nbind 127.0.0.1\ntls {self.certificate} {self.key}"), ("127.0.0.1:8650", f"127.0.0.1:{self.inner}"))
        path = write(os.path.join(self.folder, "Caddyfile"), f"{{\nadmin off\nauto_https disable_redirects\n}}\n{text}".encode())
        self.stack.spawn("caddy", ["/usr/bin/env", f"HOME={self.folder}", "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", CADDY, "run", "--config", path, "--adapter", "caddyfile"])
        self.stack.wait_for("caddy", lambda: self.is_there(self.public))

    def is_there(self, port):
        with contextlib.suppress(OSError):
            self.link(port).close()
            return True
        return False

    def link(self, port, source="127.0.0.1", shown=None):
        context = ssl.create_default_context(cafile=self.authority.path)
        if shown:
            context.load_cert_chain(*shown)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)), server_hostname="127.0.0.1")

    def rejected(self):
        """What the daemon says of whom it refused."""
        with open(self.stack.token, encoding="ascii") as file:
            token = file.read().strip()
        link = socket.create_connection(("127.0.0.1", self.stack.http_port), PATIENCE)
        return json.loads(ask(link, "GET", "/api/v1/rejected", Authorization=f"Bearer {token}")[2])["rejected"]


def read_answer(link, method):
    answer = http.client.HTTPResponse(link, method=method)
    answer.begin()
    return answer.status, answer.headers, answer.read()


def say(link, method, target, body=None, **headers):
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += [f"Content-Length: {len(body)}"]
    link.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))


def ask(link, method, target, body=None, **headers):
    """(status, headers, body) over a link that is then closed."""
    with contextlib.closing(link):
        say(link, method, target, body, **headers)
        return read_answer(link, method)


def post(link, body, **headers):
    return ask(link, "POST", "/api/v1/reports", body, Content_Type="application/x-ndjson", **headers)


def check_kept(link, world, text):
    """Requests of two kinds take turns on one connection."""
    with contextlib.closing(link):
        for number in range(6):
            if number % 2:
                say(link, "POST", "/api/v1/reports", world.report("tx-1"), Content_Type="application/json")
                status, _, answer = read_answer(link, "POST")
                equal((status, json.loads(answer)["accepted"]), (200, 1), f"{text}: report {number} over one connection")
            else:
                say(link, "GET", f"/api/v1/devices/{AREA}/tx-1/held")
                equal(read_answer(link, "GET")[0], 200, f"{text}: read {number} over one connection")


def check_events(setting):
    """An event comes while the answer goes on, which it does for ever."""
    stream = Stream(setting.stack, link=setting.link(setting.public)).welcomed()
    equal(post(setting.link(setting.public), setting.world.report("tx-1", "OFF"))[0], 200, "a report")
    stream.wait_for(lambda name, data: "S-tx-1" in json.dumps(data))
    stream.close()


def check_stream(setting, link):
    """Each line is answered before the next is sent."""
    world, upload = setting.world, Upload(link)
    for number in range(1, 4):
        upload.send(world.report("tx-1") + b"\n")
        upload.answered(lambda lines, number=number: len(lines) == number and lines[-1]["accepted"] == 1, f"line {number}")
    check_parts(*upload.end())


def check_large(setting, link):
    """More than either keeps in memory, with answers on the way."""
    block, count = (b"x" * 16000 + b"\n") * 63 + setting.world.report("tx-1") + b"\n", 32
    upload = Upload(link, length=len(block) * count)
    for _ in range(count):
        upload.send(block)
    parts, end = upload.end()
    check_parts(parts, end)
    equal((end["end"], end["lines"], end["accepted"] + end["duplicate"]), (True, 64 * count, count), "32 MiB")


def check_rate(setting, connect):
    """Who has used up what may come from its address is told so, whatever it says of itself; another is not."""
    good, spent = setting.world.report("tx-1"), "127.0.0.2"

    def over(**headers):
        post(connect(spent), b"x\n" * LINES, **headers)  # one a minute comes back
        status, head, body = post(connect(spent), good, **headers)
        check(status in (200, 429), f"{status} {body}")
        return status == 429 and (head["Retry-After"], json.loads(body)["type"])

    for headers in ({}, {"X_Forwarded_For": "192.0.2.77"}, {"Forwarded": "for=192.0.2.77"}, {"X_Forwarded_For": "192.0.2.77", "Forwarded": "for=192.0.2.78"}):
        wait, slug = wait_until(f"too many in spite of {headers}", lambda headers=headers: over(**headers))
        check(int(wait) >= 1 and slug == "too-many", f"{wait} {slug}")
    equal(post(connect("127.0.0.3"), good)[0], 200, "another address")
    addresses = wait_until("refused lines with their addresses", lambda: {row["address"] for row in setting.rejected()})
    check(spent in addresses and not any(address.startswith("192.") for address in addresses), f"the addresses: {addresses}")


def gathered(link):
    """What an answer tells in sum, in whichever of its forms: how many were accepted, duplicate, rejected."""
    status, _, answer = read_answer(link, "POST")
    end = json.loads(answer.splitlines()[-1]) if status == 200 else {}
    return status, end.get("accepted"), end.get("duplicate"), len(end["rejected"]) if isinstance(end.get("rejected"), list) else end.get("rejected")


def check_gathered(setting, connect, refuses):
    """What nginx and Caddy make of a stream: one body, or too large a one, which nginx refuses."""
    with contextlib.closing(connect()) as link:
        say(link, "POST", "/api/v1/reports", Content_Type="application/x-ndjson", Transfer_Encoding="chunked")
        for _ in range(3):
            line = setting.world.report("tx-1") + b"\n"
            link.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        link.sendall(b"0\r\n\r\n")
        equal(gathered(link), (200, 3, 0, 0), "three lines in chunks")
    block = (b"x" * 16000 + b"\n") * 64
    with contextlib.closing(connect()) as link:
        say(link, "POST", "/api/v1/reports", block * 8, Content_Type="application/x-ndjson")
        equal(gathered(link), (200, 0, 0, 512), "almost 8 MiB")
    with contextlib.closing(connect()) as link:
        if refuses:
            say(link, "POST", "/api/v1/reports", Content_Type="application/x-ndjson", Content_Length=8 * 1024 * 1024 + 1)
            equal(gathered(link)[0], 413, "more")


def check_public(setting, streams, refuses=True):
    def connect(source="127.0.0.1"):
        return setting.link(setting.public, source)

    equal(ask(connect(), "GET", "/healthz")[2], b"ok\n", "health")
    check_kept(connect(), setting.world, "public")
    check_events(setting)
    if streams:
        check_stream(setting, connect())
        check_large(setting, connect())
    else:
        check_gathered(setting, connect, refuses)
    check_rate(setting, connect)


@case
def test_nginx():
    with stack_in_folder(chain=False) as stack:
        setting = Setting(stack)
        setting.nginx()
        check_public(setting, streams=False)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_caddy():
    with stack_in_folder(chain=False) as stack:
        setting = Setting(stack)
        setting.caddy()
        check_public(setting, streams=False, refuses=False)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_haproxy():
    with stack_in_folder(chain=False) as stack:
        setting = Setting(stack)
        setting.haproxy()
        check_public(setting, streams=True)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_haproxy_devices():
    """TLS and certificates are the daemon's, behind a PROXY head of version 2."""
    with stack_in_folder(chain=False) as stack:
        setting = Setting(stack)
        setting.haproxy()

        def connect(source="127.0.0.1"):
            return setting.link(setting.devices, source, setting.device)

        check_kept(connect(), setting.world, "devices")
        check_stream(setting, connect())
        check_large(setting, connect())
        check_rate(setting, connect)
        other = setting.authority.issue(f"{AREA}/tx-2")
        _, _, answer = post(setting.link(setting.devices, shown=other), setting.world.report("tx-1"))
        equal(json.loads(answer)["rejected"][0]["error"], "not-yours", "another's certificate")
        try:
            ask(setting.link(setting.devices), "GET", "/healthz")
            check(False, "no certificate was taken")
        except (ssl.SSLError, ConnectionError, http.client.BadStatusLine):
            pass
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
