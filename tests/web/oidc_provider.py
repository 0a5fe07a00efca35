"""A small OpenID Connect provider, as a process: `python -m tests.web.oidc_provider PORT`.

It lets in whoever types a name. `PUT /flaw` with one of `FLAWS` as the body makes what it sends wrong from then on;
an empty body makes it right again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "console", "a secret: with a colon"
_KEY_ID = {"kid": "one", "use": "sig"}
KEY = RSAKey.generate_key(2048, parameters=_KEY_ID)
ANOTHER_KEY = RSAKey.generate_key(2048, parameters=_KEY_ID)

FLAWS = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another"},
    "several audiences": {"aud": [CLIENT_ID, "another"]},
    "authorized party": {"azp": "another"},
    "issuer": {"iss": "https://another.example"},
    "expired": {"exp": 1},
    "no expiry": {"exp": None},
    "from the future": {"iat": 1 << 40},
    "no subject": {"sub": None},
    "unsigned": {},
    "signed by another": {},
    "signed with the secret": {},
    "signed with the public key": {},
    "cut short": {},
    "no ID token": {},
    "no account": {"preferred_username": None},
    "a number for an account": {"preferred_username": 12},
    "a zero byte in the account": {"preferred_username": "clerk\0"},
    # Not in the tokens:
    "userinfo alone": {"preferred_username": None},
    "userinfo of another": {"preferred_username": None},
    "secret in the form": {},
    "calls itself another": {},
    "broken": {},
}

routes = web.RouteTableDef()
flaw = ""
codes: dict[str, dict[str, str]] = {}
names: dict[str, str] = {}


@routes.put("/flaw")
async def set_flaw(request: web.Request) -> web.Response:
    global flaw
    flaw = await request.text()
    return web.Response(status=204 if not flaw or flaw in FLAWS else 400)


@routes.get("/.well-known/openid-configuration")
async def description(request: web.Request) -> web.Response:
    if flaw == "broken":
        return web.Response(status=502, text="<html>")
    here = issuer_of(request)
    told: dict[str, Any] = {
        "issuer": "https://another.example" if flaw == "calls itself another" else here,
        "authorization_endpoint": f"{here}/authorize?tenant=city",
        "token_endpoint": f"{here}/token",
        "jwks_uri": f"{here}/jwks",
    }
    if flaw.startswith("userinfo"):
        told["userinfo_endpoint"] = f"{here}/userinfo"
    if flaw == "secret in the form":
        told["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    return web.json_response(told)


@routes.get("/authorize")
async def ask(request: web.Request) -> web.Response:
    form = "<form method='post'><label>Name <input name='name'></label><button>OK</button></form>"
    page = f"<link rel='icon' href='data:,'>{form}"
    return web.Response(text=page, content_type="text/html")


@routes.post("/authorize")
async def authorize(request: web.Request) -> web.Response:
    asked, name = dict(request.query), str((await request.post())["name"])
    assert asked["response_type"] == "code"
    assert "openid" in asked["scope"].split()
    assert asked["client_id"] == CLIENT_ID
    assert asked["code_challenge_method"] == "S256"
    answer = {"state": asked["state"]}
    if name:
        answer["code"] = secrets.token_urlsafe()
        codes[answer["code"]] = {**asked, "name": name}
    else:
        answer["error"] = "access_denied"
    return web.Response(status=303, headers={"Location": f"{asked['redirect_uri']}?{urlencode(answer)}"})


@routes.post("/token")
async def token(request: web.Request) -> web.Response:
    form = await request.post()
    if flaw == "secret in the form":
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    else:
        given = BasicAuth.decode(request.headers["Authorization"])
        known = (given.login, given.password) == (CLIENT_ID, "a+secret%3A+with+a+colon")
    if not known:
        return web.json_response({"error": "invalid_client"}, status=401)
    asked = codes.pop(str(form["code"]), None)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
    if (
        asked is None
        or form["grant_type"] != "authorization_code"
        or form["redirect_uri"] != asked["redirect_uri"]
        or challenge.rstrip(b"=").decode() != asked["code_challenge"]
    ):
        return web.json_response({"error": "invalid_grant"}, status=400)
    access_token = secrets.token_urlsafe()
    names[access_token] = asked["name"]
    answer = {"access_token": access_token, "token_type": "Bearer", "id_token": id_token(request, asked)}
    if flaw == "no ID token":
        del answer["id_token"]
    return web.json_response(answer)


@routes.get("/jwks")
async def keys(request: web.Request) -> web.Response:
    for_later = {"kty": "AKP", "kid": "later", "alg": "ML-DSA-44", "pub": "AAAA"}
    broken = {"kty": "EC", "kid": "broken", "crv": "P-0", "x": "A", "y": "A"}
    return web.json_response({"keys": [for_later, broken, KEY.as_dict(private=False)]})


@routes.get("/userinfo")
async def user_info(request: web.Request) -> web.Response:
    name = names[request.headers["Authorization"].removeprefix("Bearer ")]
    subject = "of another" if flaw == "userinfo of another" else f"of {name}"
    return web.json_response({"sub": subject, "preferred_username": name})


def id_token(request: web.Request, asked: dict[str, str]) -> str:
    now, name = int(time.time()), asked["name"]
    right = {
        "iss": issuer_of(request),
        "sub": f"of {name}",
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 300,
        "nonce": asked["nonce"],
        "preferred_username": name,
    }
    claims = {key: value for key, value in {**right, **FLAWS.get(flaw, {})}.items() if value is not None}
    if flaw == "unsigned":
        return ".".join([_part(b'{"alg":"none"}'), jwt.encode({"alg": "RS256"}, claims, KEY).split(".")[1], ""])
    if flaw == "signed with the secret":
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(CLIENT_SECRET))
    if flaw == "signed with the public key":
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(_part(KEY.as_pem(private=False))))
    signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, ANOTHER_KEY if flaw == "signed by another" else KEY)
    return signed[:-20] if flaw == "cut short" else signed


def issuer_of(request: web.Request) -> str:
    return f"http://{request.host}"


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main() -> None:
    app = web.Application()
    app.add_routes(routes)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None)


if __name__ == "__main__":
    main()
