"""httpbin (PyPI, MIT) on loopback. It prints its URL, and stops when its input ends.

    PYTHONPATH=DIRECTORY python3 httpbin_server.py
"""
import logging
import sys
import threading

from httpbin import app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("http://127.0.0.1:%d" % server.server_port, flush=True)
sys.stdin.read()
