"""What is true: items, BOMs, routes, calendars, suppliers, orders, availability, policies, and their store."""
