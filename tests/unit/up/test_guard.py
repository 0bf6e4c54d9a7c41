from ingress.cli.up.guard import watched


def test_what_was_forgotten_is_not_ended():
    assert watched(["+10 15\n", "+11 2\n", "-10\n"]) == {11: 2}


def test_the_signal_is_the_one_that_was_told():
    assert watched(["+11 2\n"]) == {11: 2}


def test_a_line_cut_short_by_the_end_of_the_supervisor_names_nobody():
    assert watched(["+10 15\n", "+1", "-\n"][:2]) == {10: 15}


def test_forgetting_a_stranger_is_no_error():
    assert watched(["-99\n"]) == {}
