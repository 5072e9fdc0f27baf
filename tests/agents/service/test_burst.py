"""More orders at once than may be under way: what is sent back comes again, and none is lost."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.intake import Load, drained
from tests.serving import order, served


def test_a_burst_is_taken_whole_by_clients_that_obey_retry_after(tmp_path: Path) -> None:
    bodies = [json.dumps(order(f"b{number}")) for number in range(40)]
    with served(tmp_path, intake_limit=4, batch_limit=2) as (_, client):
        port = client.base_url.port
        assert port is not None
        load = Load(port, bodies, wait=0, clients=10)
        load.run()
        kept = drained(port)
    assert load.outcomes["429"] > 0
    assert sum(load.outcomes.values()) - load.outcomes["429"] == len(bodies)
    assert kept == len(bodies)
