"""A forward proxy that counts what builds download, by host.

Relies on the standard library. Reads nothing of encrypted connections: it counts their bytes.
Never caches, never changes what it relays.
"""

import collections
import http.client
import http.server
import select
import socket
import threading
import urllib.parse

BLOCK = 1 << 16
TIMEOUT = 120
# Of one connection, not of what is asked for.
HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "te", "upgrade"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        host, _, port = self.path.rpartition(":")
        try:
            upstream = socket.create_connection((host, int(port)), TIMEOUT)
        except OSError as error:
            self.send_error(502, str(error))
            return
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with upstream:
            self.relay(upstream, host)

    def relay(self, upstream, host):
        other = {self.connection: upstream, upstream: self.connection}
        while True:
            ready, _, _ = select.select(list(other), [], [], TIMEOUT)
            if not ready:
                return
            for side in ready:
                block = side.recv(BLOCK)
                if not block:
                    return
                other[side].sendall(block)
                if side is upstream:
                    self.server.count(host, len(block))

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        upstream = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=TIMEOUT)
        try:
            path = url._replace(scheme="", netloc="").geturl()
            upstream.request(self.command, path, None, headers)
            self.answer(upstream.getresponse(), url.hostname)
        except OSError as error:
            self.send_error(502, str(error))
        finally:
            upstream.close()

    do_HEAD = do_GET

    def answer(self, response, host):
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        # Without a length the end of the connection is the end of the body.
        if response.length is None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        while block := response.read(BLOCK):
            self.wfile.write(block)
            self.server.count(host, len(block))


class Proxy(http.server.ThreadingHTTPServer):
    """A running proxy; `take()` gives the bytes by host since the last call."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.bytes = collections.Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # A client that hangs up is no concern of the count.

    def count(self, host, size):
        with self.lock:
            self.bytes[host] += size

    def take(self):
        with self.lock:
            taken, self.bytes = self.bytes, collections.Counter()
        return taken

    def environment(self):
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {"http_proxy": address, "https_proxy": address, "no_proxy": ""}
