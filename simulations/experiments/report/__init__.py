"""The report of an experiment: one page that stands alone, and its pictures as files."""

from simulations.experiments.report.page import write_report

__all__ = ["write_report"]
