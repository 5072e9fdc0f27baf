"""What torture is worth: every invariant, broken on purpose, is found to be broken."""

from __future__ import annotations

import pytest

from knowledge.auditor import LAWS
from simulations.torture.searching import trial_of_seed
from tests.effort import LONG
from tests.simulations.torture.mutations import MUTATIONS, Mutation

SEEDS = range(112, 132)
SHORT = (
    "the world is told before it is durable",
    "a sink that failed is not tried again",
    "goods leave later than promised",
)


def test_every_law_of_the_auditor_is_broken_by_one() -> None:
    broken = {mutation.breaks.replace(" ", "_") for mutation in MUTATIONS}
    names = {law.__name__.replace("promised_is", "what_is_promised_is") for law in LAWS}
    assert names - broken == {"nothing_is_promised_twice"}


@pytest.mark.parametrize(
    "mutation", [m for m in MUTATIONS if LONG or m.name in SHORT], ids=lambda mutation: str(mutation.name)
)
def test_what_is_broken_is_found(mutation: Mutation) -> None:
    with mutation.patches():
        for seed in SEEDS:
            broken = trial_of_seed(seed).broken
            if any(text.startswith(law) for law in mutation.finds or ("",) for text in broken):
                return
    pytest.fail(f"not found in {len(SEEDS)} seeds; last: {broken[:3]}")
