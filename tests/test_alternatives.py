"""Laws of alternatives through the whole society: whatever is chosen, every promise holds, and nothing is left over."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import cycle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.instants import iso
from knowledge.store.tables import ApprovalRow, DemandRow
from simulations.torture.moments import promises, worse
from tests.effort import times
from tests.random_plants import Case, cases
from tests.test_properties import findings, society, take

ASK = '[[approvals]]\ndecision = "{}"\naction = "ask"\non_silence = "reject"\n'
COSTS = (
    "customer,partial_shipments,most_releases,minimum_release_percent,transit_days,cost_per_shipment,"
    "late_cost_per_day_percent\nANY,yes,,,0,5,1\nWHOLE,no,,,0,,2\nFEW,yes,2,25,1,1,\n"
)


@settings(max_examples=times(20, 300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cases(gaps=(0, 60), most=4),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.sampled_from(["promise", "purchase"]),
)
def test_whichever_answers_are_chosen_every_law_holds(case: Case, picks: list[int], decision: str) -> None:
    files = {**case.files, "plant.toml": case.files["plant.toml"] + ASK.format(decision), "customers.csv": COSTS}
    processing = society(replace(case, files=files))
    picked = cycle(picks)
    for document in case.documents:
        take(processing, document)
        while rows := processing.store.rows(ApprovalRow, status="pending"):
            asked = json.loads(rows[0]["body"])["decision"]
            names = [alternative["name"] for alternative in asked["alternatives"]] or [None]
            before = {key: parts for key, parts in promises(processing).items() if key[0] != asked["order"]}
            answer = {"alternative": names[next(picked) % len(names)], "received": iso(processing.now)}
            approval = {"type": "approval_answer", "approval": rows[0]["approval"], "decision": "approve"}
            take(processing, {**approval, **answer})
            assert not worse(before, promises(processing))
        assert not findings(processing)
        assert not processing.outcome.quarantined
        releases = [json.loads(row["body"]) for row in processing.store.rows(DemandRow)]
        assert not any(release["held"] for release in releases)
