"""The report: everything of a run is on the page, and the page needs nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from urllib.parse import unquote

import pytest
from lxml import html

from knowledge.instants import DAY, HOUR, iso, parse
from knowledge.plant import Plant
from knowledge.wording import show_end, show_price, show_quantity, show_span
from simulations.report import MessageView, build_report
from simulations.report.availability import courses, plotted
from simulations.report.gantt import window
from simulations.report.lines import LineState, key_figures, order_lines
from simulations.report.messages import choose_subject
from simulations.report.pegs import pegging
from simulations.report.reading import read_pegs, read_tables
from simulations.report.records import Operation
from simulations.report.sequence import sequence_diagram
from tests.simulations.sample_tables import NOW, ZONE, Row, Sample, conversation, empty_tables, sample, sample_plant


@cache
def run() -> Sample:
    return sample(30)


@cache
def page() -> str:
    return build(run())


def build(made: Sample) -> str:
    return build_report(made.tables, made.messages, "A day of mixed orders", ZONE, NOW, made.plant)


def parsed(text: str) -> html.HtmlElement:
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))


def found(path: str, text: str | None = None) -> list[html.HtmlElement]:
    """Elements of the page by XPath."""
    result = parsed(page() if text is None else text).xpath(path)
    assert isinstance(result, list)
    return [element for element in result if isinstance(element, html.HtmlElement)]


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def table_rows(caption: str, text: str | None = None) -> list[list[str]]:
    """The rows of the table whose caption begins so, as words."""
    path = f"//table[starts-with(normalize-space(caption), '{caption}')]/tbody/tr"
    return [[words(cell) for cell in row] for row in found(path, text)]


def promise(line: str, status: str = "promised", promised: str = "2026-01-10T00:00:00+01:00", **more: str) -> Row:
    """A row of promises.csv, requested for the end of 9 January."""
    row = {"order": "t/1", "line": line, "item": "GEAR-7", "classified_as": "make", "quantity": "2", "reason": ""}
    return {**row, "requested": "2026-01-10T00:00:00+01:00", "promised": promised, "status": status, **more}


def work_order(number: str, item: str, quantity: str, pegged_to: str, status: str = "planned") -> Row:
    times = {"start": "2026-01-06T08:00:00+01:00", "finish": "2026-01-06T12:00:00+01:00"}
    return {"work_order": number, "item": item, "quantity": quantity, **times, "status": status, "pegged_to": pegged_to}


def page_of(**tables: list[Row]) -> str:
    """The report of a run that wrote only these tables."""
    return build(Sample(sample_plant(), {**empty_tables(), **tables}, []))


def test_every_order_line_appears_with_its_promise() -> None:
    rows = table_rows("Order lines")
    assert [row[0] for row in rows] == [unquote(f"{row['order']}/{row['line']}") for row in run().tables["promises"]]
    assert all(row[5] for row in rows if row[7] in {"on time", "late", "at risk"})


def test_every_document_of_the_run_appears() -> None:
    body = words(parsed(page()).body)
    for table, column in (
        ("work_orders", "work_order"),
        ("purchase_orders", "purchase_order"),
        ("shipping_orders", "shipping_order"),
        ("approvals", "approval"),
        ("quarantine", "document"),
    ):
        for row in run().tables[table]:
            assert row[column] in body


def test_a_late_line_says_in_words_how_late_it_is_and_why() -> None:
    late = promise("1", promised="2026-01-13T06:00:00+01:00", reason="MILL is full until Monday")
    (row,) = table_rows("Order lines", page_of(promises=[late]))
    assert row[4:] == ["2026-01-09 24:00", "2026-01-13 06:00", "3 d 6 h", "late", "MILL is full until Monday"]


def test_a_line_promised_in_time_is_not_called_late() -> None:
    (row,) = table_rows("Order lines", page_of(promises=[promise("1")]))
    assert row[6:8] == ["", "on time"]


def test_a_line_without_a_requested_time_is_wanted_as_soon_as_possible_and_never_late() -> None:
    (row,) = table_rows("Order lines", page_of(promises=[promise("1", requested="")]))
    assert row[4] == "as soon as possible"
    assert row[7] == "on time"


def test_html_in_names_is_shown_and_not_obeyed() -> None:
    assert 'Ball valve 1/2" <b>PN 40</b> & lever' in words(parsed(page()).body)
    assert not found("//script")
    assert not [element for element in found("//b") if words(element) == "PN 40"]


def test_markup_in_every_kind_of_name_is_escaped() -> None:
    evil = '"><script>alert(1)</script>'
    made = run()
    tables = {
        name: [{column: evil if not _typed(column, value) else value for column, value in row.items()} for row in rows]
        for name, rows in made.tables.items()
    }
    messages = [replace(message, sender=evil, kind=evil, note=evil, performative=evil) for message in made.messages]
    text = build_report(tables, messages, evil, ZONE, NOW, replace(made.plant, name=evil))
    assert "<script" not in text
    assert evil in words(parsed(text).body)


def _typed(column: str, value: str) -> bool:
    """Whether a cell has to stay a time, a number or a list of pegs."""
    return column == "pegged_to" or bool(re.fullmatch(r"[\d.:+T-]*", value)) or column in {"work_order", "status"}


def test_control_characters_do_not_reach_the_page() -> None:
    text = page_of(promises=[promise("1", reason="bell \x07 and \x1b[31m and \u202e reversed")])
    assert not re.search("[\x00-\x08\x1b\u202e]", text)


def test_the_same_run_gives_the_same_bytes() -> None:
    assert build(sample(30)) == page()


def test_the_page_loads_nothing_from_anywhere() -> None:
    assert set(re.findall(r"https?://[^\"'\s)]*", page())) <= {"http://www.w3.org/2000/svg"}
    assert not found("//link | //iframe | //img | //object | //*[@src]")
    assert "@import" not in page()
    assert all(str(element.get("href")).startswith("#") for element in found("//*[@href]"))


def test_every_link_leads_to_a_place_in_the_page() -> None:
    places = {str(element.get("id")) for element in found("//*[@id]")}
    assert {str(element.get("href"))[1:] for element in found("//*[@href]")} <= places


def test_no_two_places_in_the_page_have_one_name() -> None:
    names = [str(element.get("id")) for element in found("//*[@id]")]
    assert len(names) == len(set(names))


def test_headings_begin_with_one_and_skip_no_level() -> None:
    levels = [int(str(element.tag)[1]) for element in found("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_says_what_its_heads_are_for() -> None:
    tables = found("//table")
    assert tables
    assert all(table.find("caption") is not None for table in tables)
    assert all(head.get("scope") in {"col", "row"} for head in found("//th"))


def test_every_picture_has_words_for_those_who_do_not_see_it() -> None:
    pictures = found("//svg")
    assert len(pictures) > 3
    assert all(picture.get("role") == "img" and picture.get("aria-label") for picture in pictures)


def test_a_run_without_anything_gives_a_page_that_says_so() -> None:
    text = build_report(empty_tables(), [], "An empty day", ZONE, NOW, Plant())
    said = {words(element) for element in found("//p[@class='nothing']", text)}
    assert {"No orders were taken.", "No operations were planned.", "Nothing was bought."} <= said
    assert len(said) == len(found("//section", text))  # figures have none, people to decide two
    assert not found("//table", text)


def test_tables_that_are_missing_altogether_count_as_empty() -> None:
    assert "No orders were taken." in build_report({}, [], "Nothing", ZONE, NOW, Plant())


def test_a_long_table_is_cut_and_says_how_much_is_left() -> None:
    text = page_of(promises=[promise(str(number)) for number in range(740)])
    assert len(table_rows("Order lines", text)) == 500
    assert "The first 500 rows; 240 more are in promises.csv." in words(parsed(text).body)


def test_a_long_table_keeps_the_lines_that_need_attention() -> None:
    rows = [promise(str(number)) for number in range(740)]
    rows[733] = promise("733", status="infeasible", promised="", reason="no supplier")
    assert table_rows("Order lines", page_of(promises=rows))[0][7] == "infeasible"


def test_the_tree_of_an_order_leads_down_to_what_is_bought() -> None:
    purchase = {
        "purchase_order": "PO-1", "supplier": "NORDSTAHL", "item": "STEEL-20", "quantity": "40", "unit_price": "3.2",
        "currency": "EUR", "order_by": "", "due": "2026-01-06T00:00:00+01:00", "status": "planned",
        "pegged_to": "WO-2=4 stock=36",
    }  # fmt: skip
    orders = [work_order("WO-1", "PUMP-10", "3", "t/SO%201/1=3"), work_order("WO-2", "SHAFT", "3", "WO-1=3")]
    text = page_of(
        promises=[promise("1", order="t/SO%201", item="PUMP-10")], work_orders=orders, purchase_orders=[purchase]
    )
    (tree,) = found("//details[contains(@class, 'tree')]", text)
    told = words(tree)
    assert told.index("t/SO 1") < told.index("WO-1") < told.index("WO-2") < told.index("PO-1")
    assert "4 KG (of 40) of STEEL-20, from NORDSTAHL" in told
    assert "from stock 2 KG of STEEL-20" in told  # the shafts need 6, 4 are pegged
    assert "from stock 3 EA of SEAL-KIT" in told


def test_a_work_order_links_to_what_it_is_for() -> None:
    text = page_of(promises=[promise("1")], work_orders=[work_order("WO-1", "GEAR-7", "2", "t/1/1=2")])
    (link,) = found("//table[starts-with(caption, 'Work orders')]//a", text)
    (target,) = found(f"//*[@id='{str(link.get('href'))[1:]}']", text)
    assert words(target).startswith("line 1")


def test_pegs_in_a_ring_do_not_go_on_for_ever() -> None:
    ring = [work_order("WO-1", "GEAR-7", "1", "WO-2=1"), work_order("WO-2", "GEAR-7", "1", "WO-1=1 t/1/1=1")]
    pegs = pegging(read_tables({"promises": [promise("1")], "work_orders": ring}), sample_plant())
    assert pegs.purpose("WO-1") == "t/1/1"
    (second,) = pegs.branches("t/1/1", set())
    (first,) = second.children
    assert [branch.supply.number for branch in first.children] == ["WO-2"]
    assert first.children[0].repeated


def test_cancelled_supply_is_for_nothing() -> None:
    gone = work_order("WO-1", "GEAR-7", "2", "t/1/1=2", status="cancelled")
    pegs = pegging(read_tables({"work_orders": [gone]}), sample_plant())
    assert not pegs.branches("t/1/1", set())


def test_pegs_are_read_with_their_percent_encoding() -> None:
    first, second = read_pegs("manual/SO%201%3D2/1=3.5 stock=2")
    assert (first.document, first.quantity) == ("manual/SO 1=2/1", Decimal("3.5"))
    assert (second.document, second.quantity) == ("stock", Decimal(2))


def test_a_line_is_counted_once_by_its_worst_part() -> None:
    records = read_tables(
        {"promises": [promise("1"), promise("1", status="infeasible", promised=""), promise("2"), promise("2")]}
    )
    figures = key_figures(records)
    assert figures.orders == 1
    assert figures.lines == {LineState.INFEASIBLE: 1, LineState.ON_TIME: 1}


def test_the_key_figures_add_up_the_spend_of_each_currency() -> None:
    spend = key_figures(read_tables(run().tables)).spend
    expected: dict[str, Decimal] = {}
    for row in run().tables["purchase_orders"]:
        value = Decimal(row["quantity"]) * Decimal(row["unit_price"])
        expected[row["currency"]] = expected.get(row["currency"], Decimal(0)) + value
    assert spend == expected
    assert list(spend) == ["EUR", "USD"]


@pytest.mark.parametrize("label", ["orders", "work orders", "purchase orders", "shipping orders", "lines late"])
def test_the_head_shows_the_figure(label: str) -> None:
    assert [words(card) for card in found(f"//dl[@class='cards']/div[dt = '{label}']/dd/b")]


def test_the_gantt_chart_draws_each_operation_of_its_window_and_says_which_that_is() -> None:
    records = read_tables(run().tables)
    begin, end = window(records.operations, ZONE, NOW)
    inside = [row for row in records.operations if row.start < end and row.finish > begin]
    titles = [str(title.text) for title in found("//section[@aria-labelledby='gantt']//svg//title")]
    drawn = [title for title in titles if title.startswith("WO-")]
    assert len(drawn) == len(inside)
    assert f"{len(inside)} of {len(records.operations)} operations" in page()


def test_the_window_of_the_gantt_chart_skips_a_lonely_early_operation() -> None:
    lonely = Operation("WO-1", "10", "MILL", "1", NOW, NOW + HOUR)
    later = NOW + 40 * DAY
    crowd = [
        Operation(f"WO-{n}", "10", "MILL", "1", later + n * 2 * HOUR, later + (n * 2 + 1) * HOUR) for n in range(20)
    ]
    begin, end = window([lonely, *crowd], ZONE, NOW)
    assert begin <= crowd[0].start < end
    assert begin > lonely.finish


def test_operations_of_cancelled_work_orders_are_not_drawn() -> None:
    row = {"work_order": "WO-1", "step": "10", "work_centre": "MILL", "machine": "1"}
    operation = {**row, "start": "2026-01-06T08:00:00+01:00", "finish": "2026-01-06T12:00:00+01:00"}
    text = page_of(work_orders=[work_order("WO-1", "GEAR-7", "2", "", "cancelled")], operations=[operation])
    assert "No operations were planned." in text


def test_items_that_run_low_are_plotted_before_those_in_plenty() -> None:
    def course(item: str, *balances: int) -> list[Row]:
        times = [iso(NOW + number * DAY, ZONE) for number in range(len(balances))]
        low = [str(min(balances[number:])) for number in range(len(balances))]
        both = zip(times, map(str, balances), low, strict=True)
        return [{"item": item, "time": time, "projected": here, "promisable": free} for time, here, free in both]

    rows = [*course("STEEL-20", 900, 850, 840), *course("CASTING", 40, 5, 45), *course("PUMP-10", 0, 3, 0)]
    rows += [*course("BEARING", 9, 0, 4), *course("PAINT", 70)]
    chosen = plotted(courses(read_tables({"availability": rows}).availability, sample_plant()))
    assert [found.item for found in chosen] == ["CASTING", "BEARING", "STEEL-20"]


def test_the_conversation_shown_is_that_of_the_order_with_the_most_agents() -> None:
    assert choose_subject(run().messages) == "manual/SO-1003"
    assert choose_subject([]) is None


def test_the_sequence_diagram_numbers_every_message_and_names_every_agent() -> None:
    talk = conversation("manual/SO-1003")
    drawn = parsed(f"<body>{sequence_diagram(talk, ZONE, 'talk').svg}</body>")
    said = [words(element) for element in drawn.xpath("//text[@class='said']")]
    assert said == [f"{number} {m.performative} · {m.kind}" for number, m in enumerate(talk, 1)]
    agents = {m.sender for m in talk} | {m.receiver for m in talk}
    assert agents <= {words(element) for element in drawn.xpath("//title")}


def test_the_sequence_diagram_dashes_what_is_refused() -> None:
    diagram = sequence_diagram(conversation("x"), ZONE, "talk")
    assert diagram.svg.count('class="arrow no"') == 1


def test_a_conversation_too_long_to_draw_says_how_much_is_drawn() -> None:
    long = [MessageView(NOW, f"agent-{n % 40}", "planner", "inform", "request", "Word", "c", "t/1") for n in range(90)]
    diagram = sequence_diagram(long, ZONE, "talk")
    assert diagram.drawn + diagram.left_out == 90
    assert f"The diagram shows {diagram.drawn} of them." in build(Sample(sample_plant(), empty_tables(), long))


def test_lines_keep_the_order_of_the_table() -> None:
    rows = [promise("2"), promise("1"), promise("2", status="infeasible", promised="")]
    assert [line.line for line in order_lines(read_tables({"promises": rows}).promises)] == ["2", "1"]


def test_times_and_amounts_read_as_people_write_them() -> None:
    assert show_end(parse("2026-02-03T00:00:00+01:00"), ZONE) == "2026-02-02 24:00"
    assert [show_span(90), show_span(HOUR * 5), show_span(DAY * 3 + HOUR * 4)] == ["2 min", "5 h", "3 d 4 h"]
    assert [show_price(Decimal("3.2"), "EUR"), show_price(Decimal("0.0185"), "EUR")] == ["3.20 EUR", "0.0185 EUR"]
    assert [show_quantity(Decimal("1E+3")), show_quantity(Decimal("1.50"))] == ["1000", "1.5"]


def test_importing_the_report_does_not_load_the_charts_library() -> None:
    code = "import sys, simulations.report; sys.exit('altair' in sys.modules or 'jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
