"""Improving the plan in force: what is to be sequenced is posed, and what comes of it is taken back where it helps."""
