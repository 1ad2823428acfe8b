# SPDX-License-Identifier: Apache-2.0
"""How the demo's devices get in: as bodies of plain HTTP on the loopback address, or each with its certificate over HTTPS, through an MQTT broker, or
over CoAP and DTLS. Standard library only; servers' certificates are made by openssl."""
import csv
import getpass
import os
import secrets
import shutil
import socket
import subprocess

from pt_stack import PATIENCE, PATIENCE_LONG, Failure, free_port

NAMES = ("https", "mqtt", "coap")
DAEMON_ACL = """user powertrackd
topic read powertrack/v1/+/+/report
topic read powertrack/v1/+/+/report/receipt
topic read powertrack/v1/+/+/held
topic write powertrack/v1/+/+/answer
topic write powertrack/v1/+/site/+/status
"""
# A device's certificate has its name, and not its area: as docs/OPERATION.md has it for such.
DEVICE_ACL = """pattern write powertrack/v1/{area}/%u/report
pattern write powertrack/v1/{area}/%u/held
pattern read powertrack/v1/{area}/%u/answer
"""


class Plain:
    """No certificates: the fleet's own connections to the loopback address."""

    listing = arguments = ()

    def __init__(self, stack, devices_csv):
        self.stack, self.devices_csv = stack, devices_csv

    def areas(self):
        with open(self.devices_csv, newline="", encoding="utf-8") as file:
            return sorted({row["area"] for row in csv.DictReader(file)})

    def prepare(self):
        """Before the daemon starts."""

    def register(self):
        """The areas and their devices, with a running daemon."""
        self.stack.register_all(self.devices_csv)


class Certified(Plain):
    """Each device has a certificate of the demo's authority, and makes its key itself."""

    name = None

    def __init__(self, stack, devices_csv):
        super().__init__(stack, devices_csv)
        self.port = free_port()
        self.folder = os.path.join(stack.folder, "certificates")
        self.authority, self.secret = (os.path.join(self.folder, name) for name in ("authority", "passphrase"))
        self.requests, self.provisioned = (os.path.join(self.folder, name) for name in ("requests", "devices"))
        self.devices_ca = os.path.join(self.authority, "ca.pem")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.listing = ("--requests", self.requests)

    def certificate(self, name):
        """The files of one that vouches for itself, good for 127.0.0.1, and of its key."""
        certificate, key = (os.path.join(self.folder, f"{name}.{end}") for end in ("pem", "key"))
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                   "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except OSError as error:
            raise Failure("openssl is not installed; run `make deps`") from error
        if done.returncode != 0:
            raise Failure(f"openssl made no certificate: {done.stderr[-300:]}")
        os.chmod(key, 0o600)
        return certificate, key

    def prepare(self):
        with open(os.open(self.secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(16) + "\n")
        self.stack.powertrack("ca", "init", self.authority, "--passphrase-file", self.secret)
        self.own = self.certificate("powertrackd")
        self.arguments = ("--transport", self.name, "--via", self.via(), "--certificates", self.provisioned, "--ca", self.own[0])
        self.configure()

    def via(self):
        return f"127.0.0.1:{self.port}"

    def configure(self):
        raise NotImplementedError

    def register(self):
        stack = self.stack
        stack.register_areas(*self.areas())
        stack.powertrack("device", "enroll", "--url", stack.url, "--csv", self.devices_csv, "--csr", self.requests, "--ca", self.authority,
                         "--passphrase-file", self.secret, "--authority-key", stack.authority_key, "--out", self.provisioned, "--yes", timeout=PATIENCE_LONG)


class Https(Certified):
    """An address for devices, which takes nobody without a certificate."""

    name = "https"

    def via(self):
        return f"https://127.0.0.1:{self.port}"

    def configure(self):
        devices = {"address": f"127.0.0.1:{self.port}", "serves": "devices", "certificate": self.own[0], "key": self.own[1], "client_certificates": "required",
                   "client_ca": self.devices_ca}
        rest = {"address": f"127.0.0.1:{self.stack.http_port}", "serves": "public;devices;administration"}
        self.stack.write_config(http_listen=None, **{f"listen devices_{key}": value for key, value in devices.items()},
                                **{f"listen rest_{key}": value for key, value in rest.items()})


class Coap(Certified):
    name = "coap"

    def configure(self):
        self.stack.write_config(coap_listen=self.via(), coap_certificate=self.own[0], coap_key=self.own[1], coap_client_ca=self.devices_ca)


class Mqtt(Certified):
    """A real broker, which lets a device speak under its own name alone."""

    name = "mqtt"

    def configure(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not os.access(program, os.X_OK):
            raise Failure("mosquitto is not installed; run `make deps`")
        data = os.path.join(self.folder, "broker")
        os.makedirs(data, mode=0o700, exist_ok=True)
        files = {name: os.path.join(self.folder, name) for name in ("clients.pem", "acl", "mosquitto.conf")}
        with open(files["clients.pem"], "w", encoding="ascii") as file:
            for path in (self.devices_ca, self.own[0]):
                with open(path, encoding="ascii") as source:
                    file.write(source.read())
        with open(os.open(files["acl"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(DAEMON_ACL + "".join(DEVICE_ACL.format(area=area) for area in self.areas()))
        lines = [f"listener {self.port} 127.0.0.1", f"cafile {files['clients.pem']}", f"certfile {self.own[0]}", f"keyfile {self.own[1]}", "require_certificate true",
                 "use_identity_as_username true", f"acl_file {files['acl']}", "persistence true", f"persistence_location {data}/", "max_queued_messages 0",
                 "max_inflight_messages 1000", "set_tcp_nodelay true", f"user {getpass.getuser()}"]
        with open(files["mosquitto.conf"], "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        self.stack.spawn("mosquitto", [program, "-c", files["mosquitto.conf"]])
        self.stack.wait_for("mosquitto", self.speaks)
        self.stack.write_config(mqtt_broker=self.via(), mqtt_ca=self.own[0], mqtt_certificate=self.own[0], mqtt_key=self.own[1])

    def speaks(self):
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE):
            return True


def way_in(name, stack, devices_csv):
    """Of these devices; @name None: plain HTTP."""
    kinds = {None: Plain, "https": Https, "mqtt": Mqtt, "coap": Coap}
    return kinds[name](stack, devices_csv)
