"""`python -m sandbox`: runs the gateway double until it is told to end."""

import argparse
import fcntl
import os
import signal
import sys
import threading
import time
from pathlib import Path

ALLOWED = ("demo", "test")
PATIENCE = 2.0  # seconds a delivery under way may take to finish at the end


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A stand-in for Stripe, for demo and tests."
    )
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder to remember things in"
    )
    parser.add_argument("--webhook-url", metavar="URL", help="where to send events; none are sent without it")
    parser.add_argument("--webhook-secret", metavar="whsec_…", help="to sign them with")
    parser.add_argument(
        "--api-key", default="sk_test_sandbox", metavar="sk_test_…", help="the key to ask for"
    )
    parser.add_argument(
        "--return-host",
        action="append",
        default=[],
        metavar="HOST",
        help="a host people may be sent back to; any when not given; may be repeated",
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end as well when whoever started this is gone"
    )
    given = parser.parse_args()
    if bool(given.webhook_url) != bool(given.webhook_secret):
        parser.error("--webhook-url and --webhook-secret go together")
    return given


def main() -> None:
    given = arguments()
    if os.environ.get("SITEWRIGHT_ENV") not in ALLOWED:
        sys.exit("The gateway double takes no real money: it runs only where SITEWRIGHT_ENV is demo or test.")
    given.data.mkdir(parents=True, exist_ok=True)
    lock = (given.data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Another gateway double is at work in {given.data}.")
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    if given.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(ending,), daemon=True).start()
    _serve(given, ending)


def _watch_stdin(ending: threading.Event) -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would trouble the interpreter's end
        pass
    ending.set()


def _serve(given: argparse.Namespace, ending: threading.Event) -> None:
    from sandbox.server import Server  # Django is read only once it is clear that we may run

    try:
        server = Server(port=given.port)
    except OSError as error:
        sys.exit(f"Port {given.port} cannot be had: {error.strerror}.")
    base_url = f"http://127.0.0.1:{server.server_port}"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "sandbox.settings",
        "SANDBOX_DATA": str(given.data.resolve()),
        "SANDBOX_BASE_URL": base_url,
        "SANDBOX_API_KEY": given.api_key,
        "SANDBOX_RETURN_HOSTS": ",".join(given.return_host),
    }

    import django
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    django.setup()
    call_command("migrate", verbosity=0)

    from sandbox import deliveries, store, webhook_endpoints  # models need Django's set-up

    if given.webhook_url:
        with store.writing():
            webhook_endpoints.stand(
                store.Call(at=time.time()), url=given.webhook_url, secret=given.webhook_secret
            )
    server.set_app(get_wsgi_application())
    deliveries.worker.start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(f"gateway double ready at {base_url}", flush=True)  # noqa: T201 - who started it reads this line
    ending.wait()
    server.shutdown()
    server.server_close()
    deliveries.worker.stop(patience=PATIENCE)


if __name__ == "__main__":
    main()
