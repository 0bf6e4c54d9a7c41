"""What the example's own author would test."""

import pytest
from carelane_example.handler import read

from schemas.errors import SchemaError
from schemas.reading import read_event


def test_a_warning_without_a_charge_is_refused_with_its_path():
    body = b'{"id": "evt_1", "type": "radar.early_fraud_warning.created", "data": {"object": {"charge": null}}}'
    with pytest.raises(SchemaError, match=r"data\.object\.charge"):
        read(read_event(body))
