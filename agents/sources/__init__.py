"""Source agents: they turn foreign documents into the society's own, and nothing else.

`reading` walks files and recognises formats; each source (`x12`, `ubl`, `shopify`, `json_documents`) is pure.
"""
