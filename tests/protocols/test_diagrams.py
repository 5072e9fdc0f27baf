"""The documentation of the protocols is what their tables generate."""

from pathlib import Path

import pytest

from protocols import diagrams
from protocols.interaction import CONTRACT_NET, PROTOCOLS, REQUEST, InteractionProtocol

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=lambda protocol: protocol.name)


def markers() -> str:
    """A document with nothing between its markers."""
    return "".join(f"# {name}\n<!-- generated: {name} -->\n<!-- end: {name} -->\n" for name in PROTOCOLS)


def test_the_document_is_up_to_date() -> None:
    document = diagrams.DOCUMENT.read_text(encoding="utf-8")
    assert diagrams.render(document) == document, f"docs/protocols.md is out of date: run {diagrams.COMMAND}"


@every_protocol
def test_a_diagram_has_an_arrow_for_every_row_and_final_state(protocol: InteractionProtocol) -> None:
    arrows = [line for line in diagrams.mermaid(protocol).splitlines() if "-->" in line]
    assert len(arrows) == len(protocol.transitions) + len(protocol.final)


def test_a_diagram_names_who_says_what() -> None:
    lines = diagrams.mermaid(REQUEST).splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert lines[1] == "    [*] --> requested: initiator request"
    assert "    requested --> agreed: responder agree *" in lines
    assert lines[-1] == "    failed --> [*]"


def test_a_table_says_its_deadlines_in_words() -> None:
    lines = diagrams.markdown(CONTRACT_NET).splitlines()
    assert len(lines) == 2 + len(CONTRACT_NET.transitions)
    silence = "carries `reply_by`; silence past it ends the conversation"
    assert f"| start | initiator | cfp | called | {silence} |" in lines
    late = "late after `reply_by`, answered with reject-proposal"
    assert f"| called | responder | propose | proposed | {late} |" in lines
    assert "| accepted | responder | inform | **done** |  |" in lines


def test_rendering_leaves_other_text_alone_and_comes_to_rest() -> None:
    once = diagrams.render(f"before\n{markers()}after\n")
    assert once.startswith("before\n# ")
    assert once.endswith("after\n")
    assert all(diagrams.generated(protocol) in once for protocol in PROTOCOLS.values())
    assert diagrams.render(once) == once


@pytest.mark.parametrize("broken", ["", markers() * 2, markers().replace("<!-- end: request -->\n", "")])
def test_a_document_without_one_pair_of_markers_a_protocol_is_an_error(broken: str) -> None:
    with pytest.raises(ValueError, match="generated: request"):
        diagrams.render(broken)


def test_the_command_says_that_the_document_is_out_of_date_and_brings_it_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "protocols.md"
    document.write_text(markers(), encoding="utf-8")
    monkeypatch.setattr(diagrams, "DOCUMENT", document)
    assert diagrams.main([]) == 1
    assert diagrams.COMMAND in capsys.readouterr().err
    assert diagrams.main(["--write"]) == 0
    assert diagrams.main([]) == 0
