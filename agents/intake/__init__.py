"""Intake: takes documents, and keeps the customer orders."""
