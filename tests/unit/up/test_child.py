from ingress.cli.up.child import HEALTHY_AFTER_SECONDS, next_delay_seconds


def test_a_program_that_keeps_dying_young_waits_twice_as_long_each_time_up_to_a_limit():
    delays = [0.0]
    for _ in range(7):
        delays.append(next_delay_seconds(delays[-1], 0.1, 10.0))
    assert delays[1:] == [0.5, 1, 2, 4, 8, 10, 10]


def test_a_program_that_was_healthy_comes_back_at_once_again():
    assert next_delay_seconds(8.0, HEALTHY_AFTER_SECONDS, 10.0) == 0.5
