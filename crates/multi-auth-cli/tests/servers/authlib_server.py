"""A second authorization server (PyPI: Authlib, Flask) on loopback, for the tests of grants.

    PYTHONPATH=DIRECTORY python3 authlib_server.py    DIRECTORY holds both packages

It prints its issuer, and stops when its input ends.
"""
import os
import sys
import threading

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

# `oidc-provider` decodes what is form-encoded in Basic (RFC 6749, 2.3.1); this one does not.
SECRET = "s p/1+%&=:"


class Client(ClientMixin):
    def __init__(self, client_id, method, grant_types):
        self.client_id, self.method, self.grant_types = client_id, method, grant_types

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return " ".join(part for part in (scope or "").split() if part == "orders.read")

    def check_redirect_uri(self, redirect_uri):
        return False

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_response_type(self, response_type):
        return False

    def check_grant_type(self, grant_type):
        return grant_type in self.grant_types


CLIENTS = [
    Client("basic", "client_secret_basic", ["client_credentials"]),
    Client("post", "client_secret_post", ["client_credentials"]),
    Client("terminal", "none", ["refresh_token"]),
]


class Token(TokenMixin, dict):
    revoked = False

    def check_client(self, client):
        return self["client_id"] == client.get_client_id()

    def get_scope(self):
        return self.get("scope", "")

    def get_expires_in(self):
        return 600

    def is_expired(self):
        return False

    def is_revoked(self):
        return self.revoked


# The refresh token of a login.
TOKENS = {"r-first": Token(client_id="terminal", refresh_token="r-first", scope="")}


def save_token(token, request):
    if "refresh_token" in token:
        TOKENS[token["refresh_token"]] = Token(token, client_id=request.client.get_client_id())


class RefreshTokenGrant(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = ["none", "client_secret_basic"]

    def authenticate_refresh_token(self, refresh_token):
        token = TOKENS.get(refresh_token)
        return token if token and not token.revoked else None

    def authenticate_user(self, refresh_token):
        return "ada"

    def revoke_old_credential(self, refresh_token):
        refresh_token.revoked = True


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


app = Flask(__name__)
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
server = AuthorizationServer(
    app,
    query_client=lambda name: next((c for c in CLIENTS if c.client_id == name), None),
    save_token=save_token,
)
server.scopes_supported = ["orders.read"]
server.register_grant(ClientCredentialsGrant)
server.register_grant(RefreshTokenGrant)


@app.post("/token")
def issue_token():
    return server.create_token_response()


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
threading.Thread(target=http.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{http.port}", flush=True)
sys.stdin.read()
