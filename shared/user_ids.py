"""How people go by to the application: any text that can be shown, of a length that a row and a log bear."""

LONGEST = 200


def is_user_id(text: str) -> bool:
    """Whether it can be one; what cannot is nobody's, and is not looked for."""
    return 0 < len(text) <= LONGEST and text.isprintable()
