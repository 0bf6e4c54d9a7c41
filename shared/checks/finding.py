"""What a check found, in plain words, and what to do about it."""

from dataclasses import dataclass

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """`status` is ok, warning or fault; what is not ok says what to do."""

    name: str
    status: str
    message: str
    action: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return {"name": self.name, "status": self.status, "message": self.message, "action": self.action}


def ok(name: str, message: str) -> Finding:
    return Finding(name, OK, message)


def warning(name: str, message: str, action: str) -> Finding:
    return Finding(name, WARNING, message, action)


def fault(name: str, message: str, action: str) -> Finding:
    return Finding(name, FAULT, message, action)
