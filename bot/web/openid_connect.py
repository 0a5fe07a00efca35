"""Asks an OpenID Connect provider who somebody is: authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1).

provider = OpenIdProvider(session, settings)
flow = Flow.begin()
# send the browser to await provider.authorization_url(flow); it comes back with flow.state and a code
login = await provider.login(code, flow, now)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from yarl import URL

from bot.settings import OidcSettings

ANSWER_WITHIN = aiohttp.ClientTimeout(total=10, connect=3)
# Only with key pairs: with HS256 everybody who knows the public key could sign, with “none” everybody.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
# How far the provider's clock and ours may differ.
_CLOCK_SKEW_SECONDS = 60


class ProviderUnavailable(Exception):
    """The provider did not answer, or answered wrongly; the message says how."""


class SignInRefused(Exception):
    """The provider confirmed nobody, or its proof is not valid; the message says what is wrong."""


@dataclass(frozen=True)
class Flow:
    """Secrets that prove that the browser that comes back is the one that was sent to the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> Flow:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """The code challenge: the verifier, hashed by S256 (RFC 7636, 4.2)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class KeptFlow:
    """The state of a sign-in, sealed in a cookie until the provider sends the browser back.

    `to`: the page that was asked for.
    """

    flow: Flow
    to: str
    until: datetime

    def text(self) -> str:
        return json.dumps({"oidc": asdict(self.flow), "to": self.to, "until": self.until.isoformat()})

    @classmethod
    def read(cls, text: str, now: datetime) -> KeptFlow | None:
        """None if it is no such text, or too old."""
        try:
            read = json.loads(text)
            kept = cls(Flow(**read["oidc"]), read["to"], datetime.fromisoformat(read["until"]))
        except (ValueError, LookupError, TypeError):
            return None
        return kept if kept.until > now else None

    def has_state(self, state: str) -> bool:
        return hmac.compare_digest(state.encode(), self.flow.state.encode())


class OpenIdProvider:
    """The description and the keys are read at each sign-in: sign-ins are few, and a changed key is known at once."""

    def __init__(self, session: aiohttp.ClientSession, settings: OidcSettings) -> None:
        self._session = session
        self._settings = settings

    async def authorization_url(self, flow: Flow) -> str:
        """Where to send the browser. Raises ProviderUnavailable."""
        description = await self._description()
        url = self._endpoint(description, "authorization_endpoint").update_query(
            response_type="code",
            scope=self._settings.scope,
            client_id=self._settings.client_id,
            redirect_uri=self._settings.redirect_url,
            state=flow.state,
            nonce=flow.nonce,
            code_challenge=flow.challenge,
            code_challenge_method="S256",
        )
        return str(url)

    async def login(self, code: str, flow: Flow, now: datetime) -> str:
        """The login of the person for whom the provider gave the code.

        Raises ProviderUnavailable, SignInRefused.
        """
        description = await self._description()
        tokens = await self._tokens(description, code, flow)
        keys = await self._keys(description)
        claims = id_token_claims(tokens.get("id_token"), keys, self._settings, flow.nonce, now)
        name = self._settings.login_claim
        if name not in claims and "userinfo_endpoint" in description:
            # A provider may leave claims out of the ID token and give them only here (5.4).
            claims = await self._user_info(description, tokens.get("access_token"), claims["sub"])
        login = claims.get(name)
        if not isinstance(login, str) or not login:
            raise SignInRefused(f"no claim {name}")
        return login

    async def _description(self) -> dict[str, Any]:
        issuer = self._settings.issuer
        description = await self._json("GET", URL(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        if description.get("issuer") != issuer:
            raise ProviderUnavailable(f"it calls itself {description.get('issuer')!r}, not {issuer!r}")
        return description

    async def _tokens(self, description: dict[str, Any], code: str, flow: Flow) -> dict[str, Any]:
        identity, secret = self._settings.client_id, self._settings.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_url,
            "code_verifier": flow.verifier,
        }
        headers = {}
        # client_secret_basic is the default if the provider names none (OpenID Connect Discovery 1.0, 3).
        methods = description.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods:
            # Id and secret are form-encoded first (RFC 6749, 2.3.1).
            headers["Authorization"] = aiohttp.encode_basic_auth(quote_plus(identity), quote_plus(secret))
        else:
            form |= {"client_id": identity, "client_secret": secret}
        return await self._json("POST", self._endpoint(description, "token_endpoint"), data=form, headers=headers)

    async def _keys(self, description: dict[str, Any]) -> KeySet:
        listed = (await self._json("GET", self._endpoint(description, "jwks_uri"))).get("keys")
        if not isinstance(listed, list):
            raise ProviderUnavailable("no list of keys")
        keys: list[Key] = []
        for key in listed:
            # Keys for encryption, and kinds that our library does not know, are skipped: they did not sign.
            if isinstance(key, dict) and key.get("use", "sig") == "sig":
                try:
                    keys.append(JWKRegistry.import_key(key))
                except (JoseError, LookupError, TypeError, ValueError):
                    continue
        return KeySet(keys)

    async def _user_info(self, description: dict[str, Any], access_token: object, subject: str) -> dict[str, Any]:
        url = self._endpoint(description, "userinfo_endpoint")
        claims = await self._json("GET", url, headers={"Authorization": f"Bearer {access_token}"})
        if claims.get("sub") != subject:
            raise SignInRefused("userinfo is of somebody else")
        return claims

    def _endpoint(self, description: dict[str, Any], name: str) -> URL:
        try:
            url = URL(description[name])
        except (KeyError, TypeError, ValueError):
            raise ProviderUnavailable(f"no {name}") from None
        if url.scheme != "https" and url.scheme != URL(self._settings.issuer).scheme:
            raise ProviderUnavailable(f"{name} is not https")
        return url

    async def _json(self, method: str, url: URL, **request: Any) -> dict[str, Any]:
        try:
            async with self._session.request(
                method, url, timeout=ANSWER_WITHIN, allow_redirects=False, **request
            ) as response:
                if method == "POST" and response.status in (400, 401):
                    raise SignInRefused(f"{url.path} answered {response.status}: {(await response.text())[:100]}")
                if response.status != 200:
                    raise ProviderUnavailable(f"{url.path} answered {response.status}")
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProviderUnavailable(f"{url}: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ProviderUnavailable(f"{url.path} answered no JSON object")
        return answer


def id_token_claims(token: object, keys: KeySet, settings: OidcSettings, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token, after its signature, issuer, audience, nonce and time are checked (3.1.3.7).

    Raises SignInRefused.
    """
    if not isinstance(token, str):
        raise SignInRefused("no ID token")
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_CLOCK_SKEW_SECONDS,
        iss={"essential": True, "value": settings.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": settings.client_id},
        azp={"value": settings.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError) as error:
        raise SignInRefused(f"ID token: {error}") from None
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise SignInRefused("ID token: for several, and azp does not say whom it was given to")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise SignInRefused("ID token: another nonce")
    return claims
