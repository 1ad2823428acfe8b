# SPDX-License-Identifier: Apache-2.0
"""A real broker (Debian's mosquitto) with certificates, and clients of it that stand for devices."""
import collections
import contextlib
import datetime
import getpass
import ipaddress
import json
import os
import select
import shutil
import socket
import ssl
import threading

import paho.mqtt.client as mqtt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pt_case import check
from pt_world import wait_until

from pt_stack import PATIENCE, free_port

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
CONNECT = b"\x10\x10\0\4MQTT\4\2\0\x1e\0\4once"  # MQTT 3.1.1, a clean session
CONNACK = b"\x20\2\0\0"
# As docs/OPERATION.md has it, and a gateway that may speak for everybody.
ACL = """user powertrackd
topic read powertrack/v1/+/+/report
topic read powertrack/v1/+/+/report/receipt
topic read powertrack/v1/+/+/held
topic write powertrack/v1/+/+/answer
topic write powertrack/v1/+/site/+/status

user gateway
topic readwrite powertrack/v1/#

pattern write powertrack/v1/%u/report
pattern write powertrack/v1/%u/report/receipt
pattern write powertrack/v1/%u/held
pattern read powertrack/v1/%u/answer
pattern read powertrack/v1/+/site/+/status
"""


def write(path, data, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    return path


class Authority:
    """Signs certificates of its own."""

    def __init__(self, folder, name="authority"):
        self.folder, self.prefix, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self.build(self.name, self.key, [(x509.BasicConstraints(True, None), True)])
        self.path = write(os.path.join(folder, f"{name}.pem"), certificate.public_bytes(serialization.Encoding.PEM))

    def build(self, subject, key, extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1)))
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name):
        """The files of a certificate with this common name, good for 127.0.0.1 too, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self.build(subject, key, [(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)])
        path = os.path.join(self.folder, f"{self.prefix}-{name.replace('/', '-')}")
        return (write(f"{path}.pem", certificate.public_bytes(serialization.Encoding.PEM)),
                write(f"{path}.key", key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())))


class Broker:
    """mosquitto in the stack's folder. @settings: further lines of its configuration."""

    def __init__(self, stack, *settings):
        self.stack, self.port = stack, free_port()
        self.folder = os.path.join(stack.folder, "broker")
        os.makedirs(self.folder, exist_ok=True)
        self.authority = Authority(self.folder)
        certificate, key = self.authority.issue("broker")
        acl = write(os.path.join(self.folder, "acl"), ACL.encode())
        lines = [f"listener {self.port} 127.0.0.1", f"cafile {self.authority.path}", f"certfile {certificate}", f"keyfile {key}", "require_certificate true",
                 "use_identity_as_username true", f"acl_file {acl}", "persistence true", f"persistence_location {self.folder}/", "max_queued_messages 0",
                 "max_inflight_messages 1000", "set_tcp_nodelay true", f"user {getpass.getuser()}", *settings]
        self.config = write(os.path.join(self.folder, "mosquitto.conf"), ("\n".join(lines) + "\n").encode())

    def start(self):
        self.stack.spawn("mosquitto", [MOSQUITTO, "-c", self.config])
        self.stack.wait_for("mosquitto", self.speaks)

    def speaks(self):
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE):
            return True

    def refuses(self, certificate, key):
        """Whether who shows this certificate, or none, is not let in."""
        context = ssl.create_default_context(cafile=self.authority.path)
        if certificate:
            context.load_cert_chain(certificate, key)
        try:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as raw, context.wrap_socket(raw, server_hostname="127.0.0.1") as tls:
                tls.sendall(CONNECT)
                return tls.recv(4) != CONNACK
        except OSError:
            return True

    def stop(self, number):
        self.stack.stop("mosquitto", number)

    def configure_daemon(self, **more):
        certificate, key = self.authority.issue("powertrackd")
        self.stack.write_config(mqtt_broker=f"127.0.0.1:{more.pop('port', self.port)}", mqtt_ca=self.authority.path, mqtt_certificate=certificate, mqtt_key=key, **more)


class HangsUp(threading.Thread):
    """Stands before a broker, and hangs up on whoever asks for a shared subscription. The daemon is configured with it."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker, self.port, self.hung_up = broker, free_port(), 0
        self.files = broker.authority.issue("powertrackd")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*broker.authority.issue("before"))
        self.server = socket.create_server(("127.0.0.1", self.port))

    def run(self):
        while True:
            raw, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(raw,), daemon=True).start()

    def serve(self, raw):
        context = ssl.create_default_context(cafile=self.broker.authority.path)
        context.load_cert_chain(*self.files)
        with contextlib.suppress(OSError), self.context.wrap_socket(raw, server_side=True) as near, \
                socket.create_connection(("127.0.0.1", self.broker.port)) as raw_far, context.wrap_socket(raw_far, server_hostname="127.0.0.1") as far:
            # TLS keeps back nothing of what came: reads take whole records.
            while True:
                for source in select.select([near, far], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is near and b"$share/" in data:
                        self.hung_up += 1
                        return
                    (far if source is near else near).sendall(data)


class Paho(mqtt.Client):
    """paho 1.6 does not expect that TLS ends while it writes: its thread would die of that, and come back to no broker."""

    def _sock_send(self, buf):
        try:
            return super()._sock_send(buf)
        except ssl.SSLError as error:
            raise ConnectionError(str(error)) from error


class Client:
    """A client that keeps a session, and all that it is told. Its certificate's name is the broker's name for it."""

    def __init__(self, broker, name, authority=None, listens=()):
        certificate, key = (authority or broker.authority).issue(name)
        self.told, self.published, self.subscribed, self.refusals = collections.defaultdict(list), set(), 0, 0
        self.listens = listens
        self.client = Paho(client_id=f"test-{name.replace('/', '-')}", clean_session=False)
        self.client.tls_set(broker.authority.path, certificate, key)
        self.client.max_inflight_messages_set(200)
        self.client.max_queued_messages_set(0)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = self.on_connect
        self.client.on_message = lambda _client, _data, message: self.told[message.topic].append(message.payload)
        self.client.on_publish = lambda _client, _data, number: self.published.add(number)
        self.client.on_subscribe = self.on_subscribe
        self.client.on_disconnect = self.on_disconnect
        self.client.connect_async("127.0.0.1", broker.port, keepalive=30)
        self.client.loop_start()

    def on_connect(self, client, _data, _flags, code):
        if code == 0:
            for topic in self.listens:
                client.subscribe(topic, 1)

    def on_subscribe(self, _client, _data, _number, _granted):
        self.subscribed += 1

    def on_disconnect(self, _client, _data, code):
        self.refusals += code != 0

    def wait_ready(self):
        wait_until("its subscriptions", lambda: self.subscribed >= len(self.listens) and self.client.is_connected(), pause=0.02)
        return self

    def say(self, topic, payload):
        """Its number, which is in self.published when the broker has it."""
        return self.client.publish(topic, payload, 1).mid

    def answers(self, area, device):
        """All that the device was told of its reports."""
        return [json.loads(text) for text in list(self.told[f"powertrack/v1/{area}/{device}/answer"]) if text[:1] == b"{"]

    def ask(self, topic, payload, area, device):
        """What is told next on the device's topic, as bytes."""
        told = self.told[f"powertrack/v1/{area}/{device}/answer"]
        before = len(told)
        self.say(topic, payload)
        wait_until(f"an answer to {topic}", lambda: len(told) > before, pause=0.02)
        return told[before]

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()


def seqs(answers, name):
    return {seq for answer in answers for seq in answer.get(name, ())}


def check_none_rejected(answers):
    check(not any(answer.get("rejected") for answer in answers), f"none is rejected: {[answer for answer in answers if answer.get('rejected')][:3]}")
