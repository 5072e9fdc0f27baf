"""The pages of the console, a module for each or for a few that belong together."""
