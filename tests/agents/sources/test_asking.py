from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from agents.sources.asking import (
    ClientCredentials,
    Cursor,
    Found,
    answered,
    asked,
    base_url,
    next_parameter,
    objects,
)
from agents.sources.drafts import aware_time
from agents.sources.errors import FetchError
from agents.sources.fetching import Request, Response

BEGIN = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
PAGE = 3
"""Records of an answer."""


def at(seconds: int) -> str:
    return (BEGIN + dt.timedelta(seconds=seconds)).isoformat()


def read_to_the_end(cursor: str, records: Mapping[str, int]) -> tuple[list[tuple[str, str]], str]:
    """What a source finds in a system whose lists go by pages, until there is no more."""
    found: list[tuple[str, str]] = []
    for _ in range(100):
        here = Cursor.read(cursor)
        since = aware_time(here.begin)
        listed = [Found(name, at(when)) for name, when in sorted(records.items(), key=lambda each: (each[1], each[0]))]
        listed = [each for each in listed if since is None or dt.datetime.fromisoformat(each.at) >= since]
        start = int(here.page or 0)
        page = listed[start : start + PAGE]
        more = str(start + PAGE) if listed[start + PAGE :] else ""
        found += [(each.name, each.at) for each in here.new(page)]
        cursor = here.after(page, more).written
        if not more:
            return found, cursor
    raise AssertionError("it never ends")


changes = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), max_size=6), max_size=4)


@given(changes)
@settings(max_examples=60)
def test_everything_that_changes_is_found_once_whatever_the_pages(rounds: list[dict[str, int]]) -> None:
    records: dict[str, int] = {}
    now, cursor = 0, ""
    for changed in rounds:
        now += 100
        records |= {name: now + seconds for name, seconds in changed.items()}
        found, cursor = read_to_the_end(cursor, records)
        assert sorted(found) == sorted((name, at(records[name])) for name in changed)


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 300), max_size=6),
    st.sampled_from("xyz"),
    st.integers(0, 59),
)
@settings(max_examples=40)
def test_what_is_shown_a_minute_late_is_found_all_the_same(records: dict[str, int], late: str, seconds: int) -> None:
    _, cursor = read_to_the_end("", records)
    last = max(records.values(), default=0)
    found, _ = read_to_the_end(cursor, {**records, late: last - seconds})
    assert found == [(late, at(last - seconds))]


def test_a_cursor_of_another_source_is_told() -> None:
    for text in ("7", "{}", '{"begin": 1}', "[1]"):
        with pytest.raises(FetchError, match="is none of this source's"):
            Cursor.read(text)


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ('<https://x/o?page_info=a&limit=2>; rel="next"', "a"),
        ('<https://x/o?page_info=b>; rel="previous", <https://x/o?limit=2&page_info=c>; rel="next"', "c"),
        ("<https://x/o?page_info=d>; rel=next", "d"),
        ('<https://x/o?page_info=e>; rel="previous"', ""),
        ('<https://x/o?page=e>; rel="next"', ""),
        ("", ""),
        ("nonsense>;;, <", ""),
    ],
)
def test_the_next_page_stands_in_the_link_header(link: str, page: str) -> None:
    assert next_parameter(Response(200, {"link": link}), "page_info") == page


def test_a_refusal_has_its_status_and_the_cure() -> None:
    with pytest.raises(FetchError, match=r"the shop answered 401: correct the key \(no\)") as caught:
        asked(lambda _: Response(401, {}, b"no"), Request("https://x"), "the shop", {401: "correct the key"})
    assert caught.value.status == 401
    with pytest.raises(FetchError, match="the shop answered 500: oh"):
        asked(lambda _: Response(500, {}, b"oh"), Request("https://x"), "the shop", {})


def test_numbers_of_an_answer_keep_their_digits() -> None:
    assert answered(Response(200, {}, b'{"a": 1.10, "b": 2}'), "it") == {"a": "1.10", "b": 2}
    for body in (b"<html>", b"", b"[" * 100_000, b"\xff"):
        with pytest.raises(FetchError, match="is not JSON"):
            answered(Response(200, {}, body), "it")


@pytest.mark.parametrize("told", [None, [], {"orders": {}}, {"orders": [1]}, "orders"])
def test_a_list_that_is_none_is_told(told: object) -> None:
    with pytest.raises(FetchError, match="it answered no list of orders"):
        objects(told, "orders", "it")


@pytest.mark.parametrize("url", ["https://a.example/", "http://127.0.0.1:8", "https://a.example:8443/shop"])
def test_an_address_is_kept_without_its_slash(url: str) -> None:
    assert base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["a.example", "ftp://a.example", "https://", "https://me:key@a.example", "https://a/?b"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        base_url(url)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"error": "invalid_client"}', 400, "client_id or client_secret is wrong"),
        (b"{}", 200, "gave no access_token"),
        (b"[]", 200, "gave no access_token"),
        (b"busy", 503, "answered 503: busy"),
    ],
)
def test_a_token_that_is_not_given_is_told(body: bytes, status: int, said: str) -> None:
    credentials = ClientCredentials("https://x/token", "me", SecretStr("s"), "the shop")
    with pytest.raises(FetchError, match=said):
        credentials.ask(lambda _: Response(status, {}, body), "authorization", "Bearer {}", Request("https://x/orders"))
