"""Measures `multi-auth proxy` beside nginx, HAProxy and mitmproxy, which attach a fixed header.

    apt-get install nginx haproxy wrk mitmproxy
    cargo build --release --package multi-auth-cli
    python3 benches/proxy/measure.py target/release/multi-auth [SECONDS]
    python3 benches/proxy/measure.py target/release/multi-auth SECONDS reload

With `reload`, the proxy alone is under full load while its configuration, with another key each
time, is read again every half second.

All listen on loopback, and end with the script. The vendor is an nginx that answers with 13 bytes.
Each proxy writes a line per request to a file. Processor time is that of the proxy's processes, by
/proc. A program that is not installed has no row.
"""
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
KEY = "key-of-the-vendor-123"
TICK = os.sysconf("SC_CLK_TCK")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
directory = tempfile.mkdtemp()
running = []


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def write(name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


def start(command, port):
    log = open(os.path.join(directory, "log"), "a")
    process = subprocess.Popen(
        command, stdout=log, stderr=log, cwd=directory, start_new_session=True
    )
    running.append(process)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{command[0]} does not listen")


def end(process):
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    running.remove(process)


NGINX = """daemon off; pid {0}/nginx-{1}.pid; error_log {0}/error.log; worker_processes 2;
worker_rlimit_nofile 60000;
events {{ worker_connections 25000; }}
http {{ client_body_temp_path {0}/b{1}; proxy_temp_path {0}/p{1}; fastcgi_temp_path {0}/f{1};
  uwsgi_temp_path {0}/u{1}; scgi_temp_path {0}/s{1}; keepalive_requests 100000000; keepalive_timeout 600s;
  {2} }}
"""


def nginx(name, port, body):
    path = write(f"{name}.conf", NGINX.format(directory, name, body))
    return start(["nginx", "-c", path], port)


def vendor(port):
    body = f"""access_log off; server {{ listen 127.0.0.1:{port}; location / {{
        if ($http_x_api_key !~ "^{KEY}") {{ return 401; }} return 200 "hello, world\\n"; }} }}"""
    return nginx("vendor", port, body)


def configuration(port, vendor, token, key):
    return write(
        "multi-auth.toml",
        f"""[vendors.v]
scheme = "header"
name = "x-api-key"
url = "http://127.0.0.1:{vendor}"
key = {{ dangerous_inline = "{key}" }}
[proxy]
listen = ["127.0.0.1:{port}"]
[proxy.callers.c]
token_hashes = ["{token['token_hash']}"]
allow = [{{ vendor = "v" }}]
""",
    )


def multi_auth(port, vendor):
    token = json.loads(subprocess.check_output([PROGRAM, "caller-token", "--json"]))
    path = configuration(port, vendor, token, KEY)
    process = start([PROGRAM, "proxy", "--config", path, "--audit", "audit.jsonl"], port)
    process.multi_auth = token
    return process, token["token"]


def nginx_proxy(port, vendor):
    body = f"""access_log {directory}/access.log;
      upstream v {{ server 127.0.0.1:{vendor}; keepalive 256; keepalive_requests 100000000; }}
      server {{ listen 127.0.0.1:{port}; location /v/ {{ proxy_pass http://v/; proxy_http_version 1.1;
        proxy_set_header Connection ""; proxy_set_header x-api-key "{KEY}"; }} }}"""
    return nginx("proxy", port, body), "x"


def haproxy(port, vendor):
    path = write(
        "haproxy.cfg",
        f"""global
  nbthread 2
  maxconn 9000
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  http-reuse always
  http-request set-header x-api-key {KEY}
  server v 127.0.0.1:{vendor}
""",
    )
    return start(["haproxy", "-f", path], port), "x"


def mitmproxy(port, vendor):
    command = ["mitmdump", "--mode", f"reverse:http://127.0.0.1:{vendor}", "-p", str(port)]
    command += ["--modify-headers", f"/~q/x-api-key/{KEY}", "--set", "confdir=" + directory]
    return start(command, port), "x"


def processes(process):
    """The process and those that it started."""
    found = [process.pid]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == process.pid:
            found.append(int(pid))
    return found


def cpu(process):
    fields = [open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split() for pid in processes(process)]
    return sum(int(field[11]) + int(field[12]) for field in fields) / TICK


def memory(process):
    """Private memory, in KiB."""
    total = 0
    for pid in processes(process):
        text = open(f"/proc/{pid}/smaps_rollup").read()
        total += sum(map(int, re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text)))
    return total


def load(port, token, connections, seconds):
    """Requests per second, the 50th and 99th percentile in ms, requests, and failures."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{port}/v/x"]
    text = subprocess.check_output(command, text=True)

    def milliseconds(percent):
        value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    requests = int(re.search(r"(\d+) requests in", text).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: (.*)", text)
    failed = (int(refused.group(1)) if refused else 0) + sum(
        map(int, re.findall(r"\d+", errors.group(1) if errors else ""))
    )
    return rate, milliseconds(50), milliseconds(99), requests, failed


def idle_memory(process, port, token, count):
    """The memory of an idle connection that has had one request, in KiB."""
    before = memory(process)
    request = f"GET /v/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    sockets = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(request)
        assert b" 200 " in connection.recv(4096)
        sockets.append(connection)
    time.sleep(1)
    grown = memory(process) - before
    for connection in sockets:
        connection.close()
    return grown / count


def row(name, begin, vendor_port):
    port = free_port()
    process, token = begin(port, vendor_port)
    load(port, token, 8, 1)
    start = memory(process)
    before = cpu(process)
    rate, median, high, requests, failed = load(port, token, 32, SECONDS)
    cost = (cpu(process) - before) / requests * 1e6
    _, light_median, light_high, _, light_failed = load(port, token, 4, SECONDS)
    connections = 100 if name == "mitmproxy" else 8_000
    per_connection = idle_memory(process, port, token, connections)
    print(
        f"| {name} | {rate:,.0f} | {median:.2f} | {high:.2f} | {light_median:.2f} | {light_high:.2f} "
        f"| {cost:.1f} | {start / 1024:.0f} | {per_connection:.1f} | {failed + light_failed} |",
        flush=True,
    )
    end(process)


def reload(vendor_port):
    """Loads the proxy while its configuration changes."""
    port = free_port()
    process, token = multi_auth(port, vendor_port)
    reloads = 0
    command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {token}"]
    wrk = subprocess.Popen(command + [f"http://127.0.0.1:{port}/v/x"], stdout=subprocess.PIPE, text=True)
    while wrk.poll() is None:
        time.sleep(0.5)
        reloads += 1
        configuration(port, vendor_port, process.multi_auth, f"{KEY}-{reloads}")
        process.send_signal(signal.SIGHUP)
    text = wrk.stdout.read()
    print(text)
    read = open(os.path.join(directory, "log")).read().count("was read again")
    print(f"{reloads} changes, {read} times read again, {memory(process) / 1024:.0f} MiB in the end")
    assert "Non-2xx" not in text and "Socket errors" not in text
    end(process)


def main():
    port = free_port()
    vendor(port)
    if sys.argv[3:] == ["reload"]:
        try:
            return reload(port)
        finally:
            for process in list(running):
                end(process)
            shutil.rmtree(directory, ignore_errors=True)
    print("| proxy | requests/s, 32 connections | p50 ms | p99 ms | p50 ms, 4 connections | p99 ms "
          "| processor us per request | MiB | KiB per idle connection | failed |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    proxies = [("multi-auth", multi_auth, PROGRAM), ("nginx", nginx_proxy, "nginx"),
               ("HAProxy", haproxy, "haproxy"), ("mitmproxy", mitmproxy, "mitmdump")]
    try:
        for name, begin, program in proxies:
            if shutil.which(program):
                row(name, begin, port)
            else:
                print(f"{name} is not installed", file=sys.stderr)
    finally:
        for process in list(running):
            end(process)
        shutil.rmtree(directory, ignore_errors=True)


main()
