"""Texts as XML can hold them."""

from __future__ import annotations

import re

_STRANGE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """A text without the characters that XML has no place for."""
    return _STRANGE.sub("", text)
