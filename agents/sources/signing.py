"""Signatures of webhooks, checked on the raw body before anything of it is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it came: names of `headers` in small letters, `received` in seconds since 1970."""

    headers: Mapping[str, str]
    body: bytes
    received: int
    method: str = "POST"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Hmac:
    """An HMAC of the body in a header; `secret` is the field of the configuration that holds the key."""

    header: str
    secret: str = "secret"
    encoding: Literal["base64", "hex"] = "base64"
    algorithm: str = "sha256"
    prefix: str = ""

    def fits(self, delivery: Delivery, secret: SecretStr) -> bool:
        """Whether the delivery was signed with the secret."""
        return same(
            self.prefix + digest(delivery.body, secret, self.encoding, self.algorithm),
            delivery.headers.get(self.header.lower(), ""),
        )


def digest(body: bytes, secret: SecretStr, encoding: str = "base64", algorithm: str = "sha256") -> str:
    """The HMAC of a body as text."""
    code = hmac.new(secret.get_secret_value().encode(), body, algorithm)
    return code.hexdigest() if encoding == "hex" else base64.b64encode(code.digest()).decode()


def same(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def content_id(body: bytes) -> str:
    """A name for a delivery that has none of its own: the same body has the same."""
    return hashlib.sha256(body).hexdigest()[:32]
