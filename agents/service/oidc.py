"""Signing in by OpenID Connect: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

What is believed of the provider is what it signed: an ID token of the right issuer, for this client, of this sign-in,
that has not expired. Keys are fetched from the provider, and once more where a token names one that is not known.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Final

import structlog

from agents.service.gatekeeper import Gatekeeper, SignInError
from agents.service.passwords import new_token
from agents.service.people import said_of
from agents.service.settings import OpenIdProvider, ServiceError
from knowledge.access import AccessError, Person, Role, account_name
from knowledge.audit_log import Entry
from knowledge.instants import HOUR, MINUTE, Instant
from knowledge.store.accounts import Account

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that need the provider's own key: never `none`, and none made with a secret that both have."""

PATIENCE: Final = 10 * MINUTE
"""How long a person may take to sign in there."""

_LEEWAY: Final = 60
_KEPT: Final = HOUR
_UNDER_WAY: Final = 1_000
_SECONDS: Final = 10.0

log = structlog.get_logger("access")


class ProviderError(ServiceError):
    """A provider that cannot be asked now, or says what it must not."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A sign-in that waits for the person to come back."""

    nonce: str
    verifier: str
    next: str
    redirect: str
    began: Instant


def check_installed() -> None:
    """Raise ServiceError where the libraries are missing."""
    if any(find_spec(name) is None for name in ("authlib", "joserfc", "httpx2")):
        raise ServiceError("setting oidc needs the extra: pip install 'isom-agents[oidc]'")


class OpenId:
    """One provider, and the sign-ins that are under way there. Used by one event loop."""

    def __init__(self, provider: OpenIdProvider, gate: Gatekeeper, token: Callable[[], str] = new_token) -> None:
        self.provider, self.gate, self.token = provider, gate, token
        self._pending: OrderedDict[str, UnderWay] = OrderedDict()
        self._known: tuple[Instant, dict[str, Any]] | None = None
        self._keys: tuple[Instant, Any] | None = None

    async def begin(self, redirect: str, next_place: str) -> tuple[str, str]:
        """Where to send the browser, and the state that it has to bring back. Raises ProviderError."""
        place = (await self._metadata())["authorization_endpoint"]
        state = self.token()
        under_way = UnderWay(self.token(), self.token(), next_place, redirect, self.gate.now())
        self._pending[state] = under_way
        while len(self._pending) > _UNDER_WAY:
            self._pending.popitem(last=False)
        async with self._asking(redirect) as client:
            url, _ = client.create_authorization_url(
                place, state=state, nonce=under_way.nonce, code_verifier=under_way.verifier
            )
        return str(url), state

    async def finish(self, state: str, code: str, address: str) -> tuple[str, str]:
        """The token of a new session, and where to go on to. Raises SignInError, ProviderError.

        A state is good once, for a while; whether it is this browser's is for the caller to know.
        """
        found = self._pending.pop(state, None)
        if found is None or self.gate.now() - found.began > PATIENCE:
            raise SignInError("this sign-in is not under way, or took too long: begin again")
        claims = await self._claims(found, code)
        account = await asyncio.to_thread(self._account, claims)
        return await asyncio.to_thread(self.gate.begin, account, address), found.next

    def forget(self, state: str) -> str:
        """A sign-in that the person gave up; where it would have gone on to."""
        found = self._pending.pop(state, None)
        return found.next if found is not None else "/"

    async def _claims(self, found: UnderWay, code: str) -> Mapping[str, Any]:
        from joserfc.errors import JoseError
        from joserfc.jwt import JWTClaimsRegistry

        endpoint = (await self._metadata())["token_endpoint"]
        async with self._asking(found.redirect) as client:
            try:
                answer = await client.fetch_token(endpoint, code=code, code_verifier=found.verifier)
            except Exception as error:  # the library raises its own, the network's, and what JSON raises
                raise ProviderError(f"the provider gives no token: {error}") from error
        try:
            token = await self._verified(str(answer.get("id_token", "")))
            registry = JWTClaimsRegistry(
                now=self.gate.now,
                leeway=_LEEWAY,
                iss={"essential": True, "value": self.provider.issuer},
                aud={"essential": True, "value": self.provider.client_id},
                nonce={"essential": True, "value": found.nonce},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
            )
            registry.validate(token.claims)
        except (JoseError, ValueError) as error:
            log.warning("id token refused", reason=str(error))
            raise SignInError(f"what the provider says of you cannot be believed: {error}") from error
        claims: dict[str, Any] = token.claims
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.provider.client_id:
            raise SignInError("what the provider says of you cannot be believed: it is for another client")
        return claims

    async def _verified(self, text: str) -> Any:
        """A token with the signature of one of the provider's keys."""
        from joserfc.errors import JoseError
        from joserfc.jwt import decode

        try:
            return decode(text, await self._keyring(fresh=False), algorithms=ALGORITHMS)
        except (JoseError, ValueError):  # perhaps the provider has another key since
            return decode(text, await self._keyring(fresh=True), algorithms=ALGORITHMS)

    async def _keyring(self, *, fresh: bool) -> Any:
        from joserfc.jwk import KeySet

        now = self.gate.now()
        until, keys = self._keys or (0, None)
        if keys is None or now >= until or (fresh and now > until - _KEPT + MINUTE):
            said: Any = await self._fetched((await self._metadata())["jwks_uri"])
            keys = KeySet.import_key_set(said)
            self._keys = now + _KEPT, keys
        return keys

    async def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0)."""
        now = self.gate.now()
        if self._known is None or now >= self._known[0]:
            said = await self._fetched(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if said.get("issuer") != self.provider.issuer:
                raise ProviderError(f"the provider says that it is {said.get('issuer')}, not {self.provider.issuer}")
            missing = [n for n in ("authorization_endpoint", "token_endpoint", "jwks_uri") if n not in said]
            if missing:
                raise ProviderError(f"the provider does not say its {', '.join(missing)}")
            self._known = now + _KEPT, said
        return self._known[1]

    async def _fetched(self, url: str) -> dict[str, Any]:
        import httpx2

        try:
            async with httpx2.AsyncClient(timeout=_SECONDS) as client:
                said = (await client.get(url)).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderError(f"the provider cannot be asked: {url}: {error}") from error
        if not isinstance(said, dict):
            raise ProviderError(f"the provider answers with something else than an object: {url}")
        return said

    def _asking(self, redirect: str) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        secret = self.provider.client_secret
        return AsyncOAuth2Client(
            client_id=self.provider.client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            token_endpoint_auth_method="none" if secret is None else "client_secret_basic",
            scope=self.provider.scope,
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    def _account(self, claims: Mapping[str, Any]) -> Account:
        """The account of whoever was signed in, made with the first sign-in; its roles are those of the claims now."""
        accounts, now = self.gate.accounts, self.gate.now()
        roles, titles = mapped(claims, self.provider)
        known = accounts.signed_in_by(self.provider.issuer, str(claims["sub"]))
        if known is not None and known.disabled:
            raise SignInError(f"the account {known.name} is disabled")
        if not roles and not titles:
            raise SignInError("the provider gives you none of the roles that count here")
        if known is None:
            try:
                name = account_name(str(claims.get(self.provider.name_claim) or claims["sub"]))
            except AccessError as error:
                raise SignInError(str(error)) from error
            person = Person(name, roles, titles)
            account = Account(person, "", self.provider.issuer, str(claims["sub"]), created=now, changed=now)
            entry = Entry.of(now, name, "user added", name, issuer=self.provider.issuer, **said_of(person))
            if not accounts.add(account, entry):
                raise SignInError(f"there is another account {name}, which does not sign in by the provider")
            return account
        account = replace(known, person=replace(known.person, roles=roles, titles=titles))
        if account != known:
            entry = Entry.of(now, account.name, "roles changed", account.name, **said_of(account.person))
            accounts.change(account, entry, sign_out=False)
            self.gate.forget()
        return account


def mapped(claims: Mapping[str, Any], provider: OpenIdProvider) -> tuple[frozenset[Role], frozenset[str]]:
    """The roles and titles that claims give. `roles_claim` may be a path with points, as in `realm_access.roles`."""
    found: Any = claims
    for name in provider.roles_claim.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    said = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    given = {role for value in said if isinstance(value, str) for role in provider.roles.get(value, ())}
    roles = frozenset(Role(role) for role in given if role in set(Role))
    return roles, frozenset(given) - frozenset(map(str, roles))
