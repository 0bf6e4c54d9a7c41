"""The URL of servers behind Sentinels."""

import re
from pathlib import Path

import pytest

from shared import sentinels
from shared.config import SettingsError, load

URL = "sentinel://:p%40ss@one.internal:26380,two.internal,[fd00::3]:26381/2?service=carelane"


def test_it_names_the_sentinels_the_service_and_the_database():
    watched = sentinels.read(URL)
    assert watched.sentinels == (("one.internal", 26380), ("two.internal", 26379), ("fd00::3", 26381))
    assert (watched.service, watched.database, watched.password) == ("carelane", 2, "p@ss")
    assert "p@ss" not in repr(watched)


def test_kombu_gets_a_url_for_each_of_them():
    assert sentinels.celery_url(URL) == (
        "sentinel://:p%40ss@one.internal:26380/2;sentinel://:p%40ss@two.internal:26379/2;sentinel://:p%40ss@[fd00::3]:26381/2"
    )
    assert sentinels.celery_url("sentinel://one/0?service=x") == "sentinel://one:26379/0"


def test_sentinels_have_a_password_of_their_own():
    options = sentinels.celery_options(f"{URL}&sentinel_password=other", timeout_seconds=2)
    assert options["master_name"] == "carelane"
    assert options["sentinel_kwargs"] == {"socket_timeout": 2, "socket_connect_timeout": 2, "password": "other"}


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://one:26379/0",
        "sentinel://one:26379/0?service=",
        "sentinel://one:26379/x?service=carelane",
        "sentinel://one:0/0?service=carelane",
        "sentinel://one,,two/0?service=carelane",
        "sentinel:///0?service=carelane",
        "sentinel://one/0?service=carelane&sevrice=other",
    ],
)
def test_what_cannot_be_meant_stops_the_start(url):
    with pytest.raises(SettingsError, match="REDIS_URL names"):
        load({"REDIS_URL": url})


def test_the_addresses_on_the_page_can_be_used():
    page = (Path(__file__).parents[3] / "docs" / "scale.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^    (REDIS_URL|CARELANE_BROKER_URL)=(\S+)$", page, re.MULTILINE))
    settings = load(told)
    assert sentinels.read(settings.redis_url).service == "carelane"
    assert len(settings.broker_url.split(";")) == 2
