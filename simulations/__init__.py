"""The laboratory: virtual time, order streams, simulated partners, faults and reports."""
