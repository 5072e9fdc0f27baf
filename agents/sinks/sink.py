"""The shape of a sink: it makes parcels, in the format of a system outside, of news of documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from knowledge.errors import SocietyError
from protocols.publishing import (
    DocumentNews,
    News,
    OrderNews,
    Parcel,
    PurchaseOrderNews,
    ShippingOrderNews,
    Topic,
    WorkOrderNews,
)

__all__ = [
    "DocumentNews",
    "News",
    "OrderNews",
    "Parcel",
    "PurchaseOrderNews",
    "ShippingOrderNews",
    "Sink",
    "SinkConfig",
    "SinkError",
    "Topic",
    "WorkOrderNews",
]


class SinkError(SocietyError):
    """What a sink cannot say in its format, or could not hand over."""


class SinkConfig(BaseModel):
    """What every sink can be told. A sink's own is a subclass; secrets in it are `SecretStr`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: tuple[Topic, ...] = ()
    """Only these of the sink's topics; none named: all of them."""


C = TypeVar("C", bound=SinkConfig)


class Sink(Generic[C]):
    """A sink. `kind` names it in configurations, `topics` are what it can tell of."""

    kind: ClassVar[str]
    title: ClassVar[str]
    Config: ClassVar[type[SinkConfig]] = SinkConfig
    topics: ClassVar[frozenset[Topic]]

    def __init__(self, config: C | None = None) -> None:
        self.config: C = config if config is not None else self.Config()  # type: ignore[assignment]

    def parcels(self, news: News, told: int) -> Iterable[Parcel]:
        """What is to be handed over of news: nothing where the system need not know it.

        `told` is how often it was told something else of this document before: 0 for what is new to it. Where the same
        would be handed over as the last time it is not. Pure. Raises SinkError for what the format cannot say.
        """
        raise NotImplementedError
