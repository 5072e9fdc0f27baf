"""What forms say: fields by line, and mistakes in them as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

_FIELD = re.compile(r"([a-z]+)-(\d{1,4})-([a-z_]+)")


def fields_of(form: FormData, kind: str) -> dict[int, dict[str, str]]:
    """The fields `KIND-NUMBER-NAME` of a form, by number in order: what was written, without spaces around it."""
    found: dict[int, dict[str, str]] = {}
    for name, value in form.multi_items():
        match = _FIELD.fullmatch(name)
        if match and match[1] == kind and isinstance(value, str):
            found.setdefault(int(match[2]), {})[match[3]] = value.strip()
    return dict(sorted(found.items()))


def told_problems(error: ValidationError) -> str:
    """Every mistake of a form: where, and what is wrong."""
    return "; ".join(f"{_place(each['loc'])}: {_said(each)}" for each in error.errors())


def mistakes(error: ValidationError, places: Mapping[int, int]) -> tuple[dict[str, str], str]:
    """Mistakes by the field of a form that they are in, and what is wrong with the whole.

    `places` says in which row of the form each line of the document stands.
    """
    by_field: dict[str, str] = {}
    whole: list[str] = []
    for each in error.errors():
        match each["loc"]:
            case ("lines", int(line), str(name), *_):
                by_field[f"line-{places[line]}-{name}"] = _said(each)
            case (str(name),) if name != "lines":
                by_field[name] = _said(each)
            case ("lines",) if each["type"] == "too_short":  # lines with mistakes count as none
                whole += [] if places else ["the order has no lines"]
            case _:
                whole.append(_said(each))
    return by_field, "; ".join(whole)


def _place(place: tuple[int | str, ...]) -> str:
    words = [f"{each + 1}" if isinstance(each, int) else each.replace("_", " ") for each in place]
    return " ".join(words).replace("lines ", "line ")


def _said(problem: Mapping[str, Any]) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
