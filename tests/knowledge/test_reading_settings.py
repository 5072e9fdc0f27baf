"""plant.toml: the plant's own settings and its rules of approval."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import KnowledgeError
from knowledge.instants import UTC
from knowledge.plant import ApprovalRule, Learning, Plant
from knowledge.reading import read_plant

FILES = {
    "items.csv": "item\nPUMP\n",
    "customers.csv": "customer\nACME\n",
    "suppliers.csv": "supplier\nSTEEL\n",
    "calendars.csv": "calendar,weekday,start,end\nwork,1,06:00,14:00\n",
    "work_centres.csv": "work_centre,calendar\nASM,\n",
}


def plant(settings: str) -> Plant:
    return read_plant({**FILES, "plant.toml": settings})


def problems(settings: str, files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(KnowledgeError) as error:
        read_plant({**(FILES if files is None else files), "plant.toml": settings})
    return str(error.value).split("\n")


def rule(lines: str) -> ApprovalRule:
    (only,) = plant(f"[[approvals]]\n{lines}").approvals
    return only


def test_without_the_file_everything_has_its_default() -> None:
    read = read_plant(FILES)
    assert (read.zone, read.currency, read.sourcing, read.approvals) == (UTC, "EUR", "cost", ())
    assert read.release_horizon_days == read.frozen_horizon_days == 0
    assert read.work_centres["ASM"].calendar.always_open


def test_an_empty_text_is_not_given_but_an_empty_condition_is_a_mistake() -> None:
    assert plant('name = ""\ntimezone = ""\ncalendar = ""\n') == read_plant(FILES)
    assert problems('[[approvals]]\ndecision = "change"\naction = "auto"\nwhen = { item = "" }') == [
        "plant.toml:4:approvals[1].when.item: is empty; name something, or leave the key out"
    ]


def test_what_is_given_is_taken_exactly() -> None:
    read = plant(
        'name = "works"\ntimezone = "Asia/Kathmandu"\ncurrency = "CHF"\ncalendar = "work"\n'
        'release_horizon_days = 2\nfrozen_horizon_days = 0.10\nsourcing = "preference"\n'
    )
    assert (read.name, read.zone, read.currency) == ("works", ZoneInfo("Asia/Kathmandu"), "CHF")
    assert (read.release_horizon_days, read.frozen_horizon_days) == (Decimal(2), Decimal("0.10"))
    assert read.work_centres["ASM"].calendar == read.calendars["work"]
    assert read.calendars["work"].zone == ZoneInfo("Asia/Kathmandu")


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert problems('name = "works"\n\ntimezone = UTC\n') == ["plant.toml:3: is not readable as TOML: Invalid value"]


def test_nesting_without_end_is_not_read() -> None:
    assert "brackets within brackets" in problems("name = " + "[" * 100_000)[0]


def test_each_wrong_key_is_told_with_its_line() -> None:
    assert problems(
        '# a note\nname = 5\n\ncalendar = "play"\nrelease_horizon_days = true\nfrozen_horizon_days = inf\n'
    ) == [
        "plant.toml:2:name: is not a text; write it in quotes",
        "plant.toml:4:calendar: unknown calendar 'play'; it has no row in calendars.csv",
        "plant.toml:5:release_horizon_days: is not a number; write it without quotes, such as 7 or 0.5",
        "plant.toml:6:frozen_horizon_days: 'inf' is not a finite number",
    ]


def test_a_rule_has_defaults_for_all_but_what_is_decided_and_what_is_done() -> None:
    assert rule('decision = "promise"\naction = "ask"') == ApprovalRule("promise", "ask", on_silence="reject")  # type: ignore[arg-type]
    assert [problem.partition(";")[0] for problem in problems('[[approvals]]\nrole = "chief"')] == [
        "plant.toml:1:approvals[1].action: is missing",
        "plant.toml:1:approvals[1].decision: is missing",
    ]


def test_silence_escalates_where_it_is_said_to_whom_and_else_rejects() -> None:
    ask = 'decision = "purchase"\naction = "ask"\n'
    assert rule(ask).on_silence == "reject"
    assert rule(ask + 'escalate_to = "director"').on_silence == "escalate"
    assert rule(ask + 'escalate_to = "director"\non_silence = "approve"').on_silence == "approve"
    assert problems(f'[[approvals]]\n{ask}on_silence = "escalate"') == [
        "plant.toml:4:approvals[1].on_silence: escalates to nobody; add escalate_to, or write approve or reject"
    ]
    assert rule('decision = "purchase"\naction = "advise"\non_silence = "escalate"').on_silence == "escalate"


def test_reminders_are_before_the_deadline_and_the_first_comes_first() -> None:
    ask = 'decision = "purchase"\naction = "ask"\n'
    assert rule(f"{ask}deadline_hours = 8\nremind_hours = [1, 2.5, 1]").remind_hours == (Decimal("2.5"), Decimal(1))
    assert rule(f"{ask}deadline_hours = 8\nremind_hours = 4").remind_hours == (Decimal(4),)
    where = "plant.toml:4:approvals[1].remind_hours:"
    assert problems(f"[[approvals]]\n{ask}remind_hours = 4") == [
        f"{where} is before a deadline, and there is none; add deadline_hours"
    ]
    where = where.replace(":4:", ":5:")
    for hours in ("[8, 1]", "[1, 0]"):
        assert problems(f"[[approvals]]\n{ask}deadline_hours = 8\nremind_hours = {hours}") == [
            f"{where} is not between 0 and the deadline of 8 hours"
        ]
    assert problems(f'[[approvals]]\n{ask}deadline_hours = 8\nremind_hours = ["soon", -1]') == [
        f"{where} is not a number; write it without quotes, such as 7 or 0.5",
        f"{where} -1 is too low; it has to be at least 0",
    ]


def test_silence_takes_an_alternative_only_where_there_are_some() -> None:
    takes = 'action = "ask"\ndeadline_hours = 8\non_silence = "alternative"'
    assert rule(f'decision = "purchase"\n{takes}').on_silence == "alternative"
    assert problems(f'[[approvals]]\ndecision = "change"\n{takes}') == [
        "plant.toml:5:approvals[1].on_silence: a change comes without alternatives; only promise and purchase do"
    ]
    start = '[[approvals]]\ndecision = "promise"\n'
    where = "approvals[1].on_silence: takes an alternative"
    assert problems(f'{start}action = "ask"\non_silence = "alternative"') == [
        f"plant.toml:4:{where} after the deadline, and there is none; add deadline_hours"
    ]
    assert problems(f"{start}{takes.replace('ask', 'advise')}") == [
        f"plant.toml:5:{where} where nobody answers, and nobody is asked: action is advise"
    ]


def test_who_is_asked_next_is_a_mistake_where_silence_keeps_asking() -> None:
    keeps = '[[approvals]]\ndecision = "purchase"\naction = "ask"\non_silence = "wait"\nescalate_to = "director"'
    assert problems(keeps) == [
        "plant.toml:5:approvals[1].escalate_to: is asked only where on_silence is escalate; here it is wait"
    ]


def test_all_conditions_are_read() -> None:
    read = rule(
        'decision = "purchase"\naction = "auto"\ndeadline_hours = 0.5\nwhen = { value_over = 5_000.50,'
        ' new_supplier = false, late_over_days = 2, customer = "ACME", item = "PUMP", supplier = "STEEL" }'
    )
    assert (read.value_over, read.new_supplier, read.late_over_days) == (Decimal("5000.50"), False, Decimal(2))
    assert (read.customer, read.item, read.supplier) == ("ACME", "PUMP", "STEEL")
    assert read.deadline_hours == Decimal("0.5")


def test_wrong_conditions_name_their_rule_and_line() -> None:
    rules = (
        '[[approvals]]\ndecision = "change"\naction = "auto"\n\n[[approvals]]\ndecision = "change"\naction = "auto"\n'
        '[approvals.when]\ncustomer = "NOBODY"\nitem = "PAMP"\nsupplier = "STEAL"\nnew_supplier = "yes"\n'
        'weather = "bad"\nlate_over_days = -1\n'
    )
    where = "approvals[2].when"
    assert [problem.partition(";")[0] for problem in problems(rules)] == [
        f"plant.toml:9:{where}.customer: unknown customer 'NOBODY'",
        f"plant.toml:10:{where}.item: unknown item 'PAMP'",
        f"plant.toml:11:{where}.supplier: unknown supplier 'STEAL'",
        f"plant.toml:12:{where}.new_supplier: is neither true nor false",
        f"plant.toml:13:{where}.weather: unknown key 'weather'",
        f"plant.toml:14:{where}.late_over_days: -1 is too low",
    ]


def test_conditions_may_name_anybody_where_there_is_no_list() -> None:
    when = 'when = { customer = "NOBODY", supplier = "STEAL" }'
    settings = f'[[approvals]]\ndecision = "change"\naction = "auto"\n{when}'
    assert read_plant({"items.csv": "item\n", "plant.toml": settings}).approvals[0].customer == "NOBODY"


def test_rules_have_to_be_a_list_of_tables_and_conditions_a_table() -> None:
    assert problems('[approvals]\ndecision = "change"') == [
        "plant.toml:1:approvals: is not a list of tables; begin each with [[approvals]]"
    ]
    assert problems('[[approvals]]\ndecision = "change"\naction = "auto"\nwhen = "late"') == [
        "plant.toml:4:approvals[1].when: is not a table; write it as { key = value }"
    ]


TOML_VALUES = st.sampled_from(
    [
        "1",
        "-1",
        "1e99999999999999999999",
        "nan",
        "true",
        '""',
        '"ask"',
        '"EUR"',
        "[]",
        "[[]]",
        "{}",
        "[{}]",
        "2026-01-01",
        "07:00:00",
        '"\\u0000"',
        "'x\\ty'",
        "?",
        "{item=1}",
        "{when={when=1}}",
    ]
)
TOML_LINES = st.one_of(
    st.sampled_from(["[[approvals]]", "[approvals]", "[approvals.when]", "[name]", '"a\\nb" = 1', "[[", "a.b.c = 1"]),
    st.tuples(
        st.sampled_from(
            [
                "name",
                "timezone",
                "currency",
                "calendar",
                "sourcing",
                "release_horizon_days",
                "approvals",
                "decision",
                "action",
                "when",
                "when.item",
                "deadline_hours",
                "on_silence",
                "escalate_to",
                "remind_hours",
                "role",
                "odd",
            ]
        ),
        TOML_VALUES,
    ).map(" = ".join),
)


@given(st.one_of(st.text(), st.lists(TOML_LINES, max_size=8).map("\n".join)))
def test_no_settings_raise_anything_but_problems_of_one_line_each(settings: str) -> None:
    try:
        plant(settings)
    except KnowledgeError as error:
        assert all(problem.file == "plant.toml" for problem in error.problems)
        assert len(str(error).splitlines()) == len(error.problems)


def test_what_is_learned_is_asked_for_in_a_table_of_its_own() -> None:
    both = plant("[learning]\nlead_time_quantile = 0.9\noperation_quantile = 0.80\nleast = 7\n").learning
    assert both == Learning(Decimal("0.9"), Decimal("0.80"), 7)
    assert plant("[learning]\n").learning == Learning(None, None, 5)
    assert plant("").learning is None


def test_a_quantile_is_between_0_and_1_and_least_is_a_number_of_reports() -> None:
    keys = "lead_time_quantile, operation_quantile, least"
    assert problems("[learning]\nlead_time_quantile = 90\noperation_quantile = 0\nleast = 0.5\nmost = 3\n") == [
        "plant.toml:2:learning.lead_time_quantile: 90 is not between 0 and 1; write such as 0.9 for nine of ten",
        "plant.toml:3:learning.operation_quantile: 0 is not between 0 and 1; write such as 0.9 for nine of ten",
        "plant.toml:4:learning.least: 0.5 is not a whole number from 1 to 100",
        f"plant.toml:5:learning.most: unknown key 'most'; the keys here are {keys}",
    ]
