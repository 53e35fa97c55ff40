"""Signs and verifies requests with http-message-signatures (PyPI, Apache-2.0), to compare with.

    PYTHONPATH=DIRECTORY python3 message_signer.py

Each line of the input is a request in JSON. Each line of the output has its `Signature-Input` and
its `Signature` in JSON, or, if the request has them, "accepted" or "refused".
"""
import base64
import json
import sys
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms

ALGORITHMS = {
    "ed25519": algorithms.ED25519,
    "hmac-sha256": algorithms.HMAC_SHA256,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
    "rsa-pss-sha512": algorithms.RSA_PSS_SHA512,
    "rsa-v1_5-sha256": algorithms.RSA_V1_5_SHA256,
}


class Headers:
    """Header fields, in their order."""

    def __init__(self, fields):
        self.fields = [(name.lower(), value) for name, value in fields]

    def items(self):
        return list(self.fields)

    def __iter__(self):
        return iter(dict(self.fields))

    def __contains__(self, name):
        return name.lower() in dict(self.fields)

    def __getitem__(self, name):
        return ", ".join(value for own, value in self.fields if own == name.lower())

    def __setitem__(self, name, value):
        del self[name]
        self.fields.append((name.lower(), value))

    def __delitem__(self, name):
        self.fields = [field for field in self.fields if field[0] != name.lower()]


class Message:
    def __init__(self, case):
        self.method, self.url = case["method"], case["url"]
        self.headers = Headers(case["headers"])


class Keys:
    def __init__(self, case):
        self.case = case

    def read(self, load):
        key = self.case["key"].encode()
        return load(key) if key.startswith(b"-----") else base64.b64decode(key)

    def resolve_private_key(self, _):
        return self.read(lambda key: load_pem_private_key(key, None))

    def resolve_public_key(self, _):
        return self.read(load_pem_public_key)


def written(component):
    name, separator, parameters = component.partition(";")
    return f'"{name}"{separator}{parameters}' if separator else name


def signed(case, message):
    signer = HTTPMessageSigner(
        signature_algorithm=ALGORITHMS[case["algorithm"]], key_resolver=Keys(case)
    )
    created = datetime.fromtimestamp(case["created"], timezone.utc)
    expires = case["expires"] and created + timedelta(seconds=case["expires"])
    signer.sign(
        message,
        key_id="key-1",
        created=created,
        expires=expires,
        nonce=case["nonce"],
        tag=case["tag"],
        label="sig1",
        include_alg=case["has_algorithm"],
        covered_component_ids=[written(one) for one in case["components"]],
    )
    return json.dumps([message.headers["signature-input"], message.headers["signature"]])


def verified(case, message):
    verifier = HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[case["algorithm"]], key_resolver=Keys(case)
    )
    try:
        verifier.verify(message, max_age=timedelta(days=365_000))
        return "accepted"
    except Exception as error:
        return f"refused: {type(error).__name__}"


for line in sys.stdin:
    case = json.loads(line)
    message = Message(case)
    has_signature = "signature" in message.headers
    try:
        answer = verified(case, message) if has_signature else signed(case, message)
    except Exception as error:
        answer = f"failed: {error}"
    print(answer, flush=True)
