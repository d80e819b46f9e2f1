import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from aws_cdk import custom_resources

import cdk_outpost_order

TABLES = (Path(__file__).parents[2] / "docs" / "options.md").read_text()
# Every construct has these parameters.
NO_OPTIONS = {"self", "scope", "id"}


def _parameters(function: object) -> set[str]:
    assert callable(function)
    return set(inspect.signature(function).parameters) - NO_OPTIONS


def _members(name: str) -> Iterator[str]:
    for member in vars(getattr(custom_resources, name)):
        if not member.startswith("_"):
            yield f"{name}.{member}"


def _rows() -> list[list[str]]:
    lines = [line for line in TABLES.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _options() -> list[str]:
    return [option for row in _rows() for option in re.findall(r"`([\w.]+)`", row[0])]


def test_each_option_of_the_construct_and_its_call_is_options() -> None:
    """One that aws_cdk adds gets a row, one that it drops loses it."""
    options = _parameters(custom_resources.AwsCustomResource.__init__)
    options |= _parameters(custom_resources.AwsSdkCall.__init__)
    options |= {"get_response_field", "get_response_field_reference", "grant_principal"}
    assert {option for option in _options() if "." not in option} == options


def test_each_way_to_make_their_parts_is_options() -> None:
    """Policies, physical ids and logging have more to choose from."""
    makers = {
        *_members("AwsCustomResourcePolicy"),
        *_members("PhysicalResourceId"),
        *_members("Logging"),
    }
    # A counterpart that is read isn't a parameter.
    read = {"AwsCustomResourcePolicy.statements", "AwsCustomResourcePolicy.resources"}
    read |= {"PhysicalResourceId.id", "PhysicalResourceId.response_path"}
    parts = {option for option in _options() if "." in option}
    resources = _parameters(custom_resources.SdkCallsPolicyOptions.__init__)
    assert parts == makers - read | {f"SdkCallsPolicyOptions.{option}" for option in resources}


def test_no_option_has_two_rows() -> None:
    """Each has one counterpart."""
    assert len(_options()) == len(set(_options()))


def test_each_counterpart_exists() -> None:
    """Each counterpart is a parameter or a member."""
    for _, counterpart, because in _rows():
        for construct, option in re.findall(r"`(\w+)\((\w+)=\)`", counterpart + because):
            assert option in _parameters(getattr(cdk_outpost_order, construct).__init__)
        for construct, attribute in re.findall(r"`(\w+)\.(\w+)`", counterpart):
            assert hasattr(getattr(cdk_outpost_order, construct), attribute)


def test_each_row_has_a_counterpart_or_a_reason() -> None:
    """`none` alone is no answer."""
    for option, counterpart, because in _rows():
        assert counterpart, option
        assert because or counterpart != "none", option
