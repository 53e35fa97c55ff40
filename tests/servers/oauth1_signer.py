"""Signs requests with oauthlib (PyPI, BSD-3-Clause), to compare with.

    PYTHONPATH=DIRECTORY python3 oauth1_signer.py

Each line of the input is a request in JSON. Each line of the output is its `Authorization`.
"""
import json
import sys

from oauthlib.oauth1 import Client

for line in sys.stdin:
    case = json.loads(line)
    client = Client(
        case["consumer_key"],
        client_secret=case["consumer_secret"],
        resource_owner_key=case["token"],
        resource_owner_secret=case["token_secret"],
        callback_uri=case["callback"],
        verifier=case["verifier"],
        signature_method=case["signature_method"],
        nonce=case["nonce"],
        timestamp=str(case["time"]),
    )
    try:
        _, headers, _ = client.sign(
            case["url"], case["method"], case["body"], case["headers"], realm=case["realm"]
        )
        answer = headers["Authorization"]
    except Exception as error:
        answer = f"failed: {error}"
    print(answer, flush=True)
