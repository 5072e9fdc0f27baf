"""Inventory: alone owns the availability function of every item."""
