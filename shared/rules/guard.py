"""When deaths of one type of event are a flood: then something of ours is wrong, not something of theirs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodRule:
    """At least so many deaths within the window, and at least this share of all that ended in it."""

    deaths: int
    percent: int
    minutes: int  # the window, and how long a guard stands

    def may_be_flood(self, deaths: int) -> bool:
        return deaths >= self.deaths

    def is_flood(self, *, deaths: int, ended: int) -> bool:
        """`ended` counts all of that type that ended in the window, the deaths among them."""
        return self.may_be_flood(deaths) and deaths * 100 >= self.percent * ended
