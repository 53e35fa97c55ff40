"""Measures `multi-auth proxy` beside nginx, HAProxy and mitmproxy, which attach a fixed header.

    apt-get install nginx haproxy wrk mitmproxy nghttp2-client
    cargo build --release --package multi-auth-cli
    python3 benches/proxy/measure.py target/release/multi-auth [SECONDS [MODE]]

Without MODE, each proxy is under full load, and then has idle connections. The modes are:

- `soak`: the proxy alone is under full load. Its configuration, with another key each time, is read
  again every half second, and the tokens of a second vendor expire after two seconds.
- `steady`: each proxy gets requests at a constant rate, half of what it can do, as the vendor does.
- `memory`: each proxy has more and more connections that have had a request.

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
    body = f"""access_log off; server {{ listen 127.0.0.1:{port};
      location / {{ if ($http_x_api_key !~ "^{KEY}") {{ return 401; }} return 200 "hello, world\\n"; }}
      location /t {{ if ($http_authorization != "Bearer token-1") {{ return 401; }} return 200 "hello, world\\n"; }}
      location = /token {{ default_type application/json;
        return 200 '{{"access_token":"token-1","expires_in":2}}'; }} }}"""
    return nginx("vendor", port, body)


def configuration(port, vendor, token, key):
    return write(
        "multi-auth.toml",
        f"""[vendors.v]
scheme = "header"
name = "x-api-key"
url = "http://127.0.0.1:{vendor}"
key = {{ dangerous_inline = "{key}" }}
[vendors.t]
scheme = "token_endpoint"
url = "http://127.0.0.1:{vendor}/t"
key = {{ dangerous_inline = "{key}" }}
[vendors.t.token_endpoint]
url = "http://127.0.0.1:{vendor}/token"
format = "json"
key_field = "key"
[proxy]
listen = ["127.0.0.1:{port}"]
[proxy.callers.c]
token_hashes = ["{token['token_hash']}"]
allow = [{{ vendor = "v" }}, {{ vendor = "t" }}]
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


def connect(port, token, count):
    """Connections that have had one request."""
    request = f"GET /v/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(request)
        assert b" 200 " in connection.recv(4096)
        connections.append(connection)
    # multi-auth gives the buffers of a connection back after a second.
    time.sleep(3)
    return connections


def idle_memory(process, port, token, count):
    """The memory of an idle connection that has had one request, in KiB."""
    before = memory(process)
    connections = connect(port, token, count)
    grown = memory(process) - before
    for connection in connections:
        connection.close()
    return grown / count


def constant(port, token, rate):
    """The 50th and 99th percentile in ms at a constant rate, which does not wait for responses."""
    log = os.path.join(directory, "h2load")
    command = ["h2load", "--h1", "-t1", "-c32", f"--rps={rate // 32}", f"-D{SECONDS}", f"--log-file={log}"]
    command += [f"-HAuthorization: Bearer {token}", f"-Hx-api-key: {KEY}", f"http://127.0.0.1:{port}/v/x"]
    subprocess.check_call(command, stdout=subprocess.DEVNULL)
    with open(log) as lines:
        rows = [line.split() for line in lines]
    os.remove(log)
    assert all(row[1] == "200" for row in rows), rows[0]
    times = sorted(int(row[2]) / 1000 for row in rows)
    return times[len(times) // 2], times[len(times) * 99 // 100], len(times) / SECONDS


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


def soak(vendor_port):
    """Loads the proxy while its configuration changes and tokens expire."""
    port = free_port()
    process, token = multi_auth(port, vendor_port)
    script = write("paths.lua", """local paths, next = {"/v/x", "/t/x"}, 0
request = function() next = next + 1; return wrk.format("GET", paths[next % 2 + 1]) end""")
    reloads = 0
    command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", script, "-H", f"Authorization: Bearer {token}"]
    wrk = subprocess.Popen(command + [f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True)
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


def steady(name, begin, vendor_port):
    port = free_port()
    process, token = begin(port, vendor_port)
    most = load(port, token, 32, 2)[0]
    rate = int(most / 2)
    constant(port, token, rate)
    median, high, real = constant(port, token, rate)
    direct_median, direct_high, _ = constant(vendor_port, token, rate)
    print(
        f"| {name} | {real:,.0f} | {median:.2f} | {high:.2f} | {direct_median:.2f} | {direct_high:.2f} "
        f"| {high - direct_high:.2f} |",
        flush=True,
    )
    end(process)


def at_connections(name, begin, vendor_port):
    port = free_port()
    process, token = begin(port, vendor_port)
    load(port, token, 1, 1)
    connections, sizes = [], []
    for count in [1, 100, 1_000, 9_000]:
        if name == "mitmproxy" and count > 1_000:
            sizes.append("-")
            continue
        connections += connect(port, token, count - len(connections))
        sizes.append(f"{memory(process) / 1024:.1f}")
    print(f"| {name} | {' | '.join(sizes)} |", flush=True)
    for connection in connections:
        connection.close()
    end(process)


HEADS = {
    None: "proxy | requests/s, 32 connections | p50 ms | p99 ms | p50 ms, 4 connections | p99 ms "
          "| processor us per request | MiB | KiB per idle connection | failed",
    "steady": "proxy | requests/s | p50 ms | p99 ms | p50 ms of the vendor alone | p99 ms | p99 ms added",
    "memory": "proxy | MiB, 1 connection | 100 | 1,000 | 9,000",
}


def main():
    mode = sys.argv[3] if len(sys.argv) > 3 else None
    port = free_port()
    vendor(port)
    proxies = [("multi-auth", multi_auth, PROGRAM), ("nginx", nginx_proxy, "nginx"),
               ("HAProxy", haproxy, "haproxy"), ("mitmproxy", mitmproxy, "mitmdump")]
    measured = {None: row, "steady": steady, "memory": at_connections}
    try:
        if mode == "soak":
            return soak(port)
        print(f"| {HEADS[mode]} |")
        print("|---|" + "---:|" * HEADS[mode].count("|"))
        for name, begin, program in proxies:
            if shutil.which(program):
                measured[mode](name, begin, port)
            else:
                print(f"{name} is not installed", file=sys.stderr)
    finally:
        for process in list(running):
            end(process)
        shutil.rmtree(directory, ignore_errors=True)


main()
