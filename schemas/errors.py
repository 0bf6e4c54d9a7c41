"""Why a payload was refused: a place and the shape expected there, never what the payload said."""


class Unreadable(ValueError):
    """The body is signed but is no event: not a JSON object with a string `type` and a usable `id`."""

    code = "unparsable"
    path = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SchemaError(ValueError):
    """An event we handle lacks a required part, or a part has another shape; `path` is its JSON path."""

    code = "schema"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message
