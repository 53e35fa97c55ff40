"""Signs requests with oauthlib 4.0.1 (PyPI, BSD-3-Clause), to compare with.

    python3 -m pip install --target DIRECTORY oauthlib==4.0.1
    PYTHONPATH=DIRECTORY python3 oauth1-oauthlib.py > oauth1-oauthlib.json

It writes 64 random requests, always the same, and the field `Authorization` of each.
"""
import json
import random

import oauthlib
from oauthlib.oauth1 import Client

FORM = "application/x-www-form-urlencoded"
# oauthlib drops a semicolon at the end of a path.
PATH = ["a", "Z", "7", "-", "_", ".", "~", "/", "!", "$", "'", "(", "*", ",", ":", "@", "=", "+",
        "%20", "%2F", "%C3%BC", "%25"]
# oauthlib refuses other characters in a query or a form.
WORD = ["a", "B", "0", "-", ".", "_", "~", "+", "!", "*", "'", "(", ")", ",", ":", "@", "/", "?",
        "$", ";", "%20", "%2B", "%26", "%3D", "%25", "%E2%82%AC", "%7e"]
SECRET = ["a", "B", "0", "-", "~", "&", "%", "+", "/", "=", " ", "\u00fc"]

rng = random.Random(5849)


def text(letters, least, most):
    return "".join(rng.choice(letters) for _ in range(rng.randint(least, most)))


def pairs():
    names = ["a", "b", "a%20", "%61", "A", "oauth", "c2"]
    parts = []
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(names) + text(WORD, 0, 2)
        parts.append(name if rng.random() < 0.1 else f"{name}={text(WORD, 0, 6)}")
    return "&".join(parts)


def maybe(value, chance=0.5):
    return value if rng.random() < chance else None


def case(number):
    host = rng.choice(["https://a.example.com", "HTTPS://B.Example.com:443", "http://c.example:80",
                       "http://127.0.0.1:8080", "https://[2001:db8::1]:8443"])
    query = pairs()
    body = maybe(pairs()) or None
    token = maybe(text(SECRET, 1, 12), 0.8)
    headers = {"Content-Type": FORM} if body else {}
    if rng.random() < 0.2:
        headers["Host"] = rng.choice(["D.example.com", "d.example.com:8443"])
    return {
        "http_method": rng.choice(["POST", "PUT"] if body else ["GET", "POST", "DELETE", "PATCH"]),
        "url": f"{host}/{text(PATH, 0, 10)}{'?' + query if query else ''}",
        "headers": headers,
        "body": body,
        "consumer_key": text(SECRET, 1, 16),
        "consumer_secret": text(SECRET, 1, 16),
        "token": token,
        "token_secret": text(SECRET, 0, 16) if token else None,
        "realm": maybe("realm 1_SB", 0.3),
        "callback": maybe("https://client.example/ready?a=b c", 0.2),
        "verifier": maybe(text(SECRET, 1, 8), 0.2),
        "method": rng.choice(["HMAC-SHA1", "HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"]),
        "nonce": text(SECRET, 1, 12),
        "time": 1_300_000_000 + number * 7919,
    }


def sign(request):
    """The value of `Authorization` for a request."""
    client = Client(
        request["consumer_key"], client_secret=request["consumer_secret"],
        resource_owner_key=request["token"], resource_owner_secret=request["token_secret"],
        callback_uri=request["callback"], verifier=request["verifier"],
        signature_method=request["method"], nonce=request["nonce"],
        timestamp=str(request["time"]))
    _, headers, _ = client.sign(request["url"], request["http_method"], request["body"],
                                request["headers"], realm=request["realm"])
    return headers["Authorization"]


if __name__ == "__main__":
    cases = [case(number) for number in range(64)]
    for one in cases:
        one["authorization"] = sign(one)
    source = f"oauth1-oauthlib.py, with oauthlib {oauthlib.__version__}"
    print(json.dumps({"source": source, "cases": cases}, indent=1))
