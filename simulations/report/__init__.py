"""The report of a run: a page of HTML that stands alone, and a summary for the terminal."""

from simulations.report.messages import MessageView
from simulations.report.page import build_report
from simulations.report.summary import print_summary

__all__ = ["MessageView", "build_report", "print_summary"]
