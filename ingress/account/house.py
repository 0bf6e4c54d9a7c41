"""What a person's page works with, made once for each process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingress.account.languages import Language, read_all
from ingress.account.sessions import Seal
from ingress.api.workings import Workings
from shared.access_answer import AccessAnswers
from shared.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`answers` are the pages' own, apart from those of the access call, which must never wait for a page.

    `origins`: under what addresses a browser may have come here; the first one tells whether there is TLS.
    `application`: whose pages may hand a session over and show ours in a frame.
    """

    workings: Workings
    answers: AccessAnswers
    seal: Seal
    origins: Sequence[str]
    application: Sequence[str] = ()
    plan_url: str | None = None
    lasts: timedelta = timedelta(minutes=30)
    languages: Mapping[str, Language] = field(default_factory=read_all)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def is_tls(self) -> bool:
        return self.origins[0].startswith("https://")


def house_of(settings: Settings, workings: Workings, answers: AccessAnswers) -> House:
    address = settings.account_url or settings.console_url
    local = [f"http://{host}:{settings.app_port}" for host in ("127.0.0.1", "localhost", "[::1]")]
    return House(
        workings=workings,
        answers=answers,
        seal=Seal(workings.lookup_key),
        origins=local if address is None else [address],
        application=settings.account_origins,
        plan_url=settings.account_plan_url,
        lasts=timedelta(minutes=settings.account_minutes),
    )
