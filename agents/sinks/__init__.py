"""Sinks: what the society has decided, in the words of the systems that have to know it.

`sink` is all that an integrator needs; `installed` finds ours and those of other packages. A sink is pure: it makes
parcels of news. Its host hands them over, in order, again until they are taken, each with an idempotency key.
"""
