"""The page on virtual cameras names every fault, parameter and operation."""

import re

import pytest

from cammon.virtual.faults import FAULTS
from cammon.virtual.onvif import OPERATIONS


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "virtual-cameras.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_stands_in_the_table_with_its_parameters(page, name):
    rows = [line for line in page.splitlines() if re.match(rf"\|[^|]*`{name}`", line)]
    assert len(rows) == 1
    assert all(f"`{parameter}`" in rows[0] for parameter in FAULTS[name].parameters)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_named(page, operation):
    assert operation.partition("}")[2] in page
