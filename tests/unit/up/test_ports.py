from ingress.cli.up.ports import Wish, choose

WEBHOOK, APP = "CARELANE_WEBHOOK_PORT", "CARELANE_APP_PORT"


def all_but(*taken):
    return lambda _host, port: port not in taken


def test_the_usual_port_is_taken_when_it_is_free():
    assert choose([Wish(name=WEBHOOK, usual=8000)], is_free=all_but()) == ({WEBHOOK: 8000}, [])


def test_a_taken_usual_port_falls_through_to_the_next_free_one():
    ports, faults = choose([Wish(name=WEBHOOK, usual=8000)], is_free=all_but(8000, 8001))
    assert (ports, faults) == ({WEBHOOK: 8002}, [])


def test_a_port_of_the_last_run_is_preferred_but_not_insisted_on():
    wish = Wish(name=WEBHOOK, usual=8000, kept=8123)
    assert choose([wish], is_free=all_but())[0] == {WEBHOOK: 8123}
    assert choose([wish], is_free=all_but(8123)) == ({WEBHOOK: 8000}, [])


def test_a_port_set_by_hand_that_is_taken_is_a_fault_and_never_replaced():
    ports, faults = choose([Wish(name=WEBHOOK, usual=8000, by_hand=9000)], is_free=all_but(9000))
    assert ports == {}
    assert faults == ["CARELANE_WEBHOOK_PORT is 9000, but that port of 127.0.0.1 is taken or may not be used"]


def test_no_two_listeners_get_one_port_and_orders_go_before_choices():
    wishes = [Wish(name=WEBHOOK, usual=8000), Wish(name=APP, usual=8001, by_hand=8000)]
    assert choose(wishes, is_free=all_but()) == ({APP: 8000, WEBHOOK: 8001}, [])


def test_one_port_ordered_twice_is_a_fault():
    wishes = [Wish(name=name, usual=8000, by_hand=8000) for name in (WEBHOOK, APP)]
    assert len(choose(wishes, is_free=all_but())[1]) == 1


def test_a_choice_stays_below_the_ports_that_clients_are_given():
    ports, faults = choose([Wish(name=WEBHOOK, usual=32700)], is_free=lambda _host, port: port >= 32768)
    assert ports == {}
    assert len(faults) == 1
