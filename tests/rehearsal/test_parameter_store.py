"""The values of the Parameter Store that templates read."""

from dataclasses import replace

from outpost_order_cli.rehearse.parameters import make_up_values
from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import Engine
from outpost_order_rehearsal.environment import ACCOUNT, REGION

NAME, AMI = "/city/site", "/city/image"
PUBLIC = "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"
READS = {
    "Parameters": {
        "Site": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": NAME},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": AMI},
        "Term": {"Type": "String", "Default": "THREE_YEARS"},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Site": {"Value": {"Ref": "Site"}}, "Image": {"Value": {"Ref": "Image"}}},
}
VALUE = {
    "Type": "AWS::SSM::Parameter",
    "Properties": {"Name": NAME, "Type": "String", "Value": "x"},
}
READER = DeployableStack("Reader", READS, ACCOUNT, REGION)
WRITER = DeployableStack("Writer", {"Resources": {"Value": VALUE}}, ACCOUNT, REGION)


def test_a_value_that_does_not_exist_is_made_up(aws: EmbeddedAws) -> None:
    """Each has a line, once, and the stack that reads it can be deployed."""
    lines = list(make_up_values([READER, replace(READER, name="Other")], aws))
    assert lines == [
        f"SSM parameter {NAME}: a value that this rehearsal makes up",
        f"SSM parameter {AMI}: a value that this rehearsal makes up",
    ]
    assert Engine(aws).deploy(READER).outputs == {
        "Site": f"dummy-value-for-{NAME}",
        "Image": "ami-1234",
    }


def test_a_value_that_a_stack_of_the_app_creates_is_not_made_up(aws: EmbeddedAws) -> None:
    """Its stack is deployed before the one that reads it."""
    [line] = make_up_values([WRITER, READER], aws)
    assert AMI in line


def test_the_version_of_the_bootstrap_is_not_made_up(aws: EmbeddedAws) -> None:
    """The engine has it."""
    version = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}
    stack = replace(READER, template={"Parameters": {"BootstrapVersion": version}})
    assert list(make_up_values([stack], aws)) == []


def test_a_public_value_of_aws_is_not_made_up(aws: EmbeddedAws) -> None:
    """The AWS on this machine has the ID of a current image."""
    image = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": PUBLIC}
    stack = replace(READER, template={**READS, "Parameters": {"Image": image}, "Outputs": {}})
    assert list(make_up_values([stack], aws)) == []
    assert Engine(aws).deploy(stack).is_done


def test_each_account_and_region_has_its_own_values(aws: EmbeddedAws) -> None:
    """A stack in another Region reads another value."""
    elsewhere = replace(READER, region="eu-central-1")
    assert len(list(make_up_values([READER, elsewhere, WRITER], aws))) == len((AMI, AMI, NAME))
