# SPDX-License-Identifier: Apache-2.0
"""A device's side of OSCORE, by aiocoap, which knows nothing of us: `oscore-device.py PORT FOLDER`, in an environment that has aiocoap.

FOLDER is its security context. Each line of standard input is a request, a list in JSON: its method, its path, its content format or null, its body in hex, and
whether it is confirmable. Each answer is a list too: its code, its content format, Max-Age, its payload in hex, and whether OSCORE protected it; or "failed" and why.
"""
import asyncio
import json
import sys

import aiocoap
from aiocoap import oscore


def words_of(answer, is_protected):
    return [answer.code.dotted, answer.opt.content_format, answer.opt.max_age, answer.payload.hex(), is_protected]


async def ask(context, uri, method, path, form, body, is_confirmable):
    message = aiocoap.Message(code=getattr(aiocoap, method), uri=f"{uri}/{path}", payload=bytes.fromhex(body),
                              transport_tuning=aiocoap.Reliable() if is_confirmable else aiocoap.Unreliable())
    if form is not None:
        message.opt.content_format = form
    try:
        return words_of(await context.request(message).response, True)
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


asyncio.run(run(int(sys.argv[1]), sys.argv[2]))
