"""Source agents: they turn foreign documents into the society's own, and nothing else.

`source` is all that an integrator needs: a `Source`, the `OrderDraft`s that it makes, and what it may be given. Each
source of ours (`x12`, `ubl`, `shopify`, …) is pure; `installed` finds them and those of other packages, `reading` walks
files and asks who recognises them.
"""
