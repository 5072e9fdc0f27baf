"""The picture of an outlook: it stands alone, says what it shows, and is the same whenever it is drawn."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from lxml import etree

from knowledge.errors import SocietyError
from knowledge.instants import DAY
from knowledge.outlook import Outlook
from simulations.report.outlook_picture import check_picture, write_picture
from tests.simulations.outlooks import LINE, many, outlook, three

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(shown: Outlook, place: Path) -> etree._Element:
    file = place / "picture.svg"
    write_picture(shown, file)
    return etree.fromstring(file.read_bytes())


def texts(svg: etree._Element) -> list[str]:
    return ["".join(str(part) for part in node.itertext()) for node in svg.iter(f"{_SVG}text")]


def test_it_has_a_title_the_key_figures_axes_and_a_legend(tmp_path: Path) -> None:
    said = texts(drawn(three(), tmp_path))
    assert "Availability of A: Axle" in said
    assert (
        "As of 2026-01-05 08:00: on hand 2 EA, safety stock 1 EA, lowest balance −1 EA at 2026-01-06 08:00, "
        "short from 2026-01-06 08:00"
    ) in said
    for words in ("Quantity (EA)", "Time (Europe/Berlin)", "Wed 00:00", "−1", "0"):
        assert words in said
    for line in ("projected balance", "promisable from then on", "safety stock", "now"):
        assert line in said


def test_it_needs_no_style_sheet_and_has_a_ground_of_its_own(tmp_path: Path) -> None:
    svg = drawn(three(), tmp_path)
    ground = next(iter(svg))
    assert (ground.tag, ground.get("fill"), ground.get("width")) == (f"{_SVG}rect", "white", svg.get("width"))
    assert b"var(" not in etree.tostring(svg)
    assert svg.get("aria-label", "").startswith("Availability of A over time: on hand 2 EA")
    assert {node.get("font-family") for node in svg.iter(f"{_SVG}text")} == {
        "Liberation Sans, Arial, Helvetica, sans-serif"
    }


def test_only_what_is_drawn_is_in_the_legend(tmp_path: Path) -> None:
    said = texts(drawn(outlook([(LINE, DAY, -1)], 1), tmp_path))
    assert "safety stock" not in said
    assert "now" in said


def test_pieces_are_not_counted_in_fractions(tmp_path: Path) -> None:
    assert "0.5" not in texts(drawn(outlook([(LINE, DAY, -1)], 1), tmp_path))
    assert "0.5" in texts(drawn(outlook([(LINE, DAY, -1)], 15, decimals=1), tmp_path))


def test_very_large_quantities_are_written_short(tmp_path: Path) -> None:
    said = texts(drawn(many()["large"], tmp_path))
    assert {"0", "100T", "300T"} <= set(said)


def test_signs_that_no_xml_can_hold_are_replaced(tmp_path: Path) -> None:
    assert "Availability of A: Ax�le <b>" in texts(drawn(outlook((), 1, description="Ax\x0cle <b>"), tmp_path))


@pytest.mark.parametrize("name", many())
def test_every_outlook_can_be_drawn(name: str, tmp_path: Path) -> None:
    svg = drawn(many()[name], tmp_path)
    assert float(svg.get("width", "0")) < 1200


def test_the_suffix_decides_on_png(tmp_path: Path) -> None:
    write_picture(three(), tmp_path / "picture.PNG")
    data = (tmp_path / "picture.PNG").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", data[16:20])[0] > 1600


def test_the_same_outlook_is_drawn_by_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        write_picture(three(), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


@pytest.mark.parametrize(
    "name, told",
    [
        ("picture.pdf", "a picture is written as .svg or .png"),
        ("picture", "a picture is written as .svg or .png"),
        ("none/picture.svg", "its folder is not there"),
        ("folder.svg", "is a folder"),
    ],
)
def test_a_place_for_no_picture_is_refused(name: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(SocietyError, match=told):
        check_picture(tmp_path / name)


def test_a_picture_may_be_written_again(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_text("old")
    check_picture(tmp_path / "picture.png")
