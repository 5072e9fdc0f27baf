"""What if: documents taken by a copy of the society, and how its plan then differs from what it would be without."""

from simulations.what_if.compare import compare
from simulations.what_if.rehearsal import Rehearsal, state_of
from simulations.what_if.values import Difference

__all__ = ["Difference", "Rehearsal", "compare", "state_of"]
