"""The managers' console: server-rendered pages, live without reloading, on the same desk as the API."""
