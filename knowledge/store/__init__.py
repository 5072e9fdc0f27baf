"""The store: the one room that knows SQL."""
