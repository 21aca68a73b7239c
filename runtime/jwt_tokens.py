"""Who calls, by a JWT (RFC 7519) of the academy's identity provider: who signed it, for whom, until when, for what."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from runtime.jwks import ALGORITHMS, KeySet
from runtime.problems import Problem, unauthorized
from runtime.tokens import NAME, Caller, Scope

LEEWAY_S = 30
"""Seconds by which the provider's clock may differ from ours."""
LONGEST = 8192
"""Characters of a token; those of providers with long lists of groups have three thousand."""
PREFIX = "jwt:"
"""Heads the names of such callers: no static token may have a colon in its name."""
REQUIRED = ("exp", "iss", "aud", "sub")

_SENTENCES: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "The token has expired; get a new one.",
    jwt.ImmatureSignatureError: "The token is not valid yet; compare the clocks.",
    jwt.InvalidAudienceError: "The token is for another audience.",
    jwt.InvalidIssuerError: "The token comes from another issuer.",
    jwt.InvalidSignatureError: "The token's signature is not its issuer's.",
    jwt.InvalidAlgorithmError: f"The token must be signed by {', '.join(sorted(ALGORITHMS))}, as its key says.",
    jwt.MissingRequiredClaimError: f"The token must have the claims {', '.join(REQUIRED)}.",
}
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError, RecursionError)
"""Deep or absurd JSON, which a stranger can write into a header, raises what its parser raises; so does a year 10^9."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken; `tenant` is what the claim of that name must say, None for nothing at all."""

    keys: KeySet
    name: str
    audience: str
    tenant_claim: str
    tenant: str

    async def caller(self, token: str) -> Caller:
        """Who calls; raises the problem 401 with what is wrong, and 503 while the key cannot be had."""
        key = await self.keys.key(_key_id(token))
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self.audience,
                issuer=self.name,
                leeway=LEEWAY_S,
                options={"require": list(REQUIRED)},
            )
            expires_at = datetime.fromtimestamp(float(claims["exp"]) + LEEWAY_S, UTC)
        except _UNREADABLE as wrong:
            raise _refused(wrong) from None
        return Caller(_name(claims), self._scopes(claims), expires_at)

    def _scopes(self, claims: dict[str, Any]) -> frozenset[Scope]:
        """Those of ours among the scopes; raises the problem 401 for another tenant's token."""
        if claims.get(self.tenant_claim, "") not in (self.tenant, self.tenant.removesuffix("-")):
            raise unauthorized(f"The token is another tenant's: its claim {self.tenant_claim} names another.")
        said = claims.get("scope", "")
        words = said.split() if isinstance(said, str) else ()
        return frozenset(scope for scope in Scope if scope in words)


def looks_like_one(secret: str) -> bool:
    """Whether it has the shape of a JWT: three parts between two points."""
    return secret.count(".") == 2 and len(secret) <= LONGEST


def _key_id(token: str) -> str:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except _UNREADABLE as wrong:
        raise _refused(wrong) from None
    if not isinstance(kid, str):
        raise unauthorized("The token does not say which key signed it (kid).")
    return kid


def _name(claims: dict[str, Any]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not NAME.fullmatch(subject):
        raise unauthorized("The token's sub must be 1 to 64 letters, digits, points, hyphens or underscores.")
    return PREFIX + subject


def _refused(wrong: Exception) -> Problem:
    for kind, sentence in _SENTENCES.items():
        if isinstance(wrong, kind):
            return unauthorized(sentence)
    return unauthorized("This is no token that can be read here.")
