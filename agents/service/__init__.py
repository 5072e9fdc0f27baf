"""The society as a service: its settings, its database that others may read, its desk, what it tells and measures."""
