"""The setting that says which tier a price stands for; no rule is needed, for the webhook door reads settings too."""

TIERS = ("trial", "basic", "premium")


def parse(text: str) -> tuple[tuple[str, str], ...]:
    """`price_…=premium,price_…=basic`; a lookup key serves as well. ValueError says what is wrong."""
    found: dict[str, str] = {}
    for position, part in enumerate(filter(None, (piece.strip() for piece in text.split(","))), start=1):
        price, _, tier = (piece.strip() for piece in part.partition("="))
        if not price or tier not in TIERS:
            raise ValueError(f"entry {position} is not price=tier, a tier being one of {' '.join(TIERS)}")
        if found.setdefault(price, tier) != tier:
            raise ValueError(f"entry {position} gives a price another tier than an entry before it")
    return tuple(found.items())
