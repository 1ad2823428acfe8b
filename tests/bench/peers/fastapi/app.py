# SPDX-License-Identifier: Apache-2.0
"""The plain stack that most would build for the same task: FastAPI under uvicorn, `cryptography`, a database that speaks MongoDB's protocol.

It takes the same reports at the same address, checks what the protocol asks (docs/PROTOCOL.md section 2: form, canonical bytes, the device and its place,
the signature) and gives the same answer. What it has easier: the devices are a table in memory, nothing is sealed or anchored, and an answer says that the
database took the report, not that it is on the disk.

    DEVICES=devices.csv DATABASE=mongodb://127.0.0.1:27017 uvicorn app:app --workers 2
"""
import base64
import csv
import json
import os
import re
import time
from contextlib import asynccontextmanager

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError

MEMBERS = {"area": str, "device": str, "kind": str, "lat": int, "lon": int, "power": str, "seq": int, "sig": str, "site": str, "ts": int}
MAY = {"voltage": int, "event": str}
AHEAD_MS = 300000
SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
DUPLICATE = 11000
ECDSA_SHA256 = ECDSA(SHA256())


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_devices(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {(row["area"], row["device"]): (row["site"], round(float(row["lat"]) * 1e7), round(float(row["lon"]) * 1e7),
                                               EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decode(row["key"])))
                for row in csv.DictReader(file)}


DEVICES = read_devices(os.environ["DEVICES"])


def dump(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def has_form(report):
    return (isinstance(report, dict) and MEMBERS.keys() <= report.keys() <= MEMBERS.keys() | MAY.keys()
            and all(type(value) is (MEMBERS.get(name) or MAY[name]) for name, value in report.items())
            and report["kind"] == "report" and report["power"] in ("ON", "OFF") and report["seq"] >= 1 and SIGNATURE.fullmatch(report["sig"]))


def check(line, now):
    """(the document to keep, None), or (None, why it is refused)."""
    try:
        report = json.loads(line)
    except ValueError:
        return None, "malformed"
    if not has_form(report) or dump(report) != line:
        return None, "malformed"
    if report["ts"] > now + AHEAD_MS:
        return None, "clock-ahead"
    device = DEVICES.get((report["area"], report["device"]))
    if device is None:
        return None, "unknown-device"
    site, lat, lon, key = device
    if (report["site"], report["lat"], report["lon"]) != (site, lat, lon):
        return None, "wrong-place"
    signature = decode(report["sig"])
    signed = b"powertrack report v1\n" + dump({name: value for name, value in report.items() if name != "sig"})
    try:
        key.verify(encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:])), signed, ECDSA_SHA256)
    except InvalidSignature:
        return None, "bad-signature"
    return {"_id": f"{report['area']}/{report['device']}/{report['seq']}", "received": now, **report}, None


@asynccontextmanager
async def lifespan(application):
    client = AsyncMongoClient(os.environ["DATABASE"])
    application.state.reports = client.powertrack.reports
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)


async def keep(documents):
    """How many of them were there already."""
    if not documents:
        return 0
    try:
        await app.state.reports.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        if any(failure["code"] != DUPLICATE for failure in failures):
            raise
        return len(failures)
    return 0


@app.post("/api/v1/reports")
async def take(request: Request):
    body = await request.body()
    many = request.headers.get("content-type") == "application/x-ndjson"
    now = time.time_ns() // 1000000
    documents, rejected = [], []
    for number, line in enumerate(body.split(b"\n") if many else [body.removesuffix(b"\n")], 1):
        if many and not line:
            continue
        document, why = check(line, now)
        if why:
            rejected.append({"line": number, "error": why})
        else:
            documents.append(document)
    duplicate = await keep(documents)
    return JSONResponse({"accepted": len(documents) - duplicate, "duplicate": duplicate, "rejected": rejected})
