# SPDX-License-Identifier: Apache-2.0
"""Real brokers of another kind (Debian's nats-server), one or three that are one cluster, that speak MQTT over TLS."""
import json
import os
import shutil
import signal
import socket

from pt_broker import Authority
from pt_world import wait_until

from pt_stack import PATIENCE, free_port, http

NATS = shutil.which("nats-server") or "/usr/sbin/nats-server"
# As docs/OPERATION.md has it.
CONFIG = """server_name: {name}
listen: 127.0.0.1:{client}
http: 127.0.0.1:{monitor}
jetstream {{ store_dir: "{folder}" }}
{cluster}
mqtt {{
  listen: 127.0.0.1:{port}
  tls {{ cert_file: "{certificate}", key_file: "{key}", ca_file: "{ca}", verify: true }}
  stream_replicas: {count}
  consumer_replicas: {count}
  ack_wait: "10s"
  max_ack_pending: 10000
}}
"""


class Node:
    """One of a cluster; what pt_broker.Client needs of a broker."""

    def __init__(self, cluster, number):
        self.cluster, self.name, self.authority = cluster, f"nats-{number}", cluster.authority
        self.port, self.client, self.monitor, self.route = (free_port() for _ in range(4))

    def write(self, routes):
        folder = os.path.join(self.cluster.folder, self.name)
        os.makedirs(folder, exist_ok=True)
        certificate, key = self.authority.issue(self.name)
        cluster = f"cluster {{ name: powertrack, listen: 127.0.0.1:{self.route}, routes: [{', '.join(routes)}] }}" if len(routes) > 1 else ""
        with open(f"{folder}.conf", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(name=self.name, client=self.client, monitor=self.monitor, port=self.port, folder=folder, cluster=cluster,
                                     certificate=certificate, key=key, ca=self.authority.path, count=len(routes)))

    def start(self):
        """Unless it runs."""
        if self.cluster.stack.alive(self.name):
            return
        self.cluster.stack.spawn(self.name, [NATS, "-c", os.path.join(self.cluster.folder, f"{self.name}.conf")])
        self.cluster.stack.wait_for(self.name, self.speaks)

    def speaks(self):
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE):
            return True

    def ask(self, path):
        try:
            status, body = http(f"http://127.0.0.1:{self.monitor}/{path}", timeout=5)
            return json.loads(body) if status == 200 else {}
        except OSError:
            return {}

    def is_well(self):
        return self.ask("healthz") != {}

    def replicas(self):
        """Of the stream of messages, where this node leads it: names of the others that have all of it."""
        streams = [stream for account in self.ask("jsz?acc=$G&streams=1").get("account_details", []) for stream in account["stream_detail"]]
        clusters = [stream["cluster"] for stream in streams if stream["name"] == "$MQTT_msgs"]
        return {replica["name"] for cluster in clusters if cluster.get("leader") == self.name
                for replica in cluster.get("replicas", []) if replica["current"] and not replica.get("offline")}

    def configure_daemon(self, **more):
        certificate, key = self.authority.issue("powertrackd")
        self.cluster.stack.write_config(mqtt_broker=f"127.0.0.1:{self.port}", mqtt_ca=self.authority.path, mqtt_certificate=certificate, mqtt_key=key, **more)

    def kill(self):
        self.cluster.stack.stop(self.name, signal.SIGKILL)


class Cluster:
    def __init__(self, stack, count):
        self.stack, self.folder = stack, os.path.join(stack.folder, "nats")
        os.makedirs(self.folder, exist_ok=True)
        self.authority = Authority(self.folder)
        self.nodes = [Node(self, number) for number in range(count)]
        for node in self.nodes:
            node.write([f"nats://127.0.0.1:{other.route}" for other in self.nodes])

    def start(self):
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            wait_until(f"{node.name} is well", node.is_well, pause=0.2)

    def wait_whole(self):
        """Until each node has all messages again."""
        wait_until("the cluster is whole", lambda: any(len(node.replicas()) == len(self.nodes) - 1 for node in self.nodes), pause=0.2)
