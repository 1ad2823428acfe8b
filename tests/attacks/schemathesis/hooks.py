# SPDX-License-Identifier: Apache-2.0
"""What no description can say: how a request for a certificate is sent, and which area, official, complaint, place and category there are. They take the place
of any other that is well formed, so that who may act comes to act."""
import json
import os
import re

import schemathesis

schemathesis.serializer.alias("application/pkcs10", "text/plain")
KNOWN = json.loads(os.environ["PT_KNOWN"])


def put_known(given):
    for name, value in KNOWN.items():
        if isinstance(given, dict) and isinstance(given.get(name), str) and re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", given[name]):
            given[name] = value


@schemathesis.hook
def before_call(_context, case, _kwargs):
    put_known(case.path_parameters)
    put_known(case.body)
