"""Reports from the shop floor: progress of work orders, and machines that are down."""

from __future__ import annotations

from dataclasses import replace

from agents.planner.progress import way_of, worked
from agents.planner.pushing import push_back
from agents.planner.state import State
from knowledge.documents import MachineDowntime, OperationReport
from knowledge.errors import SocietyError
from knowledge.instants import MINUTE, parse
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units, to_units
from knowledge.supply import OperationSlot, WorkOrder, base_document, encode


class FloorReportError(SocietyError):
    """A report that cannot be taken; its text says why."""


class NotOpenError(FloorReportError):
    """A report on a work order that is not open."""

    def __init__(self, work_order: str, status: str | None = None) -> None:
        self.work_order = work_order
        super().__init__(f"work order {work_order} is {status or 'not known'}")


def apply_report(state: State, report: OperationReport) -> set[int]:
    """Take a report on a work order; the groups that it touches.

    A report of the whole order, or of its last step, brings its good pieces to stock. `complete` closes the order:
    what was not made of it by then will not come, and where it does not say how much is good, the rest is. A report
    on an order that had not drawn its components draws them.
    """
    supply = state.find_supply(encode(report.work_order))
    if not isinstance(supply, WorkOrder):
        raise NotOpenError(report.work_order)
    item = state.plant.items[supply.item]
    try:
        good = None if report.good is None else to_units(report.good, item.decimals)
        scrap = to_units(report.scrap, item.decimals)
    except ValueError as error:
        raise FloorReportError(str(error)) from error
    steps = [slot.step for slot in supply.operations]
    if report.step is not None and steps and report.step not in steps:
        raise FloorReportError(f"work order {report.work_order} has no step {report.step}, only {', '.join(steps)}")
    _check_times(state, report)
    _check_place(state, supply, report)
    groups = state.book.shop.groups_of(supply)
    order = _started(state, supply)
    last = report.step is None or not steps or report.step == steps[-1]
    if not last:
        order = _shrink(order, scrap)
    else:
        rest = max(0, order.receipt - scrap) if report.complete else 0
        order = _received(state, order, rest if good is None else good, scrap, report.complete)
    state.set_firm(worked(state, order, supply.quantity, report, good or 0, scrap))
    push_back(state, _firm(state, groups))
    return groups


def _check_times(state: State, report: OperationReport) -> None:
    zone = state.plant.zone
    started, finished = (None if t is None else parse(t, zone) for t in (report.started, report.finished))
    if started is not None and finished is not None and finished < started:
        raise FloorReportError(f"the report on {report.work_order} ends before it begins")


def _check_place(state: State, order: WorkOrder, report: OperationReport) -> None:
    """Work goes on where its route allows it; where what is over was done, is as it is reported."""
    place, step = report.work_centre, report.step
    if place is None:
        return
    if place not in state.plant.work_centres:
        raise FloorReportError(f"work centre {place} is not known")
    slot = next((slot for slot in order.operations if slot.step == step), None)
    if slot is None or place == slot.work_centre or report.complete or report.finished is not None:
        return
    if way_of(state, order, slot.step, place) is None:
        raise FloorReportError(f"step {step} of {report.work_order} cannot be done at {place}")


def _started(state: State, order: WorkOrder) -> WorkOrder:
    """Work has begun: components are drawn, as far as they are there."""
    if order.drawn:
        return order
    for item, units in order.components:
        coming = sum(supply.receipt for supply in state.book.firm_supply(item))  # used before it was booked in
        state.move(item, -min(units, max(0, state.book.on_hand.get(item, 0) + coming)))
    state.drop_planned(order)
    return replace(order, status=SupplyStatus.RELEASED, drawn=True, start=min(order.start, state.now))


def _shrink(order: WorkOrder, scrap: Units) -> WorkOrder:
    """Pieces scrapped on the way will not come; those that are free are missed first."""
    quantity = max(order.made, order.quantity - scrap)
    status = order.status if quantity > order.made else SupplyStatus.DONE
    return replace(order, quantity=quantity, kept=min(order.kept, quantity - order.made), status=status)


def _received(state: State, order: WorkOrder, good: Units, scrap: Units, complete: bool) -> WorkOrder:
    state.move(order.item, good)
    if order.kept:
        own = min(good, order.kept)
        there = max(0, state.book.free(order.item))  # what has left before it was booked in is owed first
        state.earmark(order.item, base_document(order.cause), min(own, there))
        order = replace(order, kept=order.kept - own)
    made = order.made + good
    quantity = max(made, order.quantity - scrap)
    if complete:
        quantity = made
    status = SupplyStatus.DONE if made >= quantity else order.status
    order = replace(order, kept=min(order.kept, quantity - made))
    if status is not SupplyStatus.DONE:
        return replace(order, made=made, quantity=quantity, finish=max(order.finish, state.now))
    return replace(order, made=made, quantity=quantity, status=status, finish=state.now)


def _firm(state: State, groups: set[int]) -> list[WorkOrder]:
    """The firm work orders of some groups."""
    items = (item for group in sorted(groups) for item in state.book.shop.groups[group])
    return list(state.book.firm_work_orders(items))


def after_downtime(state: State, report: MachineDowntime) -> set[int]:
    """Take a downtime: no work in that time; firm work on the work centre is pushed back. The groups touched."""
    if report.work_centre not in state.plant.work_centres:
        raise FloorReportError(f"work centre {report.work_centre} is not known")
    start, end = parse(report.start, state.plant.zone), parse(report.end, state.plant.zone)
    if end <= start:
        raise FloorReportError(f"the downtime of {report.work_centre} ends before it begins")
    known = state.downtimes.get(report.work_centre, ())
    state.set_downtimes(report.work_centre, (*known, (start, end)))
    shop = state.book.shop
    groups: set[int] = set()
    for item, route in state.plant.routes.items():
        if any(way.work_centre == report.work_centre for step in route.steps for way in step.alternatives):
            groups.add(shop.group_of[item])
    push_back(state, _firm(state, groups), {report.work_centre})
    return groups


def after_closing(state: State) -> set[int]:
    """Work centres may be closed now when they were to be open: firm work planned for such time is pushed back.

    The groups that it is of.
    """
    orders = _firm(state, set(state.book.shop.groups))
    slots = (slot for order in orders for slot in order.operations if slot.finish > state.now)
    closed = {slot.work_centre for slot in slots if _lacks_time(state, slot)}
    if not closed:
        return set()
    push_back(state, orders, closed)
    group_of = state.book.shop.group_of
    return {group_of[o.item] for o in orders if any(slot.work_centre in closed for slot in o.operations)}


def _lacks_time(state: State, slot: OperationSlot) -> bool:
    axis = state.book.shop.axes[slot.work_centre]
    return axis.open_seconds(slot.finish) - axis.open_seconds(slot.start) < slot.minutes * MINUTE
