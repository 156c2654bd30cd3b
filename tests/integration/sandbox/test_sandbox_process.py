"""The process: where it runs, how it ends, what it needs."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.testing import ROOT, SandboxProcess
from tests.integration.sandbox.conftest import a_session, client_of


def start(*arguments: str, environment: str | None = "test") -> subprocess.CompletedProcess[str]:
    """Runs it with these arguments to its end; it is expected not to start."""
    others = {name: value for name, value in os.environ.items() if name != "SITEWRIGHT_ENV"}
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        env=others if environment is None else {**others, "SITEWRIGHT_ENV": environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("environment", [None, "production", "dev", ""])
def test_it_refuses_to_start_outside_demo_and_test(tmp_path: Path, environment):
    ended = start("--port", "0", "--data", str(tmp_path), environment=environment)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "only where SITEWRIGHT_ENV is demo or test" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_do_not_share_a_folder(sandbox):
    ended = start("--port", "0", "--data", str(sandbox.data))
    assert (ended.returncode, ended.stderr) == (1, f"Another gateway double is at work in {sandbox.data}.\n")


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = start("--port", str(port), "--data", str(tmp_path))
    assert (ended.returncode, ended.stderr) == (1, f"Port {port} cannot be had: Address already in use.\n")


def test_an_address_for_webhooks_needs_a_secret(tmp_path: Path):
    ended = start("--port", "0", "--data", str(tmp_path), "--webhook-url", "http://127.0.0.1:9/")
    assert ended.returncode == 2
    assert "go together" in ended.stderr


def test_it_listens_on_the_loopback_interface_only(sandbox):
    port = int(sandbox.base_url.rsplit(":", 1)[1])
    listening = subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
    local = [line.split()[1] for line in listening.splitlines()[1:] if line.split()[3] == "0A"]
    assert [address for address in local if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told_to(number):
    with SandboxProcess() as process:
        client_of(process).v1.customers.create({})
        started = time.monotonic()
        process.process.send_signal(number)
        assert process.process.wait(10) == 0
        assert time.monotonic() - started < 3


def test_it_ends_when_whoever_started_it_is_gone():
    program = (
        "import os, sys; from sandbox.testing import SandboxProcess; process = SandboxProcess();"
        "print(process.process.pid, process.data, flush=True); os._exit(9)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 9
    pid, data = ended.stdout.split()
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    for left in sorted(Path(data).iterdir()):
        left.unlink()
    Path(data).rmdir()


def test_it_needs_less_than_80_mb(client, sandbox):
    for _ in range(20):
        sandbox.pay(a_session(client).id)
    status = Path(f"/proc/{sandbox.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak < 80 * 1024


def test_people_are_sent_back_to_the_given_hosts_only(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--until-stdin-closes",
        "--port",
        "0",
        "--data",
        str(tmp_path),
    ]
    with subprocess.Popen(
        [*command, "--return-host", "shop.example"],
        cwd=ROOT,
        env={**os.environ, "SITEWRIGHT_ENV": "demo"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        import stripe

        client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": address})
        assert a_session(client).status == "open"
        with pytest.raises(stripe.InvalidRequestError) as refused:
            a_session(client, success_url="https://elsewhere.example/")
        assert (refused.value.code, refused.value.param) == ("url_invalid", "success_url")
        process.terminate()


def test_control_reads_json_only(sandbox):
    """So that no page in a browser can pull a switch: it could send a form, not this type."""
    request = urllib.request.Request(f"{sandbox.base_url}/control/reset", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 400


def test_reset_forgets_everything_but_the_endpoint(client, sandbox):
    client.v1.customers.create({}, {"idempotency_key": "k"})
    sandbox.control(duplicate=3, fail_next={"kind": "rate_limit"})
    sandbox.reset()
    assert sandbox.state() == {
        "settings": {
            "duplicate": 0,
            "delay": 0.0,
            "reorder": False,
            "paused": False,
            "drop": None,
            "faults": [],
            "requests": {},
        },
        "charges": {"succeeded": 0, "failed": 0, "by_payment_intent": {}},
        "refunds": 0,
        "events": 0,
        "deliveries": {"waiting": 0, "delivered": 0, "dropped": 0, "failed": 0, "attempts": 0},
    }
    assert [each.id for each in client.v1.webhook_endpoints.list().data] == ["we_sandbox"]
    assert (
        client.v1.customers.create({"email": "b@shop.example"}, {"idempotency_key": "k"}).email
        == "b@shop.example"
    )
