"""Hosting: what an agent may do in a handler, the ledger that makes it durable, and the hosts that drive agents."""
