"""The sink for operations tracking: work orders as operations schedules of ISA-95, in B2MML's XML.

One OperationsRequest a work order, one SegmentRequirement an operation, with its equipment; the components that it
consumes and the item that it produces are materials of the first and the last of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from agents.sinks.json_sink import file_name
from agents.sinks.sink import News, Parcel, Sink, SinkConfig, SinkError
from agents.sources.xml_text import clean
from protocols.publishing import OperationNews, Topic, WorkOrderNews

NAMESPACE = "http://www.mesa.org/xml/B2MML"
"""Of B2MML 7."""

STATES = {"firm": "Forecast", "released": "Released", "done": "Completed", "cancelled": "Aborted"}
"""The request state of ISA-95 that a work order's status is."""


class B2mmlConfig(SinkConfig):
    """Where the work is done, in the words of the system that tracks it."""

    site: str = "plant"


class B2mml(Sink[B2mmlConfig]):
    """Work orders as OperationsSchedule documents; the same work order again replaces what was said of it."""

    kind = "b2mml"
    title = "ISA-95 operations schedule (B2MML)"
    Config = B2mmlConfig
    topics = frozenset({Topic.WORK_ORDER})

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One schedule of one work order."""
        if not isinstance(news, WorkOrderNews):
            return
        body = etree.tostring(self._schedule(news), xml_declaration=True, encoding="UTF-8", pretty_print=True)
        yield Parcel(f"{file_name(news)}.xml", body, "application/xml")

    def _schedule(self, order: WorkOrderNews) -> etree._Element:
        state = STATES.get(order.status)
        if state is None:
            raise SinkError(f"{order.work_order} has the status {order.status}, which ISA-95 has no state for")
        request = _e(
            "OperationsRequest",
            _e("ID", order.work_order),
            _e("Description", order.description or order.item),
            _e("OperationsType", "Production"),
            _e("StartTime", order.start),
            _e("EndTime", order.finish),
            *([_e("OperationsDefinitionID", f"{order.item}/{order.revision}")] if order.revision else []),
            _e("RequestState", state),
            *_segments(order),
        )
        return _e(
            "OperationsSchedule",
            _e("ID", f"schedule-{order.work_order}"),
            _e("HierarchyScope", _e("EquipmentID", self.config.site), _e("EquipmentElementLevel", "Site")),
            _e("OperationsType", "Production"),
            _e("StartTime", order.start),
            _e("EndTime", order.finish),
            request,
        )


def _segments(order: WorkOrderNews) -> Iterator[etree._Element]:
    """The operations; one that stands for all of it where there is no route."""
    operations = order.operations or (OperationNews(step="0", work_centre="", machine=0, start="", finish=""),)
    for number, operation in enumerate(operations, 1):
        parts = [_e("ID", operation.step), _e("OperationsType", "Production")]
        parts += [
            _e("EarliestStartTime", operation.start or order.start),
            _e("LatestEndTime", operation.finish or order.finish),
        ]
        if operation.work_centre:
            equipment = [_e("EquipmentClassID", operation.work_centre)]
            equipment.append(_e("EquipmentID", f"{operation.work_centre}-{operation.machine}"))
            parts.append(_e("EquipmentRequirement", *equipment, _e("Quantity", *_quantity("1", ""))))
        if number == 1:
            parts += [_material(c.item, "Consumed", c.quantity, c.uom) for c in order.components]
        if number == len(operations):
            parts.append(_material(order.item, "Produced", order.quantity, order.uom))
        yield _e("SegmentRequirement", *parts)


def _material(item: str, use: str, quantity: str, uom: str) -> etree._Element:
    return _e(
        "MaterialRequirement",
        _e("MaterialDefinitionID", item),
        _e("MaterialUse", use),
        _e("Quantity", *_quantity(quantity, uom)),
    )


def _quantity(quantity: str, uom: str) -> Iterator[etree._Element]:
    yield _e("QuantityString", quantity)
    yield _e("DataType", "decimal")
    if uom:
        yield _e("UnitOfMeasure", uom)


def _e(tag: str, *inside: etree._Element | str) -> etree._Element:
    """An element with what is inside of it."""
    names: dict[Any, str] = {None: NAMESPACE}  # its default namespace
    made = etree.Element(f"{{{NAMESPACE}}}{tag}", nsmap=names)
    for each in inside:
        if isinstance(each, str):
            made.text = clean(each)
        else:
            made.append(each)
    return made
