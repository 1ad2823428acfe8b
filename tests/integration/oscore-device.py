# SPDX-License-Identifier: Apache-2.0
"""A device's side of OSCORE, by aiocoap, which knows nothing of us: `oscore-device.py PORT FOLDER`, in an environment that has aiocoap.

FOLDER is its security context; it forgets all else, so that it begins with the same message ids and tokens each time. Each line of standard input is a request, a
list in JSON: its method, its path, its content format or null, its body in hex, whether it is confirmable, and whether it is said again where nothing is heard for
a while. Each answer is a list too: its code, its content format, Max-Age, its payload in hex, and whether OSCORE protected it; or "failed" and why.
"""
import asyncio
import contextlib
import json
import random
import sys

import aiocoap
from aiocoap import oscore

SILENCE = 5  # seconds


def words_of(answer, is_protected):
    return [answer.code.dotted, answer.opt.content_format, answer.opt.max_age, answer.payload.hex(), is_protected]


async def hear(context, message, is_repeated):
    while is_repeated:
        with contextlib.suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(context.request(message.copy()).response, SILENCE)
    return await context.request(message).response


async def ask(context, uri, method, path, form, body, is_confirmable, is_repeated):
    message = aiocoap.Message(code=getattr(aiocoap, method), uri=f"{uri}/{path}", payload=bytes.fromhex(body),
                              transport_tuning=aiocoap.Reliable() if is_confirmable else aiocoap.Unreliable())
    if form is not None:
        message.opt.content_format = form
    try:
        return words_of(await hear(context, message, is_repeated), True)
    except oscore.NotAProtectedMessage as plain:
        return words_of(plain.plain_message, False)
    except Exception as error:  # whatever it is, the test is told
        return ["failed", repr(error)]


async def run(port, folder):
    uri = f"coap://127.0.0.1:{port}"
    context = await aiocoap.Context.create_client_context()
    if folder != "-":
        context.client_credentials.load_from_dict({f"{uri}/*": {"oscore": {"basedir": folder + "/"}}})
    while True:
        line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        if not line:
            break
        print(json.dumps(await ask(context, uri, *json.loads(line))), flush=True)
    await context.shutdown()


random.seed(1)  # aiocoap draws where it begins
asyncio.run(run(int(sys.argv[1]), sys.argv[2]))
