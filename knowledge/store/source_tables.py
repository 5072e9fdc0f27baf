"""The tables of sources and sinks: what was delivered and is not taken yet, how far each source has been asked, and
what each sink was told last.

No agent writes them: `knowledge.store.source_inbox` does, beside the ledger.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class SourceDeliveryRow(SQLModel, table=True):
    """Something that a source has delivered, once. Its body goes when it is taken; that it came is remembered.

    Where there was nothing to do with it, its body stays as long.
    """

    __tablename__ = "source_delivery"
    __table_args__ = (UniqueConstraint("source", "delivery"), Index("ix_source_delivery_waiting", "source", "due"))
    sequence: int = Field(
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False, nullable=False
        )
    )
    source: str = Field(sa_column=Column(Text, nullable=False))
    delivery: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))  # of a file, for people
    received: int = Field(sa_column=Column(BigInteger, nullable=False))
    due: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))  # none: it is taken
    attempts: int
    headers: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    ignored: str | None = Field(default=None, sa_column=Column(Text, nullable=True))  # why there was nothing to do


class SourceCursorRow(SQLModel, table=True):
    """How far a source has been asked."""

    __tablename__ = "source_cursor"
    source: str = Field(primary_key=True)
    cursor: str = Field(sa_column=Column(Text, nullable=False))
    asked: int = Field(sa_column=Column(BigInteger, nullable=False))


class SinkToldRow(SQLModel, table=True):
    """What a sink was told last of a document, as a digest, and how often it was told something new of it."""

    __tablename__ = "sink_told"
    sink: str = Field(primary_key=True)
    document: str = Field(primary_key=True)
    digest: str = Field(sa_column=Column(Text, nullable=False))
    times: int
