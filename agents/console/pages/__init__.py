"""The pages of the console, a module for each or for a few that belong together."""

from agents.console.pages import (
    account,
    approvals,
    audit,
    availability,
    engineering,
    floor,
    knowledge,
    login,
    new_order,
    oidc,
    order_changes,
    orders,
    people,
    purchasing,
    schedule,
    society,
    today,
    warehouse,
)

_DECIDING = (today, approvals, orders, order_changes, new_order)
_PLANT = (engineering, availability, schedule, purchasing, floor, warehouse, knowledge)
_RUNNING = (society, people, account, audit, login, oidc)

PAGES = tuple(module.router for module in (*_DECIDING, *_PLANT, *_RUNNING))
"""Their routers."""
