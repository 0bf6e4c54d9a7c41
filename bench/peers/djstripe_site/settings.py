"""Django as it is set up for production: no debugging, a pool of connections in each process, only what is needed."""

import os
from urllib.parse import urlsplit

_DATABASE = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = "only-for-measuring"  # noqa: S105 - it signs nothing
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.peers.djstripe_site.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "djstripe"]
# It tells the length of each answer, without which the connection could not be used again.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
USE_TZ = True
LOGGING_CONFIG = None
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _DATABASE.path.lstrip("/"),
        "USER": _DATABASE.username,
        "PASSWORD": _DATABASE.password,
        "HOST": _DATABASE.hostname,
        "PORT": _DATABASE.port,
        "OPTIONS": {"pool": {"min_size": 4, "max_size": 8}},
    }
}
STRIPE_LIVE_MODE = False
STRIPE_TEST_SECRET_KEY = "sk_test_" + 24 * "0"
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
if os.environ.get("STRIPE_API_HOST"):
    # As shipped, dj-stripe fetches each event's object from Stripe: a stand-in answers (bench/peers/stripe_api.py).
    STRIPE_API_HOST = os.environ["STRIPE_API_HOST"]
else:
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK = "bench.peers.djstripe_site.callback.leave_for_later"
