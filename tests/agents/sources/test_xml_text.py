from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.errors import UnreadableError
from agents.sources.xml_text import Head, Reader, content, early, head, parse

BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<a/>", Head("a", "", False)),
        (b'\xef\xbb\xbf <?xml version="1.0"?>\n<!-- > --><a xmlns="u:a">', Head("a", "u:a", False)),
        (b"<n:a xmlns='u:other' xmlns:n='u:n' b='c'>", Head("a", "u:n", False)),
        (b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "x"><a>', Head("a", "", True)),
        (b"<!-- never ends", Head("", "", False)),
        (b"text", None),
        (b"", None),
        (b"{}", None),
    ],
)
def test_a_head_tells_the_root(body: bytes, found: Head | None) -> None:
    assert head(body) == found


@pytest.mark.parametrize(
    "body", [BOMB, b'<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>', b"<!-- x --><!DOCTYPE a><a/>"]
)
def test_a_dtd_is_refused_before_it_can_do_anything(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="DTD"):
        parse(body)


@pytest.mark.parametrize(
    "doctype",
    [b"<!DOCTYPE a>", b'<!DOCTYPE a SYSTEM "http://localhost:1/a.dtd" >', b"<!DOCTYPE a PUBLIC '-//A' 'a.dtd'\n>"],
)
def test_a_dtd_that_a_format_wants_may_be_named_and_is_not_there(doctype: bytes) -> None:
    root = parse(b"<!-- x -->" + doctype + b"<a><b>1</b></a>", "a")
    assert root.getroottree().docinfo.internalDTD is None
    assert Reader({}).text(root, "b") == "1"
    for unknown in (b"<a>&nbsp;</a>", b'<a b="1&c;0"/>', b'<!DOCTYPE a SYSTEM "x"><a/>', b"<a>&a;</a>"):
        with pytest.raises(UnreadableError, match=r"not defined|has a DTD"):
            parse(doctype + unknown, "a")
    with pytest.raises(UnreadableError, match="DTD"):
        parse(doctype + b"<a/>", "b")


@pytest.mark.parametrize("inside", [b"[]", b'[<!ENTITY b "c">]', b"[<!ENTITY % b SYSTEM 'c'>%b;]", b"SYSTEM 'x' [ ]"])
def test_a_dtd_that_says_more_than_an_address_is_refused(inside: bytes) -> None:
    with pytest.raises(UnreadableError, match="says more than an address"):
        parse(b"<!DOCTYPE a " + inside + b"><a/>", "a")


def test_an_element_is_found_without_what_comes_behind_it() -> None:
    found = early(b'<!DOCTYPE a SYSTEM "x"><a id="7"><b>1</b><<never read', "b", "a")
    assert found is not None
    assert (found.text, getattr(found.getparent(), "tag", "")) == ("1", "a")
    for body in (b"<a><b>1", b"<a><b>1</b", b"<a><c/></b>", b"", BOMB, b"<a>" + b" " * 300_000 + b"<b>1</b></a>"):
        assert early(body, "b", "a") is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<a>", "not well-formed XML"),
        (b"<a>&nothing;</a>", "Entity 'nothing' not defined"),
        (b"<a>caf\xe9</a>", "save the file as UTF-8"),
        (b"<a>" * 1000 + b"</a>" * 1000, "Excessive depth"),
        (b"<a>" + b"x" * 11_000_000 + b"</a>", "too long"),
        ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "encoding"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "encoding 'UTF-7'"),
    ],
)
def test_what_is_unsound_is_refused_with_its_reason(body: bytes, said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(body)
    assert said in str(caught.value)
    assert "HUGE" not in str(caught.value)


def test_a_declared_encoding_is_honoured() -> None:
    assert parse('<?xml version="1.0" encoding="ISO-8859-1"?><a>café</a>'.encode("latin-1")).text == "café"


def test_comments_and_sections_do_not_cut_a_value() -> None:
    assert content(parse(b"<a>12<!-- not -->34<![CDATA[56]]><?x y?>78</a>")) == "12345678"


def test_a_value_that_holds_elements_is_refused() -> None:
    with pytest.raises(UnreadableError, match="holds elements"):
        content(parse(b"<a>1<b/>2</a>"))


def test_what_may_stand_once_is_refused_twice() -> None:
    reader = Reader({"n": "u:n"})
    root = parse(b'<a xmlns="u:n"><b>1</b><b>2</b><c> 3 </c></a>')
    assert (reader.text(root, "n:c"), reader.text(root, "n:d"), reader.first(root, "n:d", "n:b")) == ("3", "", "1")
    assert reader.all(root, "b") == []
    with pytest.raises(UnreadableError, match="n:b stands 2 times"):
        reader.one(root, "n:b")


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_parser_down(body: bytes) -> None:
    head(b"<" + body)
    try:
        parse(b"<" + body)
    except UnreadableError as error:
        assert str(error)
