"""The outcome of a rehearsal as a JUnit report, which CI systems show."""

from pathlib import Path
from xml.etree import ElementTree as ET

from outpost_order_cli.rehearse.outcome import Outcome

NAME = "outpost-order rehearse"


def write(path: Path, outcome: Outcome) -> None:
    """Write one test case for each stack of each phase, and one for the verdict."""
    suite = ET.Element("testsuite", name=NAME)
    failures = 0
    for phase in outcome.phases:
        for stack in phase.stacks:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=phase.name,
                name=stack.name,
                time=f"{stack.seconds:.1f}",
            )
            if phase.is_deployment and not stack.is_done and not outcome.expected:
                failures += 1
                ET.SubElement(case, "failure", message=stack.failed[0]).text = "\n".join(
                    stack.failed
                )
    case = ET.SubElement(suite, "testcase", classname="rehearse", name="verdict")
    if not outcome.is_as_wanted:
        failures += 1
        ET.SubElement(case, "failure", message=outcome.verdict).text = "\n".join(outcome.problems)
    cases = len(suite)
    suite.set("tests", str(cases))
    suite.set("failures", str(failures))
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
