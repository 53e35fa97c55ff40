"""Signs requests with botocore (PyPI, Apache-2.0), to compare with.

    PYTHONPATH=DIRECTORY python3 botocore_signer.py

Each line of the input is a request in JSON. Each line of the output is its `Authorization`, or its
presigned URL if the request has `presign`, in seconds.
"""
import base64
import json
import sys
from datetime import datetime, timezone

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

time = None
botocore.auth.get_current_datetime = lambda *_, **__: time

for line in sys.stdin:
    request = json.loads(line)
    time = datetime.fromtimestamp(request["time"], timezone.utc).replace(tzinfo=None)
    kind = botocore.auth.S3SigV4Auth if request["service"] == "s3" else botocore.auth.SigV4Auth
    valid = request.get("presign")
    credentials = Credentials(request["id"], request["secret"], request.get("token"))
    signer = kind(credentials, request["service"], request["region"])
    if valid:
        signer = botocore.auth.S3SigV4QueryAuth(credentials, "s3", request["region"], valid)
    body = base64.b64decode(request["body"])
    signed = AWSRequest(request["method"], request["url"], request["headers"], body)
    signer.add_auth(signed)
    print(signed.url if valid else signed.headers["Authorization"], flush=True)
