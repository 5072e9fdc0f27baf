"""The planner: decides how an order is met, by when, from whom and on which machines."""
