"""Questions as SQLite's driver takes them: made once, and asked past everything that is there for lost connections."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A statement's text, the names of what is asked with in their order, and of the columns that it answers with.

    `converts` are the columns whose values the database keeps in another form.
    """

    text: str
    asked: tuple[str, ...]
    columns: tuple[str, ...]
    converts: tuple[tuple[str, Convert], ...]

    def answer(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> list[dict[str, Any]]:
        """The rows, as a store gives them."""
        values, columns = [given[name] for name in self.asked], self.columns
        rows = [dict(zip(columns, row, strict=True)) for row in driver.execute(self.text, values)]
        for name, convert in self.converts:
            for row in rows:
                row[name] = convert(row[name])
        return rows


class Questions:
    """The questions that statements ask of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._compiled: dict[Select[Any], tuple[SQLCompiler, tuple[str, ...]]] = {}
        self._known: dict[tuple[object, ...], Question | None] = {}

    def of(self, statement: Select[Any], given: Mapping[str, object]) -> Question | None:
        """What a statement asks with such values; None where its text is another one with each of them."""
        known = self._compiled.get(statement)
        if known is None:
            compiled = statement.compile(self._engine)
            assert isinstance(compiled, SQLCompiler)
            names = tuple(sorted(parameter.key for parameter in compiled.literal_execute_params))
            known = self._compiled[statement] = compiled, names
        compiled, written = known
        key = statement, *[given[name] for name in written]
        if key not in self._known:
            self._known[key] = self._question(statement, compiled, given)
        return self._known[key]

    def _question(self, statement: Select[Any], compiled: SQLCompiler, given: Mapping[str, object]) -> Question | None:
        if compiled.post_compile_params - compiled.literal_execute_params:
            return None
        found, dialect = compiled.construct_expanded_state(dict(given)), self._engine.dialect
        columns = list(statement.selected_columns)
        processors = ((c.name, c.type.dialect_impl(dialect).result_processor(dialect, None)) for c in columns)
        converts = tuple((name, convert) for name, convert in processors if convert is not None)
        return Question(found.statement, tuple(found.positiontup or ()), tuple(c.name for c in columns), converts)
