"""How fields of the application door's documents are read and told: camelCase outside, our own names inside."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.user_ids import LONGEST, is_user_id

LARGEST = 2**53 - 1  # what every JSON reader takes for the same number
MOST_LISTED = 200


class Shape(Schema):
    """A JSON object; what it does not know is refused, so that a misspelt field is not silently left out."""

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel(field_name)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _shown(text: str) -> None:
    if not text.isprintable():
        raise ValidationError("It holds characters that cannot be shown.")


def _user_id(text: str) -> None:
    if not is_user_id(text):
        raise ValidationError(f"It is not an id of 1 to {LONGEST} characters that can be shown.")


def text(most: int = 255, **more: Any) -> fields.String:
    return fields.String(validate=[validate.Length(min=1, max=most), _shown], **more)


def user_id(**more: Any) -> fields.String:
    return fields.String(validate=[validate.Length(min=1, max=LONGEST), _user_id], **more)


def one_of(*choices: str, **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choices), **more)


class Whole(fields.Integer):
    """A number as JSON writes it: no text, no fraction, and neither true nor false."""

    def _deserialize(self, value: Any, *_more: Any, **_named: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return int(value)


def whole(low: int, high: int = LARGEST, **more: Any) -> Whole:
    return Whole(validate=validate.Range(min=low, max=high), **more)


class Flag(fields.Boolean):
    """True or false as JSON writes them: `"no"` and 0 are faults of the caller's, not answers."""

    def _deserialize(self, value: Any, *_more: Any, **_named: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class Moment(fields.DateTime):
    """ISO 8601; without an offset it is UTC."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type="datetime") from None


class Page(Shape):
    """A page of a list: on from what the page before gave as `after`."""

    after = text(most=400, load_default=None, metadata={"description": "Go on where the page before ended."})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST_LISTED))


class ProblemShape(Shape):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.Dict(metadata={"description": "What is wrong, by field."})
    request_id = fields.String()
