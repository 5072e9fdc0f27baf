"""Learning a plant from the log of its shop floor: routes, times with their spread, machines and calendars."""
