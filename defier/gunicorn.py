"""How gunicorn serves: `gunicorn --config=python:defier.gunicorn defier.wsgi:application`."""

import os

from defier import logs

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# The application is loaded once and its memory shared; connections are opened after the fork.
preload_app = True
timeout = int(os.environ.get("WEB_TIMEOUT", "60"))
graceful_timeout = 15
keepalive = 75  # longer than a proxy keeps its side, which would else meet a closed door
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
forwarded_allow_ips = os.environ.get("WEB_PROXY", "127.0.0.1")
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a heartbeat, no data
no_control_socket = True
control_socket_disable = True
accesslog = None
logconfig_dict = logs.logging(level=os.environ.get("LOG_LEVEL", "INFO"))
