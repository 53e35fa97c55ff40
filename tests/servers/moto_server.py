"""AWS as moto (PyPI, Apache-2.0) has it, on loopback: it checks every signature.

    PYTHONPATH=DIRECTORY python3 moto_server.py

It prints its URL and the credentials of a user and of a role in JSON, and stops when its input ends.
"""
import json
import logging
import sys
import urllib.request

import botocore.session
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = "http://127.0.0.1:%d" % server.get_host_and_port()[1]


def client(service):
    session = botocore.session.Session()
    options = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "endpoint_url": url}
    return session.create_client(service, region_name="us-east-1", **options)


allow = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
iam = client("iam")
iam.create_user(UserName="ada")
iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=allow)
key = iam.create_access_key(UserName="ada")["AccessKey"]
role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=allow)
session = client("sts").assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]

# From now on, signatures are checked.
headers = {"Content-Type": "text/plain"}
reset = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", headers, method="POST")
urllib.request.urlopen(reset).read()

print(
    json.dumps(
        {
            "url": url,
            "user": [key["AccessKeyId"], key["SecretAccessKey"]],
            "role_arn": role,
            "role": [session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]],
        }
    ),
    flush=True,
)
sys.stdin.read()
