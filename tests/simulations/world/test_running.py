"""A run: the same seed gives the same, other seeds another, and every policy meets the same world."""

from __future__ import annotations

from simulations.world.running import Trial, World, run_trial

_TRIAL = Trial("tutorial", "planner", 3, 6, (("warm_up_days", 0),))


def test_the_same_trial_gives_the_same_run() -> None:
    assert run_trial(_TRIAL) == run_trial(_TRIAL)


def test_a_world_is_stepped_a_day_at_a_time() -> None:
    world = World(_TRIAL)
    try:
        for day in range(1, 4):
            world.step(world.begin_of(day))
            assert world.now == world.begin_of(day)
            assert world.observe().day == day
    finally:
        world.close()
