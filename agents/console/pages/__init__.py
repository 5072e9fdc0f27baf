"""The pages of the console, a module for each or for a few that belong together."""

from agents.console.pages import account, approvals, audit, login, new_order, oidc, orders, society, today

_MODULES = (today, approvals, orders, new_order, society, account, audit, login, oidc)

PAGES = tuple(module.router for module in _MODULES)
"""Their routers."""
