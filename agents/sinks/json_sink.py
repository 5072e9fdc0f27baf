"""The sink that tells everything as JSON: to a purchasing system or an ERP by webhook, or into a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agents.sinks.sink import News, Parcel, Sink, SinkConfig
from protocols.publishing import OrderNews, PurchaseOrderNews, ShippingOrderNews, Topic, WorkOrderNews


class JsonSink(Sink[SinkConfig]):
    """An object for each piece of news, as Standard Webhooks have it: `{"type": "work_order.changed", "data": {…}}`."""

    kind = "json"
    title = "JSON"
    topics = frozenset(Topic)

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One parcel, whatever the news."""
        body = {"type": f"{news.topic}.changed", "data": news.model_dump(mode="json")}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        yield Parcel(f"{file_name(news)}.json", text.encode(), "application/json")


def file_name(news: News) -> str:
    """A name for a file of news: what it is about, in characters that every system takes."""
    match news:
        case OrderNews():
            name = f"order-{news.source}-{news.number}"
        case WorkOrderNews():
            name = news.work_order
        case PurchaseOrderNews():
            name = news.purchase_order
        case ShippingOrderNews():
            name = news.shipping_order
        case _:
            name = f"{news.document.get('type', 'document')}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:80].lstrip(".") or "_"
