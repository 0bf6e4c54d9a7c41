"""What changed of the settings between two starts is on record, and of a secret only that it did."""

import dataclasses

from shared import settings_trail
from shared.setting_values import WebhookSecret


def noted(pool, settings):
    with pool.transaction() as conn:
        return settings_trail.note(conn, settings, actor="cli:ada")


def test_each_change_is_on_record_once_with_what_was_before(pool, conn, settings):
    assert "CARELANE_LOOKUP_KEY" in noted(pool, settings)
    assert noted(pool, settings) == []
    changed = dataclasses.replace(settings, grace_days=9, sentry_dsn="https://secret@sentry/1")
    assert noted(pool, changed) == ["CARELANE_GRACE_DAYS", "SENTRY_DSN"]
    assert noted(pool, dataclasses.replace(changed, grace_days=10)) == ["CARELANE_GRACE_DAYS"]
    *_, last = conn.execute("SELECT actor, reason, before, after FROM audit WHERE act = 'settings.changed' ORDER BY id")
    assert (last["actor"], last["reason"]) == ("cli:ada", "changed: CARELANE_GRACE_DAYS")
    assert last["before"] == {"CARELANE_GRACE_DAYS": "9"}
    assert last["after"]["CARELANE_GRACE_DAYS"] == "10"


def test_a_secret_is_told_by_a_keyed_fingerprint(pool, conn, settings):
    value = "whsec_0123456789abcdef"
    one = dataclasses.replace(
        settings, webhook_secrets=(WebhookSecret("live", value),), unseal_earlier_keys=(b"e" * 32,)
    )
    noted(pool, one)
    rolled = dataclasses.replace(one, webhook_secrets=(WebhookSecret("live", value + "x"),))
    assert noted(pool, rolled) == ["STRIPE_WEBHOOK_SECRETS"]
    told = str(conn.execute("SELECT before, after FROM audit").fetchall())
    assert "live:" in told
    assert value not in told
    assert "eeee" not in told
    assert noted(pool, dataclasses.replace(rolled, lookup_key=None)) != []
