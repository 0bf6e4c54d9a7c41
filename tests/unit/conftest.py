"""Properties are judged by what they find, never by a clock: a busy machine takes its time over an example."""

from hypothesis import settings

settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")
