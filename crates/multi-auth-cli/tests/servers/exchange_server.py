"""An authorization server (PyPI: idpyoidc) on loopback, for the tests of token exchange (RFC 8693).

    PYTHONPATH=DIRECTORY python3 exchange_server.py    DIRECTORY holds the package

It prints its issuer, and stops when its input ends. The package is the token endpoint and the
sessions. Here are HTTP, two clients, and the user `ada`, who logged in at the client `web`.

    GET  /subject   a new access token of `web`
    POST /token     the token endpoint, where `client` may exchange it
    GET  /api       takes a token only if an exchange issued it
    POST /expire    revokes what the exchanges issued
"""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from idpyoidc.message.oauth2 import AuthorizationRequest
from idpyoidc.server import Server
from idpyoidc.server.authn_event import create_authn_event
from idpyoidc.server.configure import ASConfiguration
from idpyoidc.server.exception import ClientAuthenticationError, UnAuthorizedClient
from idpyoidc.server.session.grant import ExchangeGrant

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
TARGETS = ["https://orders.example", "https://stock.example"]
SCOPES = ["orders.read", "orders.write"]


def part(name, **kwargs):
    return {"class": f"idpyoidc.server.{name}", "kwargs": kwargs}


def authorization_server(issuer):
    exchange = part(
        "oauth2.token_helper.token_exchange.TokenExchangeHelper",
        subject_token_types_supported=[ACCESS_TOKEN],
        requested_token_types_supported=[ACCESS_TOKEN],
        policy={
            "": {
                "function": "idpyoidc.server.oauth2.token_helper.validate_token_exchange_policy",
                "kwargs": {"audience": TARGETS, "resource": TARGETS},
            }
        },
    )
    token = part(
        "oauth2.token.Token",
        request_format="urlencoded",
        client_authn_method=["client_secret_basic", "client_secret_post"],
        grant_types_helpers={EXCHANGE: exchange},
    )
    minting = {"access_token": {"supports_minting": ["access_token"]}}
    conf = {
        "issuer": issuer,
        "endpoint": {"token": {"path": "token", **token}},
        "token_handler_args": {"token": part("token.DefaultToken")},
        "authz": part("authz.AuthzHandling", grant_config={"usage_rules": minting}),
        "claims_interface": part("session.claims.OAuth2ClaimsInterface"),
        "userinfo": part("user_info.UserInfo", db={"ada": {}}),
        # The token endpoint makes a cookie, which is not sent.
        "cookie_handler": part(
            "cookie_handler.CookieHandler",
            keys={"key_defs": [{"type": "oct", "kid": "sig", "use": ["sig"]}]},
        ),
        "session_params": {"sub_func": {"public": part("session.manager.RawID")}},
    }
    server = Server(ASConfiguration(conf=conf))
    for name, grant_types in [("client", [EXCHANGE]), ("web", ["authorization_code"])]:
        server.context.cdb[name] = {
            "client_secret": "secret",
            "grant_types_supported": grant_types,
            "allowed_scopes": SCOPES,
        }
    return server


def subject_token():
    request = AuthorizationRequest(client_id="web", scope=SCOPES, response_type="code")
    session = sessions.create_session(create_authn_event("ada"), request, "ada", client_id="web")
    grant = server.context.authz(session, request)
    token = grant.mint_token(session, server.context, "access_token", expires_in=600)
    return token.value


def exchanged(value):
    """What `/api` tells of a token, if an exchange issued it and it is valid."""
    try:
        info = sessions.get_session_info_by_token(value, grant=True, handler_key="access_token")
    except Exception:
        return None
    grant = info["grant"]
    token = grant.get_token(value)
    if not isinstance(grant, ExchangeGrant) or token is None or not token.is_active():
        return None
    return {"sub": grant.sub, "client_id": info["client_id"], "aud": token.resources}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with lock:
            if self.path == "/subject":
                return self.answer(200, {"access_token": subject_token()})
            if self.path != "/api":
                return self.answer(404, {})
            scheme, _, value = self.headers.get("Authorization", "").partition(" ")
            found = exchanged(value) if scheme == "Bearer" else None
        if found:
            self.answer(200, found)
        else:
            self.answer(401, {}, ("WWW-Authenticate", 'Bearer error="invalid_token"'))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with lock:
            if self.path == "/token":
                return self.answer(*exchange(body, self.headers.get("Authorization")))
            if self.path != "/expire":
                return self.answer(404, {})
            for grant in sessions.db.values():
                if isinstance(grant, ExchangeGrant):
                    grant.revoke_token()
            self.answer(200, {})

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


def exchange(body, authorization):
    """What the package answers. As it leaves HTTP to others, the status is chosen here."""
    try:
        request = endpoint.parse_request(body, {"headers": {"authorization": authorization}})
        result = endpoint.process_request(request)
    except (ClientAuthenticationError, UnAuthorizedClient):
        return 401, {"error": "invalid_client"}, ("WWW-Authenticate", 'Basic realm="token"')
    except Exception as error:  # as in the example of the package
        return 400, {"error": "invalid_request", "error_description": type(error).__name__}
    if "error" in result:
        return 400, result.to_dict()
    response = endpoint.do_response(request=request, **result)
    return 200, json.loads(response["response"]), ("Cache-Control", "no-store")


lock = threading.Lock()
http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server = authorization_server(f"http://127.0.0.1:{http.server_port}")
endpoint, sessions = server.get_endpoint("token"), server.context.session_manager
threading.Thread(target=http.serve_forever, daemon=True).start()
print(server.issuer, flush=True)
sys.stdin.read()
