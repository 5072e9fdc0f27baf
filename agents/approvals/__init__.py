"""Approvals: speaks for managers."""
