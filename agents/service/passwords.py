"""Passwords, kept as argon2id hashes; and secrets that are long enough to be kept as plain SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

STRONG = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""The second of the parameter sets that RFC 9106 recommends: 64 MiB, three passes."""

_hasher = STRONG


def hashed(password: str) -> str:
    """What to keep of a password."""
    return _hasher.hash(password)


def is_right(password: str, kept: str) -> bool:
    """Whether it is the password. Where nothing is kept it is not, and saying so takes as long."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(kept)


def digest(secret: str) -> str:
    """What to keep of a secret that was drawn at random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """A secret of 256 bits that nobody guesses."""
    return secrets.token_urlsafe(32)


@cache
def _nobodys() -> str:
    return hashed(new_token())
