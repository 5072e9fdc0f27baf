"""Reads plant.toml: the plant's name, zone, currency, horizons and the policies of approval."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from knowledge.instants import UTC, zone_named
from knowledge.plant import Action, ApprovalRule, Learning, Silence
from knowledge.reading.cells import Known, code, currency, free_text
from knowledge.reading.problems import Problems
from knowledge.reading.toml_keys import Keys, open_toml

_KEYS = (
    "name",
    "timezone",
    "currency",
    "calendar",
    "release_horizon_days",
    "frozen_horizon_days",
    "sourcing",
    "learning",
    "approvals",
)
_LEARNING_KEYS = ("lead_time_quantile", "operation_quantile", "least")
_MOST_LEAST = 100
_RULE_KEYS = (
    "decision",
    "when",
    "action",
    "role",
    "deadline_hours",
    "remind_hours",
    "on_silence",
    "escalate_to",
    "four_eyes",
)
_CONDITIONS = ("value_over", "new_supplier", "late_over_days", "customer", "item", "supplier")
_DECISIONS = ("promise", "purchase", "work_order", "release", "change", "substitute")
_WITH_ALTERNATIVES = ("promise", "purchase")
_ACTIONS = tuple(str(action) for action in Action)
_SILENCES = tuple(str(silence) for silence in Silence)


@dataclass(frozen=True, slots=True)
class Settings:
    """What plant.toml says of the plant itself; `keys` leads to the rest of it."""

    name: str
    zone: dt.tzinfo
    currency: str
    release_horizon_days: Decimal
    frozen_horizon_days: Decimal
    sourcing: str
    learning: Learning | None
    keys: Keys

    def calendar(self, calendars: Known) -> str | None:
        """The default calendar's name, where one is given."""
        return self.keys.text("calendar", calendars)

    def approvals(self, customers: Known, items: Known, suppliers: Known) -> tuple[ApprovalRule, ...]:
        """The rules of approval in file order."""
        rules = (_rule(keys, customers, items, suppliers) for keys in self.keys.tables("approvals"))
        return tuple(rule for rule in rules if rule is not None)


def read_settings(text: str, problems: Problems) -> Settings:
    """The settings of a plant.toml; the defaults where it is empty."""
    keys = open_toml(text, problems)
    keys.only(_KEYS)
    return Settings(
        name=keys.text("name", free_text) or "plant",
        zone=keys.text("timezone", _zone) or UTC,
        currency=keys.text("currency", currency) or "EUR",
        release_horizon_days=keys.number("release_horizon_days") or Decimal(0),
        frozen_horizon_days=keys.number("frozen_horizon_days") or Decimal(0),
        sourcing=keys.word("sourcing", ("cost", "preference")) or "cost",
        learning=_learning(keys),
        keys=keys,
    )


def _learning(keys: Keys) -> Learning | None:
    """What is learned from reports; nothing where the table is not there."""
    if "learning" not in keys.values:
        return None
    table = keys.table("learning")
    table.only(_LEARNING_KEYS)
    least = table.number("least")
    if least is not None and (least != int(least) or not 1 <= least <= _MOST_LEAST):
        table.wrong("least", f"{least} is not a whole number from 1 to {_MOST_LEAST}")
    return Learning(
        _share(table, "lead_time_quantile"),
        _share(table, "operation_quantile"),
        Learning().least if least is None else int(least),
    )


def _share(keys: Keys, key: str) -> Decimal | None:
    """A quantile; None where it is not given or wrong."""
    share = keys.number(key)
    if share is not None and not 0 < share < 1:
        keys.wrong(key, f"{share} is not between 0 and 1; write such as 0.9 for nine of ten")
        return None
    return share


def _zone(name: str) -> dt.tzinfo:
    if name == "UTC":
        return UTC
    try:
        return zone_named(name)
    except ValueError as error:
        raise ValueError(f"{error}; write a name of the IANA list, such as Europe/Berlin") from error


def _rule(keys: Keys, customers: Known, items: Known, suppliers: Known) -> ApprovalRule | None:
    """One rule; None where it says not what is decided, or not what to do."""
    keys.only(_RULE_KEYS)
    when = keys.table("when")
    when.only(_CONDITIONS)
    decision = _needed(keys, "decision", _DECISIONS)
    action = _needed(keys, "action", _ACTIONS)
    escalate_to = keys.text("escalate_to", code)
    deadline = keys.number("deadline_hours")
    on_silence = _silence(keys, decision, action, escalate_to)
    rule = ApprovalRule(
        decision=decision or "",
        action=Action(action or "ask"),
        value_over=when.number("value_over"),
        new_supplier=when.flag("new_supplier"),
        late_over_days=when.number("late_over_days"),
        customer=when.text("customer", customers),
        item=when.text("item", items),
        supplier=when.text("supplier", suppliers),
        role=keys.text("role", code) or "manager",
        deadline_hours=deadline,
        on_silence=on_silence,
        escalate_to=escalate_to,
        remind_hours=_reminders(keys, deadline),
        four_eyes=keys.flag("four_eyes") or False,
    )
    return rule if decision and action else None


def _needed(keys: Keys, key: str, allowed: tuple[str, ...]) -> str | None:
    if key not in keys.values:
        keys.wrong(key, f"is missing; write {', '.join(allowed[:-1])} or {allowed[-1]}")
    return keys.word(key, allowed)


def _silence(keys: Keys, decision: str | None, action: str | None, escalate_to: str | None) -> Silence:
    """What silence means: as given, else to escalate where it is said to whom, else to reject."""
    given = keys.word("on_silence", _SILENCES)
    if given == Silence.ESCALATE and action == Action.ASK and "escalate_to" not in keys.values:
        keys.wrong("on_silence", "escalates to nobody; add escalate_to, or write approve or reject")
    if given in (Silence.WAIT, Silence.ALTERNATIVE) and escalate_to:
        keys.wrong("escalate_to", f"is asked only where on_silence is escalate; here it is {given}")
    if given == Silence.ALTERNATIVE and decision not in (*_WITH_ALTERNATIVES, None):
        keys.wrong("on_silence", f"a {decision} comes without alternatives; only {' and '.join(_WITH_ALTERNATIVES)} do")
    elif given == Silence.ALTERNATIVE and action not in (Action.ASK, None):
        keys.wrong("on_silence", f"takes an alternative where nobody answers, and nobody is asked: action is {action}")
    elif given == Silence.ALTERNATIVE and "deadline_hours" not in keys.values:
        keys.wrong("on_silence", "takes an alternative after the deadline, and there is none; add deadline_hours")
    return Silence(given or (Silence.ESCALATE if escalate_to else Silence.REJECT))


def _reminders(keys: Keys, deadline: Decimal | None) -> tuple[Decimal, ...]:
    """How long before the deadline people are reminded, the longest first."""
    hours = sorted(set(keys.numbers("remind_hours")), reverse=True)
    if hours and deadline is None and "deadline_hours" not in keys.values:
        keys.wrong("remind_hours", "is before a deadline, and there is none; add deadline_hours")
    elif deadline is not None and hours and not 0 < hours[-1] <= hours[0] < deadline:
        keys.wrong("remind_hours", f"is not between 0 and the deadline of {deadline} hours")
    return tuple(hours)
