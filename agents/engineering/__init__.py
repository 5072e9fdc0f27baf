"""Engineering liaison: the queue of custom lines, and what engineering releases."""
