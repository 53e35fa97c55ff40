"""Calls servers of other people through the proxy.

    PYTHONPATH=DIRECTORY/sdks multi-auth run -- python3 upstreams.py
"""
import os

import requests

token = os.environ["MULTI_AUTH_CALLER_TOKEN"]
httpbin, oidc, wrong = (os.environ[name + "_BASE_URL"] for name in ["HTTPBIN", "OIDC", "WRONG"])
session = requests.Session()
session.headers["Authorization"] = "Bearer " + token

# httpbin refuses /bearer without a token, and returns what it got.
print("bearer", session.get(httpbin + "/bearer").json())
echo = session.post(httpbin + "/anything?a=1", data={"b": "2"}).json()
print("echo", echo["args"], echo["form"], echo["headers"]["Authorization"])
print("stream", len(list(session.get(httpbin + "/stream/20", stream=True).iter_lines())))
print("bytes", len(session.get(httpbin + "/stream-bytes/100000?seed=1").content))
print("upload", len(session.put(httpbin + "/put", data=b"x" * 100000).json()["data"]))
print("redirect", session.get(httpbin + "/redirect/3").url.removeprefix(httpbin))
print("status", [session.get(httpbin + f"/status/{code}").status_code for code in [204, 304, 418, 503]])
print("gzip", session.get(httpbin + "/gzip").json()["gzipped"])
print("cookie", session.get(httpbin + "/cookies/set?a=b").json()["cookies"])
print("head", session.head(httpbin + "/get").headers["Content-Type"])
print("methods", [session.request(method, httpbin + "/anything").json()["method"] for method in ["DELETE", "PATCH"]])

# oidc-provider refuses a client with another secret.
grant = {"grant_type": "client_credentials"}
print("oidc", session.post(oidc + "/token", data=grant).json()["token_type"])
print("refused", session.post(wrong + "/token", data=grant).json()["error"])
