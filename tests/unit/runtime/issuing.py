"""An identity provider in memory: keys, their public set, and tokens signed with them."""

import base64
import json
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as curve_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE, TENANT = "https://id.academy.example/", "academy-api", "north-"
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


@cache
def private(name: str) -> PrivateKey:
    """The key of this name, made once: `rsa…`, `short…` (an RSA key of 1024 bits), `ed…`, else a curve's."""
    if name.startswith(("rsa", "short")):
        return rsa_key(65537, 1024 if name.startswith("short") else 2048)
    if name.startswith("ed"):
        return Ed25519PrivateKey.generate()
    return curve_key(SECP256R1())


def algorithm(name: str) -> str:
    match private(name):
        case RSAPrivateKey():
            return "RS256"
        case Ed25519PrivateKey():
            return "EdDSA"
    return "ES256"


def public(name: str, **more: Any) -> dict[str, Any]:
    """The public half as an entry of a JWK set."""
    return {**json.loads(_told(private(name))), "kid": name, **more}


def _told(key: PrivateKey) -> str:
    match key:
        case RSAPrivateKey():
            return RSAAlgorithm.to_jwk(key.public_key())
        case Ed25519PrivateKey():
            return OKPAlgorithm.to_jwk(key.public_key())
    return ECAlgorithm.to_jwk(key.public_key())


def key_list(names: Iterable[str]) -> bytes:
    return json.dumps({"keys": [public(name) for name in names]}).encode()


def claims(**more: Any) -> dict[str, Any]:
    """Those of an operator's token; None leaves one out."""
    now = int(time.time())
    told: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "tenant": "north",
        "scope": "openid read operate",
    }
    told |= {"iat": now, "nbf": now, "exp": now + 300, **more}
    return {name: value for name, value in told.items() if value is not None}


def signed(name: str = "curve", headers: dict[str, Any] | None = None, **more: Any) -> str:
    given = {"kid": name, **(headers or {})}
    return jwt.encode(claims(**more), private(name), algorithm(name), headers=given)


def by_hand(header: object, payload: object, signature: bytes = b"") -> str:
    """A token that nobody signed."""
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
