# SPDX-License-Identifier: Apache-2.0
"""A real keyring (gnome-keyring) in a session bus of the test's own: what runs this runs below `dbus-run-session`."""
import subprocess

PASSWORD = "test"
SCHEMA = "org.powertracker.OfficialKey"


def unlock():
    """A keyring of this bus that is open."""
    subprocess.run(["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL)


def lock():
    call = ["gdbus", "call", "--session", "-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets", "-m", "org.freedesktop.Secret.Service.Lock"]
    subprocess.run([*call, "['/org/freedesktop/secrets/collection/login']"], check=True, stdout=subprocess.DEVNULL)


def schema():
    import gi

    gi.require_version("Secret", "1")
    from gi.repository import Secret

    text = Secret.SchemaAttributeType.STRING
    return Secret, Secret.Schema.new(SCHEMA, Secret.SchemaFlags.NONE, {"area": text, "official": text, "key": text})


def empty():
    """No official's key is left in it."""
    secret, kind = schema()
    secret.password_clear_sync(kind, {}, None)


def put(area, official, public, pem):
    """An official's key as powertrack-console keeps it; @public as entries have it."""
    secret, kind = schema()
    secret.password_clear_sync(kind, {"area": area, "official": official}, None)
    secret.password_store_sync(kind, {"area": area, "official": official, "key": public}, secret.COLLECTION_DEFAULT, official, pem, None)
