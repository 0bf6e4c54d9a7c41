"""Make the tables and the one endpoint; prints the path that takes deliveries."""

import sys
from uuid import UUID

import django
from django.core.management import call_command

_UUID = UUID("6f1b7c1e-5a37-4a09-9d0e-3a3f0c9f2a11")


def prepare(secret: str) -> str:
    django.setup()
    from djstripe.models import WebhookEndpoint  # noqa: PLC0415 - a model before setup is an error

    call_command("migrate", verbosity=0)
    WebhookEndpoint.objects.create(
        id="we_bench",
        livemode=False,
        secret=secret,
        djstripe_uuid=_UUID,
        url="https://example.com/",
        status="enabled",
        enabled_events=["*"],
    )
    return f"/stripe/webhook/{_UUID}/"


if __name__ == "__main__":
    sys.stdout.write(prepare(sys.argv[1]))
