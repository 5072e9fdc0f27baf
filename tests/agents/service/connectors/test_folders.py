from __future__ import annotations

from pathlib import Path

from agents.service.connectors.folders import Folder, Maildir


def names(folder: Folder) -> list[str]:
    return [each.name for each in folder.look()]


def test_a_file_is_whole_when_it_has_stayed_the_same_from_one_look_to_the_next(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "a.json").write_text("{")
    assert names(folder) == []
    (tmp_path / "a.json").write_text("{}")
    assert names(folder) == []
    assert names(folder) == ["a.json"]


def test_files_that_are_no_documents_by_their_names_are_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for name in ("a.json.part", ".hidden.json", "b.tmp", "c.filepart", "d~", "mapping.toml", "e.json"):
        (tmp_path / name).write_text("{}")
    names(folder)
    assert names(folder) == ["e.json"]


def test_what_is_put_away_overwrites_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for text in ("one", "two", "three"):
        (tmp_path / "a.json").write_text(text)
        names(folder)
        [found] = folder.look()
        folder.put_away(found)
    assert {p.name: p.read_text() for p in (tmp_path / "done").iterdir()} == {
        "a.json": "one",
        "a.json.2": "two",
        "a.json.3": "three",
    }


def test_no_way_out_of_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "a.json").symlink_to(tmp_path / "secret")
    folder = Folder(tmp_path / "drop")
    names(folder)
    assert names(folder) == []


def test_a_message_in_a_maildir_is_seen_once(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path)
    (tmp_path / "new" / "1.host").write_bytes(b"From: a\n\nhello")
    [message] = maildir.look()
    assert message.body.endswith(b"hello")
    assert names(maildir) == ["1.host"]  # until it is kept
    maildir.put_away(message)
    assert names(maildir) == []
    assert [p.name for p in (tmp_path / "cur").iterdir()] == ["1.host:2,S"]
