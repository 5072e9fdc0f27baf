"""The fault search: random plants, streams of documents and faults, every law looked at after every step."""
