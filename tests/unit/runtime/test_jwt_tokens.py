"""JWTs: whose are taken, and every forgery that is not."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from runtime.jwks import KeySet
from runtime.jwt_tokens import LEEWAY_S, LONGEST, Issuer, looks_like_one
from runtime.problems import Problem
from runtime.tokens import Caller, Scope
from tests.unit.runtime.issuing import (
    AUDIENCE,
    ISSUER,
    TENANT,
    by_hand,
    claims,
    key_list,
    private,
    signed,
)

ALL = ("curve", "rsa", "ed")


def issuer(names: Sequence[str] = ALL, tenant: str = TENANT) -> Issuer:
    async def fetch() -> bytes:
        return key_list(names)

    return Issuer(KeySet(fetch), ISSUER, AUDIENCE, "tenant", tenant)


def caller(token: str, of: Issuer | None = None) -> Caller:
    return asyncio.run((of or issuer()).caller(token))


def refusal(token: str, of: Issuer | None = None) -> Problem:
    with pytest.raises(Problem) as refused:
        caller(token, of)
    assert refused.value.status_code == 401
    assert (refused.value.headers or {})["WWW-Authenticate"].startswith("Bearer")
    return refused.value


@pytest.mark.parametrize("name", ALL)
def test_a_token_of_the_issuer_is_taken(name: str) -> None:
    found = caller(signed(name, exp=int(time.time()) + 300))

    assert (found.name, found.scopes) == ("jwt:ada", frozenset({Scope.READ, Scope.OPERATE}))
    assert found.expires_at is not None
    assert found.expires_at.timestamp() == pytest.approx(time.time() + 300 + LEEWAY_S, abs=5)


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE, "another"]])
def test_an_audience_may_be_one_of_many(audience: object) -> None:
    assert caller(signed(aud=audience)).name == "jwt:ada"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"exp": int(time.time()) - LEEWAY_S - 5}, "has expired"),
        ({"nbf": int(time.time()) + 86_400}, "not valid yet"),
        ({"iat": int(time.time()) + 86_400}, "not valid yet"),
        ({"aud": "another-api"}, "another audience"),
        ({"aud": ["another-api"]}, "another audience"),
        ({"aud": f"{AUDIENCE}-too"}, "another audience"),
        ({"iss": "https://evil.example/"}, "another issuer"),
        ({"iss": ISSUER.rstrip("/")}, "another issuer"),
        ({"exp": None}, "must have the claims"),
        ({"iss": None}, "must have the claims"),
        ({"aud": None}, "must have the claims"),
        ({"sub": None}, "must have the claims"),
        ({"exp": "soon"}, "can be read"),
        ({"exp": 1e400}, "can be read"),
        ({"exp": 10**18}, "can be read"),
        ({"tenant": "south"}, "another tenant"),
        ({"tenant": "north-east"}, "another tenant"),
        ({"tenant": "nort"}, "another tenant"),
        ({"tenant": ""}, "another tenant"),
        ({"tenant": ["north"]}, "another tenant"),
        ({"tenant": None}, "another tenant"),
        ({"sub": ""}, "sub must be"),
        ({"sub": "ada lovelace"}, "sub must be"),
        ({"sub": "ada\r\nX-Evil: 1"}, "sub must be"),
        ({"sub": "ada\n"}, "sub must be"),
        ({"sub": "a" * 65}, "sub must be"),
    ],
)
def test_a_token_for_another_use_is_refused_and_says_why(changed: dict[str, Any], sentence: str) -> None:
    assert sentence in str(refusal(signed(**changed)).detail)


def test_clocks_may_differ_a_little() -> None:
    now = int(time.time())

    assert caller(signed(exp=now - LEEWAY_S + 10)).name == "jwt:ada"
    assert caller(signed(nbf=now + LEEWAY_S - 10)).name == "jwt:ada"


@pytest.mark.parametrize("tenant", ["north", "north-"])
def test_the_tenant_is_the_prefix_with_or_without_its_hyphen(tenant: str) -> None:
    assert caller(signed(tenant=tenant)).name == "jwt:ada"


def test_without_a_prefix_no_tenant_may_be_named() -> None:
    bare = issuer(tenant="")

    assert caller(signed(tenant=None), bare).name == "jwt:ada"
    assert caller(signed(tenant=""), bare).name == "jwt:ada"
    assert "another tenant" in str(refusal(signed(tenant="north"), bare).detail)


@pytest.mark.parametrize("scope", [None, "", "openid email", "READ", "read,operate", ["read"], 7])
def test_scopes_that_are_not_ours_give_nothing(scope: object) -> None:
    assert caller(signed(scope=scope)).scopes == frozenset()


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_that_nobody_signed_is_refused(name: str) -> None:
    for kid in ("curve", "rsa", None):
        header = {"alg": name, "typ": "JWT"} | ({"kid": kid} if kid else {})
        refusal(by_hand(header, claims()))


def test_a_public_key_is_no_shared_secret() -> None:
    """The classic: HS256 under the text of the public key, which everybody knows."""
    known = private("rsa").public_key()
    for text in (
        known.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key_list(["rsa"]),
    ):
        unsigned = by_hand({"alg": "HS256", "kid": "rsa"}, claims()).rstrip(".")
        made = hmac.new(text, unsigned.encode(), hashlib.sha256).digest()
        refusal(f"{unsigned}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}")


def test_a_key_verifies_its_own_algorithm_only() -> None:
    refusal(jwt.encode(claims(), private("rsa"), "RS512", headers={"kid": "rsa"}))
    refusal(jwt.encode(claims(), private("rsa"), "PS256", headers={"kid": "rsa"}))
    refusal(signed("curve", {"kid": "rsa"}))


def test_a_changed_token_is_refused() -> None:
    header, payload, signature = signed().split(".")
    other = signed(sub="eve", scope="admin").split(".")

    assert "signature" in str(refusal(f"{header}.{other[1]}.{signature}").detail)
    refusal(f"{header}.{payload}.{signature[:-4]}AAAA")
    refusal(f"{header}.{payload}.")
    refusal(signed("curve-of-eve", {"kid": "curve"}))


def test_a_key_in_the_token_itself_is_not_looked_at() -> None:
    own = {"jwk": {"kty": "oct", "k": "c2VjcmV0"}, "jku": "https://evil.example/keys", "kid": "evil"}

    assert "does not list" in str(refusal(signed("curve-of-eve", own)).detail)


@pytest.mark.parametrize(
    "token",
    [
        "..",
        "a.b.c",
        "\u0000.\u0000.\u0000",
        "ünï.cödé.tökén",
        by_hand([], {}),
        by_hand("text", {}),
        by_hand({"kid": 7, "alg": "ES256"}, {}),
        by_hand({"kid": ["curve"], "alg": "ES256"}, {}),
        by_hand({"alg": "ES256"}, claims()),
        by_hand({"kid": "curve", "alg": "ES256", "crit": ["exp"]}, claims()),
        by_hand({"kid": "curve", "alg": ["ES256"]}, claims()),
        by_hand({"kid": "curve", "alg": "ES256", "b64": False}, claims()),
        base64.urlsafe_b64encode(b'{"a":' + b"[" * 5000).decode() + ".e30.",
        base64.urlsafe_b64encode(b'{"a":' + b"9" * 5000 + b"}").decode() + ".e30.",
        base64.urlsafe_b64encode(b'{"a":"\xff"}').decode() + ".e30.",
    ],
    ids=range(15),
)
def test_nonsense_is_refused(token: str) -> None:
    refusal(token)


def test_only_what_has_the_shape_of_one_is_read() -> None:
    assert looks_like_one(signed())
    assert not looks_like_one("a-secret-of-the-tests")
    assert not looks_like_one("a.b")
    assert not looks_like_one(f"a.b.{'c' * LONGEST}")
