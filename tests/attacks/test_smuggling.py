#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A request in another one's body: whatever a proxy may take for one request is one here too, or none (RFC 9112, sections 6 and 11.2)."""
from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_raw import Raw, get, post, statuses, talk
from pt_world import World

HIDDEN = get()
CHUNKED = "Transfer-Encoding: chunked\r\n"
ONE_CHUNK = b"5\r\nabcde\r\n0\r\n\r\n"


def refused_alone(stack, what, sent):
    """One answer, 400, and the connection's end; what is behind it is not answered."""
    answer = talk(stack, sent + HIDDEN)
    equal(statuses(answer), [400], f"{what}: {answer[:300]}")
    check(b"connection: close" in answer.lower() and b'"type":"malformed"' in answer and b"\r\n\r\nok" not in answer, f"{what}: {answer[:300]}")


# What is odd, and the bytes.
ODD = (
    ("length and chunks", post("Content-Length: 5\r\n" + CHUNKED, ONE_CHUNK)),
    ("chunks and length", post(CHUNKED + "Content-Length: 5\r\n", ONE_CHUNK)),
    ("chunked and a tab", post("Content-Length: 5\r\nTransfer-Encoding: chunked\t\r\n", b"abcde")),
    ("chunked and a tab, alone", post("Transfer-Encoding: chunked\t\r\n", ONE_CHUNK)),
    ("a blank before the colon", post("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", b"abcde")),
    ("xchunked", post("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n", b"abcde")),
    ("chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", ONE_CHUNK)),
    ("identity", post("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", b"abcde")),
    ("chunked twice", post(CHUNKED + CHUNKED, ONE_CHUNK)),
    ("two lengths", post("Content-Length: 5\r\nContent-Length: 40\r\n", b"abcde")),
    ("one length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", b"abcde")),
    ("a list of lengths", post("Content-Length: 5, 5\r\n", b"abcde")),
    ("+5", post("Content-Length: +5\r\n", b"abcde")),
    ("-1", post("Content-Length: -1\r\n", b"abcde")),
    ("2^63", post("Content-Length: 9223372036854775808\r\n", b"abcde")),
    ("2^64 - 1", post("Content-Length: 18446744073709551615\r\n", b"abcde")),
    ("10^20", post("Content-Length: 100000000000000000000\r\n", b"abcde")),
    ("a chunk of +2", post(CHUNKED, b"+2\r\nab\r\n0\r\n\r\n")),
    ("a chunk of 0x2", post(CHUNKED, b"0x2\r\nab\r\n0\r\n\r\n")),
    ("a chunk of -2", post(CHUNKED, b"-2\r\nab\r\n0\r\n\r\n")),
    ("a chunk that is longer", post(CHUNKED, b"2\r\nabc\r\n0\r\n\r\n")),
    ("LF after a chunk's size", post(CHUNKED, b"2\nab\r\n0\r\n\r\n")),
    ("a chunk of 2^64 + 2", post(CHUNKED, b"10000000000000002\r\nab\r\n0\r\n\r\n")),
    ("chunks in HTTP/1.0", post(CHUNKED, ONE_CHUNK, version="HTTP/1.0")),
    ("two Hosts", get("/healthz", "Host: b")),
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n"),
    ("bare LF", b"GET /healthz HTTP/1.1\nHost: a\n\n"),
    ("bare LF in a header", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n"),
    ("a bare CR", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n"),
    ("a line that goes on", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\r\n Content-Length: 5\r\n\r\n"),
    ("NUL", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"),
    ("another version", b"GET /healthz HTTP/3.7\r\nHost: a\r\n\r\n"),
)


@case
def test_odd_framing():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        for what, sent in ODD:
            refused_alone(stack, what, sent)
            # Behind a request that is in order, only the first is answered; and in that order.
            answer = talk(stack, get() + sent + HIDDEN)
            equal(statuses(answer), [200, 400], f"behind another: {what}: {answer[:300]}")
        for what, sent in ODD[:: amount(5, 1)]:
            with Raw(stack) as slow:  # each byte a packet of its own, as far as the system does as it is told
                for at in range(len(sent)):
                    if not slow.send(sent[at : at + 1]):
                        break
                equal(statuses(slow.read()), [400], f"byte by byte: {what}")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_in_order():
    """What is right stays so: many at once in their order, a body that is waited for, chunks, clients of HTTP/1.0."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        line = world.report("tx-1")
        whole = b"%x;name=value\r\n%s\r\n%x\r\n%s\r\n0\r\nX-Trailer: a\r\n\r\n" % (10, line[:10], len(line) - 10, line[10:])
        answer = talk(stack, get("/api/v1/status") + post(CHUNKED, whole) + b"\r\n" + get("/nothing") + post(f"Content-Length: {len(line)}\r\n", line)
                      + get("/healthz", "Connection: close"))
        equal(statuses(answer), [200, 200, 404, 200, 200], f"five at once: {answer[-300:]}")
        places = [answer.index(words) for words in (b'"version"', b'{"accepted":1,"duplicate":0', b'"type":"not-found"', b'{"accepted":0,"duplicate":1', b"\r\n\r\nok\n")]
        equal(places, sorted(places), "their order")
        with Raw(stack, post(f"Content-Length: {len(line)}\r\nExpect: 100-continue\r\nConnection: close\r\n")) as waits:
            equal(statuses(waits.read_until(b"\r\n\r\n")), [100], "go on")
            waits.send(line)
            equal(statuses(waits.read()), [100, 200], "and its answer")
        for length, expect in ((9 << 20, ""), (10**17, ""), (9 << 20, "Expect: 100-continue\r\n")):
            answer = talk(stack, post(f"Content-Length: {length}\r\n{expect}"))
            equal(statuses(answer), [413], f"{length} bytes are refused before they come: {answer[:300]}")
        answer = talk(stack, b"GET /api/v1/outages?limit=1 HTTP/1.0\r\n\r\n")
        check(statuses(answer) == [200] and b'"outages"' in answer, f"a query without a Host: {answer[:300]}")
        answer = talk(stack, b"GET /api/v1/outages?limit=x HTTP/1.0\r\n\r\n")
        equal(statuses(answer), [400], "its query is read")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
