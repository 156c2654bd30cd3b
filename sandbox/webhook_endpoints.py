"""Webhook endpoints: who is told of events. The one given at the start is always there."""

from sandbox import store
from sandbox.addresses import check_return_address
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.store import Body, Call

STANDING = "we_sandbox"  # the endpoint of the command line


def stand(call: Call, *, url: str, secret: str) -> None:
    """Sets the address and secret of the standing endpoint."""
    Resource.objects.filter(ref=STANDING).delete()
    _add(call, ref=STANDING, url=url, secret=secret, given={"enabled_events": ["*"]})


def create(call: Call, given: Body) -> Body:
    check_return_address(given["url"], param="url")
    secret = "whsec_" + store.random_text(32)
    endpoint = _add(call, ref=store.new_ref("webhook_endpoint"), url=given["url"], secret=secret, given=given)
    return endpoint.body | {"secret": secret}  # shown this once, as Stripe does


def _add(call: Call, *, ref: str, url: str, secret: str, given: Body) -> Resource:
    body: Body = {
        "id": ref,
        "object": "webhook_endpoint",
        "api_version": given.get("api_version"),
        "application": None,
        "created": call.now,
        "description": given.get("description"),
        "enabled_events": given["enabled_events"],
        "livemode": False,
        "metadata": merge_metadata({}, given.get("metadata")),
        "status": "enabled",
        "url": url,
    }
    return store.add(body, hidden={"secret": secret})


def delete(_call: Call, _given: Body, *, ref: str) -> Body:
    store.find("webhook_endpoint", ref).delete()
    return {"id": ref, "object": "webhook_endpoint", "deleted": True}


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("webhook_endpoint", ref).body


def list_all(_call: Call, given: Body) -> Body:
    return store.page(store.of_kind("webhook_endpoint"), given, url="/v1/webhook_endpoints")
