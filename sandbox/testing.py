"""For tests of the product: a gateway double in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent


class ControlRefused(RuntimeError):
    """The double did not understand a setting; its sentence is the message."""


class SandboxProcess:
    """A running double on a free port of 127.0.0.1. It ends with `stop()`, the `with` block or this process.

    `webhook_url` may be set later with `control(webhook_url=…)`; until then nobody answers where events go.
    `data`: the folder it remembers things in; a temporary one when not given.
    """

    def __init__(
        self,
        *,
        webhook_url: str = "http://127.0.0.1:9/",
        webhook_secret: str = "whsec_sandbox",  # noqa: S107 - opens nothing
        api_key: str = "sk_test_sandbox",
        data: Path | None = None,
        port: int = 0,
    ) -> None:
        self.webhook_secret = webhook_secret
        self.api_key = api_key
        self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-") if data is None else None
        self.data = Path(self._temporary.name) if self._temporary else Path(data or "")
        self.process = subprocess.Popen(  # noqa: S603 - our own words
            [
                sys.executable,
                *("-m", "sandbox", "--until-stdin-closes", "--port", str(port), "--data", str(self.data)),
                *("--webhook-url", webhook_url, "--webhook-secret", webhook_secret, "--api-key", api_key),
            ],
            cwd=ROOT,
            env={**os.environ, "SITEWRIGHT_ENV": "test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base_url = self._address()

    def _address(self) -> str:
        """Waits for the ready line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"the gateway double did not start (exit status {self.process.returncode})")
        return line.split()[-1]

    def state(self) -> dict[str, Any]:
        """Settings and counters, as `GET /control/` answers."""
        return self._request("/control/", None)

    def control(self, **settings: Any) -> dict[str, Any]:
        """Changes settings (see docs/gateway-double.md); returns the state. Raises ControlRefused."""
        return self._request("/control/", settings)

    def pay(self, session_id: str, *, card: str = "4242424242424242", bank: str = "ask") -> dict[str, Any]:
        """Pays a Checkout Session without a browser.

        `outcome` is paid, declined, requires_action, complete or expired; `message` is what the bank said;
        `session` the session afterwards.

        `bank`: `approve` or `fail` answers for the holder when the card asks.
        """
        return self._request(f"/control/sessions/{session_id}/pay", {"card": card, "bank": bank})

    def answer_bank(self, intent_id: str, *, approve: bool) -> str:
        """Answers the bank's question about a payment or setup intent; returns the intent's status."""
        answer = {"answer": "approve" if approve else "fail"}
        return str(self._request(f"/control/intents/{intent_id}/bank", answer)["status"])

    def settle_refund(self, refund_id: str) -> str:
        """Time passes and the bank has its last word on a refund; returns its status."""
        return str(self._request(f"/control/refunds/{refund_id}/settle", {})["status"])

    def change_card(self, payment_method_id: str, *, card: str) -> None:
        """From now on the saved card behaves like the test card with this number."""
        self._request(f"/control/payment_methods/{payment_method_id}", {"card": card})

    def flush(self) -> int:
        """Makes every waiting delivery now, paused or not; returns how many the endpoint took."""
        return int(self._request("/control/deliveries/flush", {})["taken"])

    def deliveries(self) -> list[dict[str, Any]]:
        """The last hundred deliveries, newest first."""
        return list(self._request("/control/deliveries", None)["deliveries"])

    def reset(self) -> None:
        """Forgets all objects, deliveries, settings and counters; the webhook address stays."""
        self._request("/control/reset", {})

    def _request(self, path: str, given: dict[str, Any] | None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.base_url + path,
            data=None if given is None else json.dumps(given).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answered:  # noqa: S310 - our own address
                return dict(json.load(answered))
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(json.load(error)["error"]) from error

    def stop(self) -> int:
        """Ends it and returns its exit status; its data are gone when they were temporary."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        if self._temporary is not None:
            self._temporary.cleanup()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
