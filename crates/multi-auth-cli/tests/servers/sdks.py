"""Calls vendors through the proxy, with the clients that Python programs use.

    PYTHONPATH=DIRECTORY multi-auth run -- python3 sdks.py
"""
import os

import boto3
import httpx
import openai
import requests
import stripe
from botocore.config import Config
from fh_immuta_utils.authenticate import AuthScheme
from fh_immuta_utils.client import ImmutaSession

token = os.environ["MULTI_AUTH_CALLER_TOKEN"]

# requests and httpx, with the key as the vendor's pages show it.
url = os.environ["ALPHAMOON_BASE_URL"] + "/api/v0.3/processes"
print("requests", len(requests.get(url, auth=("any", token)).json()["processes"]))
with httpx.Client() as client:
    print("httpx", len(client.get(url, auth=("any", token)).json()["processes"]))


class CallerToken(AuthScheme):
    def authenticate(self, base_url, ca_certs):
        return token


# Immuta's own client asks for its token after a 401.
immuta = ImmutaSession(os.environ["IMMUTA_BASE_URL"], CallerToken())
print("fh-immuta-utils", immuta.get("audit").json()["count"])

# OpenAI's SDK reads OPENAI_BASE_URL and OPENAI_API_KEY.
client = openai.OpenAI()
print("openai", [model.id for model in client.models.list()])
stream = client.chat.completions.create(
    model="m-1", messages=[{"role": "user", "content": "hi"}], stream=True
)
print("openai stream", "".join(chunk.choices[0].delta.content for chunk in stream))

stripe.api_base = os.environ["STRIPE_BASE_URL"]
stripe.api_key = os.environ["STRIPE_API_KEY"]
print("stripe", stripe.Balance.retrieve().available[0].amount)

# boto3 signs with the caller's token as the ID of its key. The proxy signs anew.
s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["AWS_BASE_URL"],
    region_name="us-east-1",
    aws_access_key_id=token,
    aws_secret_access_key="any",
    config=Config(s3={"addressing_style": "path"}),
)
s3.create_bucket(Bucket="reports")
s3.put_object(Bucket="reports", Key="a b/ü.txt", Body=b"text")
print("boto3", s3.get_object(Bucket="reports", Key="a b/ü.txt")["Body"].read().decode())
print("boto3 list", [entry["Key"] for entry in s3.list_objects_v2(Bucket="reports")["Contents"]])
