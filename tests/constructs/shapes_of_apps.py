"""Shapes of apps: the composition of stacks, their environments, and the scope of a function.

Each function builds one shape, and returns the found values and the expected ones.
"""

import json
from pathlib import Path
from typing import Any

from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    Environment,
    LegacyStackSynthesizer,
    NestedStack,
    Stack,
    Stage,
    Tags,
    pipelines,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_servicecatalog as servicecatalog
from constructs import Construct

from cdk_outpost_order import OrderLedger, OutpostOrderProvider
from tests.constructs.conftest import (
    OUTPOST_ID,
    granted_by,
    local_arn,
    only,
    template_of,
    warnings,
)
from tests.constructs.shapes import (
    EU_WEST_1,
    FUNCTION,
    ONE_ORDER,
    ORDER,
    US_WEST_2,
    Found,
    city,
    order,
    output_names,
    refusal,
    types_in,
)
from tests.constructs.test_role import ACTIONS
from tests.rehearsal.cdk_cli import ROOT

RECOMMENDED_FLAGS = ROOT / "node_modules/aws-cdk/lib/init-templates/.recommended-feature-flags.json"


def _with_order(stack: Stack) -> dict[str, Any]:
    """Add an order, and return the template without the place of the function's code."""
    order(stack)
    template = template_of(stack)
    del only(template, FUNCTION)["Properties"]["Code"]
    return template


def _code(stack: Stack) -> str:
    order(stack)
    return json.dumps(only(template_of(stack), FUNCTION)["Properties"]["Code"])


def an_environment_agnostic_stack() -> Found:
    """A stack without `env` has one order, which is retained, and the resources that it needs."""
    template = _with_order(city())
    made = only(template, ORDER)
    policies = {made["DeletionPolicy"], made["UpdateReplacePolicy"]}
    return (types_in(template), granted_by(template)["outposts:CreateOrder"], policies), (
        ONE_ORDER,
        local_arn("outposts", f"outpost/{OUTPOST_ID}"),
        {"Retain"},
    )


def a_stack_with_an_environment() -> Found:
    """The template of a stack with `env` is the same."""
    return _with_order(city(env=US_WEST_2)), _with_order(city())


def a_stage() -> Found:
    """The template of a stack in a stage is the same."""
    return _with_order(Stack(Stage(App(), "Prod"), "City")), _with_order(city())


def two_stages_with_one_order_name() -> Found:
    """Beta and prod can use one order name, because each has a ledger."""
    app, found = App(), []
    for name, env in (("Beta", EU_WEST_1), ("Prod", US_WEST_2)):
        stack = Stack(Stage(app, name, env=env), "City")
        name_in_template = only(_with_order(stack), ORDER)["Properties"]["OrderName"]
        found.append((name_in_template, warnings(stack)))
    return found, [("PO-Rack", [])] * 2


def a_pipeline() -> Found:
    """A stage of CDK Pipelines has the same template as without the pipeline."""
    stack = Stack(App(), "Pipeline", env=US_WEST_2)
    bucket = s3.Bucket.from_bucket_name(stack, "Sources", "city-sources")
    source = pipelines.CodePipelineSource.s3(bucket, "app.zip")
    synth = pipelines.ShellStep("Synth", input=source, commands=["cdk synth"])
    pipeline = pipelines.CodePipeline(stack, "Orders", synth=synth)
    stage = Stage(stack, "Prod", env=US_WEST_2)
    found = _with_order(Stack(stage, "City"))
    pipeline.add_stage(stage)
    [stages] = [
        each["Properties"]["Stages"]
        for each in template_of(stack)["Resources"].values()
        if each["Type"] == "AWS::CodePipeline::Pipeline"
    ]
    return (found, [each["Name"] for each in stages][-2:]), (
        _with_order(city()),
        ["Assets", "Prod"],
    )


def a_nested_stack_with_the_provider_of_its_parent() -> Found:
    """A nested stack has only its order, and the function is in the parent."""
    stack = city()
    nested = NestedStack(stack, "Hall")
    order(nested)
    found = types_in(template_of(nested)), types_in(template_of(stack))
    return found, ([ORDER], ["AWS::CloudFormation::Stack", *ONE_ORDER[:-1]])


def a_nested_stack_with_a_provider_of_its_own() -> Found:
    """With an explicit provider, the nested stack has everything, and the parent nothing."""
    stack = city()
    nested = NestedStack(stack, "Hall")
    order(nested, provider=OutpostOrderProvider(nested, "Buyer"))
    found = types_in(template_of(nested)), types_in(template_of(stack))
    return found, (ONE_ORDER, ["AWS::CloudFormation::Stack"])


def one_order_name_in_a_stack_and_its_nested_stack() -> Found:
    """Both are deployed to one account and Region, so two contents are refused."""
    stack = city()
    order(stack)
    return refusal(lambda: order(NestedStack(stack, "Hall"), quantity=3)), (
        (
            "'order_name' must be unique, got 'PO-Rack', which City/Rack has with other "
            "'line_items': use another order name"
        ),
    )


def a_construct_of_constructs() -> Found:
    """The outputs of an order in a construct of constructs have the names of the whole path."""
    stack = city()
    order(Construct(Construct(stack, "Site"), "Row"))
    return output_names(stack), ["SiteRowRackOrderId", "SiteRowRackStatus"]


def one_id_in_two_scopes() -> Found:
    """Two orders with one ID in two scopes have four outputs."""
    stack = city()
    for number, row in enumerate(("Row1", "Row2"), start=1):
        order(Construct(stack, row), order_name=f"PO-{number}", quantity=number)
    names = [f"Row{row}Rack{output}" for row in (1, 2) for output in ("OrderId", "Status")]
    return output_names(stack), names


def a_ledger_of_a_third_stack() -> Found:
    """Two stacks that share a ledger are deployed after its stack, and export nothing."""
    app = App()
    ledger = OrderLedger(Stack(app, "Books"), "Ledger", table_name="city-orders")
    for name in ("City", "Town"):
        order(Stack(app, name), order_name=f"PO-{name}", ledger=ledger)
    assembly = app.synth()
    artifacts = [assembly.get_stack_by_name(name) for name in ("City", "Town")]
    found = [
        ("Books" in [each.id for each in artifact.dependencies], types_in(artifact.template))
        for artifact in artifacts
    ]
    return found, [(True, ONE_ORDER)] * 2


def a_legacy_synthesizer() -> Found:
    """The asset of the function is a parameter of the stack."""
    code = _code(city(synthesizer=LegacyStackSynthesizer()))
    return "AssetParameters" in code, True


def a_synthesizer_with_the_credentials_of_the_cli() -> Found:
    """The asset of the function is in the bucket of the bootstrapped account."""
    return "cdk-hnb659fds-assets" in _code(city(synthesizer=CliCredentialsStackSynthesizer())), True


def a_qualifier() -> Found:
    """A user's own bootstrap stack has the asset of the function."""
    return "cdk-orders-assets" in _code(
        city(synthesizer=DefaultStackSynthesizer(qualifier="orders"))
    ), True


def assets_that_are_not_staged() -> Found:
    """With `--no-staging`, too, the code of the function is copied into the cloud assembly."""
    app = App(context={"aws:cdk:disable-asset-staging": True})
    order(Stack(app, "City"))
    assembly = Path(app.synth().directory)
    assets = json.loads((assembly / "City.assets.json").read_text())
    folders = [Path(each["source"]["path"]) for each in assets["files"].values()]
    return [(assembly / each / "crhelper").is_dir() for each in folders].count(True), 1


def a_product_of_the_service_catalog() -> Found:
    """A product stack has the order, its function and its outputs."""
    app = App()
    stack = Stack(app, "City")
    bucket = s3.Bucket(stack, "Assets", bucket_name="city-assets")
    product = servicecatalog.ProductStack(stack, "Product", asset_bucket=bucket)
    order(product)
    version = servicecatalog.CloudFormationTemplate.from_product_stack(product)
    servicecatalog.CloudFormationProduct(
        stack,
        "Orders",
        product_name="Orders",
        owner="Data centers",
        product_versions=[
            servicecatalog.CloudFormationProductVersion(cloud_formation_template=version)
        ],
    )
    template_of(stack)
    template = json.loads(Path(app.outdir, product.template_file).read_text())
    found = types_in(template), sorted(template["Outputs"])
    return found, (ONE_ORDER, ["RackOrderId", "RackStatus"])


def a_stack_with_termination_protection() -> Found:
    """The template of a protected stack is the same."""
    stack = city(termination_protection=True)
    found = _with_order(stack)
    return (found, stack.termination_protection), (_with_order(city()), True)


def minimized_policies() -> Found:
    """The flag changes nothing, because no statement can be merged into another."""
    app = App(context={"@aws-cdk/aws-iam:minimizePolicies": True})
    return _with_order(Stack(app, "City")), _with_order(city())


def _with_flags(*, value: bool) -> Found:
    flags = json.loads(RECOMMENDED_FLAGS.read_text())
    context = {name: value for name, default in flags.items() if isinstance(default, bool)}
    template = _with_order(Stack(App(context=context), "City"))
    return (types_in(template), {*granted_by(template)}), (ONE_ORDER, {*ACTIONS})


def all_recommended_feature_flags() -> Found:
    """A new app of the CDK CLI has the same resources and permissions."""
    return _with_flags(value=True)


def no_recommended_feature_flags() -> Found:
    """An old app has the same resources and permissions."""
    return _with_flags(value=False)


def _in_region(region: str) -> Found:
    stack = city(env=Environment(account="111122223333", region=region))
    return _with_order(stack), _with_order(city())


def a_region_of_gov_cloud() -> Found:
    """The template names no partition."""
    return _in_region("us-gov-west-1")


def a_region_of_china() -> Found:
    """The template names no partition."""
    return _in_region("cn-north-1")


def an_isolated_region() -> Found:
    """The template names no partition."""
    return _in_region("us-iso-east-1")


def a_region_of_the_european_sovereign_cloud() -> Found:
    """The template names no partition."""
    return _in_region("eusc-de-east-1")


def two_apps_in_one_process() -> Found:
    """The second app has the template of the first, and no order of it."""
    first, second = city(), city()
    return _with_order(first), _with_order(second)


def four_hundred_and_fifty_orders() -> Found:
    """A stack without outputs of its orders has room for 450."""
    stack = city()
    for number in range(450):
        order(stack, f"Rack{number}", quantity=number + 1, stack_outputs=False)
    template = template_of(stack)
    return (len(template["Resources"]), "Outputs" in template), (455, False)


def tags() -> Found:
    """Tags are on what can have tags; an order has no such property."""
    stack = city()
    Tags.of(stack).add("cost-center", "4711")
    resources = _with_order(stack)["Resources"].values()
    tagged = [each["Type"] for each in resources if "Tags" in each["Properties"]]
    return sorted(tagged), ["AWS::IAM::Role", FUNCTION, "AWS::Logs::LogGroup"]


def a_permissions_boundary() -> Found:
    """The role has the boundary that the account demands."""
    stack = city()
    boundary = iam.ManagedPolicy.from_managed_policy_arn(
        stack, "Boundary", "arn:aws:iam::111122223333:policy/Boundary"
    )
    iam.PermissionsBoundary.of(stack).apply(boundary)
    role = only(_with_order(stack), "AWS::IAM::Role")["Properties"]
    return role["PermissionsBoundary"], "arn:aws:iam::111122223333:policy/Boundary"
