"""Each fault is really made in Valkey, then looked for."""

import pytest

from shared.checks import broker


def findings(url):
    return {finding.name: finding for finding in broker.look(url)}


def test_a_well_kept_valkey_has_nothing_at_fault(valkey_url):
    found = findings(valkey_url)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert "Valkey" in found["redis version"].message


@pytest.fixture
def setting(broker_client):
    """Change one of the server's settings for as long as this test takes."""
    before = {}

    def change(name, value):
        before.setdefault(name, broker_client.config_get(name)[name])
        broker_client.config_set(name, value)

    yield change
    for name, value in before.items():
        broker_client.config_set(name, value)


def test_an_eviction_that_loses_messages_is_a_fault(valkey_url, setting):
    setting("maxmemory-policy", "allkeys-lru")
    found = findings(valkey_url)["redis eviction"]
    assert found.status == "fault"
    assert "allkeys-lru" in found.message
    assert "noeviction" in found.action


def test_memory_that_runs_out_is_told_before_it_is_full(valkey_url, setting, broker_client):
    setting("maxmemory", broker_client.info("memory")["used_memory"] + 4096)
    assert findings(valkey_url)["redis memory"].status == "warning"


@pytest.fixture
def limited(valkey_url, broker_client):
    """A maker of users who may not do these things, as at hosts that rent Redis out."""
    names = []

    def make(*forbidden):
        name = f"guest{len(names)}"
        names.append(name)
        broker_client.execute_command("ACL", "SETUSER", name, "on", ">word", "~*", "+@all", *forbidden)
        return f"redis://{name}:word@{valkey_url.partition('@')[2]}"

    yield make
    for name in names:
        broker_client.execute_command("ACL", "DELUSER", name)


def test_where_info_is_forbidden_the_policy_is_asked_for_by_config(limited, setting):
    setting("maxmemory-policy", "volatile-ttl")
    found = findings(limited("-info"))
    assert found["redis eviction"].status == "fault"
    assert found["redis version"].status == "warning"


def test_where_all_of_it_is_forbidden_we_say_so_and_do_not_guess(limited):
    found = findings(limited("-info", "-config"))
    assert found["redis"].status == "ok"
    assert found["redis eviction"].status == "warning"
    assert "does not let us see" in found["redis eviction"].message


def test_a_wrong_password_and_nobody_there_are_told_apart(valkey_url):
    host = valkey_url.partition("@")[2]
    assert "password" in findings(f"redis://:wrong@{host}")["redis"].message
    away = findings("redis://:hidden@127.0.0.1:1/0")["redis"]
    assert (away.status, "hidden" in away.message) == ("fault", False)
    assert findings(None)["redis"].status == "fault"
