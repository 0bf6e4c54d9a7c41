"""Subjects that somebody wants compared with Stripe's: by id, of a person, or of a kind and an account."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared import reconcile_rows
from shared.events import PLATFORM
from shared.queries import load
from shared.reconcile_rows import MOST_CHOSEN, Row
from shared.reconcile_run import Run

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """`account` may be `none`, the platform's own."""

    subject_ids: tuple[str, ...]
    person: str | None
    kind: str | None
    account: str | None

    @property
    def is_for_all(self) -> bool:
        return not (self.subject_ids or self.person or self.kind or self.account)

    def means(self, row: Row) -> bool:
        return self.kind in {None, row["kind"]} and self.account in {None, row["account"] or PLATFORM}


def rows(run: Run, wish: Wish) -> Iterator[Row]:
    """Those that are known, and ids of a given kind that are not; none of another mode than the key's."""
    if not (wish.subject_ids or wish.person):
        yield from _filtered(run, wish)
        return
    found = {_name(row): row for row in _named(run, wish) if wish.means(row)}
    known = {row["subject_id"] for row in found.values()}
    for row in (
        *found.values(),
        *(_unheard(run, wish, one) for one in wish.subject_ids if wish.kind and one not in known),
    ):
        if run.livemode is None or row["livemode"] in {None, run.livemode}:
            yield row


def _named(run: Run, wish: Wish) -> list[Row]:
    sql, found = load("reconcile"), []
    with run.pool.transaction() as conn:
        for subject_id in wish.subject_ids:
            found += conn.execute(sql["named"], {"subject_id": subject_id, "most": MOST_CHOSEN}).fetchall()
        if wish.person is not None:
            found += conn.execute(sql["of_person"], {"user_id": wish.person, "most": MOST_CHOSEN}).fetchall()
    return found


def _name(row: Row) -> tuple[object, ...]:
    return row["kind"], row["subject_id"], row["account"], row["livemode"]


def _unheard(run: Run, wish: Wish, subject_id: str) -> Row:
    account = subject_id if wish.kind == "account" else None if wish.account == PLATFORM else wish.account
    return {"kind": wish.kind, "subject_id": subject_id, "account": account, "livemode": run.livemode}


def _filtered(run: Run, wish: Wish) -> Iterator[Row]:
    account = None if wish.account == PLATFORM else wish.account
    by = {"kind": wish.kind, "account": account, "any_account": wish.account is None, "livemode": run.livemode}
    after: str | None = "0"
    while after is not None:
        found = reconcile_rows.rows(run.pool, "filtered", after=after, most=_PAGE, by=by)
        yield from found
        after = reconcile_rows.place(found, len(found), most=_PAGE)
