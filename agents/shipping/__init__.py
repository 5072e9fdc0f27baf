"""Shipping: turns releases into shipping orders."""
