"""Policies to compare: how a firm plans, buys, stocks and dispatches."""
