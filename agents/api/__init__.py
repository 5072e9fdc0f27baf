"""The HTTP API of the service under `/api/v1`: routers, what they take and answer, and problems (RFC 9457)."""
