"""The pictures of the report, each with the words that stand beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.instants import Instant
from knowledge.wording import count, show_day, show_of, show_time
from simulations.report.availability import Course, common_axis
from simulations.report.cells import Table, Writer
from simulations.report.charts import gantt_chart, group_colours, step_chart
from simulations.report.gantt import OTHERS, Gantt
from simulations.report.messages import MessageView, choose_subject
from simulations.report.reading import readable
from simulations.report.sequence import Diagram, sequence_diagram
from simulations.report.tables import message_table

MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Plot:
    """A step plot of one item."""

    course: Course
    svg: str
    told: str


@dataclass(frozen=True, slots=True)
class GanttPicture:
    """The Gantt chart, what it shows and leaves out, and its colours as (product, style)."""

    svg: str
    told: str
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation of one order, as a diagram and as a table."""

    subject: str
    told: str
    diagram: Diagram
    table: Table


def gantt_picture(gantt: Gantt, writer: Writer, now: Instant) -> GanttPicture:
    """Draw the Gantt chart."""
    told = _gantt_told(gantt, writer.zone)
    links = {bar.work_order: link for bar in gantt.bars if (link := writer.document(bar.work_order).href)}
    svg = gantt_chart(gantt, writer.zone, now, f"Gantt chart of work centres. {told}", links)
    colours = group_colours(gantt.groups)
    present = {bar.group for bar in gantt.bars}
    shown = [group for group in colours if group in present]
    if present - set(colours):
        shown.append(OTHERS)
    return GanttPicture(svg, told, tuple((group, colours[group]) for group in shown))


def _gantt_told(gantt: Gantt, zone: dt.tzinfo) -> str:
    begin, last = show_day(gantt.axis.begin, zone), show_day(gantt.axis.end - 1, zone)
    told = f"{begin} to {last}: " if begin != last else f"{begin}: "
    outside = gantt.operations - len(gantt.bars)
    told += (
        count(gantt.operations, "operation")
        if not outside
        else f"{len(gantt.bars):,} of {gantt.operations:,} operations"
    )
    if outside:
        told += "; the others are in operations.csv"
    if gantt.lanes_left_out:
        told += f"; {count(gantt.lanes_left_out, 'machine')} with fewer operations left out"
    if gantt.idle:
        names = ", ".join(gantt.idle[:8]) + (f" and {len(gantt.idle) - 8} more" if len(gantt.idle) > 8 else "")
        told += f"; idle in this time: {names}"
    return f"{told}."


def plots(chosen: Sequence[Course], writer: Writer, now: Instant) -> list[Plot]:
    """The availability of the chosen items, all on one time axis."""
    if not chosen:
        return []
    axis = common_axis(chosen, writer.zone, now)
    found = []
    for number, course in enumerate(chosen, 1):
        told = _course_told(course, writer)
        label = f"Projected available balance and promisable quantity of {course.item} over time. {told}"
        found.append(Plot(course, step_chart(course, axis, writer.zone, label, f"item-{number}"), told))
    return found


def _course_told(course: Course, writer: Writer) -> str:
    lowest = show_of(course.lowest.projected, course.item, writer.plant)
    at = show_time(course.lowest.time, writer.zone)
    return (
        f"Lowest {lowest} at {at}; promisable at first {show_of(course.first.promisable, course.item, writer.plant)}."
    )


def conversation(messages: Sequence[MessageView], writer: Writer) -> Conversation | None:
    """The most instructive conversation; None where nothing was said about any order."""
    subject = choose_subject(messages)
    if subject is None:
        return None
    said = [message for message in messages if message.subject == subject]
    agents = {message.sender for message in said} | {message.receiver for message in said}
    name = readable(subject)
    told = f"{count(len(said), 'message')} between {count(len(agents), 'agent')} about order {name}."
    diagram = sequence_diagram(said, writer.zone, f"Sequence diagram: {told}")
    if diagram.left_out:
        told += f" The diagram shows {diagram.drawn:,} of them."
    return Conversation(name, told, diagram, message_table(said, writer, MOST_MESSAGES))
