"""How the web process serves, in the demo and in production: ``gunicorn --config python:config.gunicorn``."""

import os

wsgi_app = "config.wsgi"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "1"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
os.environ["DATABASE_POOL"] = os.environ.get("DATABASE_POOL") or str(
    threads
)  # a connection for each thread, kept between requests
preload_app = True  # workers share the memory of what is loaded; nothing connects before the fork
keepalive = 75  # seconds, longer than the proxy in front keeps an idle connection
graceful_timeout = 20  # seconds for requests under way when told to stop
control_socket_disable = True
