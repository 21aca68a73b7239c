"""Small programs that the supervisor runs in place of our services."""

import sys

# Ready at once on its health port; ends on SIGTERM; prints its environment's names first.
SERVICE = """
import http.server, json, os, signal, sys
print("sees", *sorted(os.environ))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"ready": True, "lag": 7, "detail": ""}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
port = int(os.environ.get("ACADEMY_HEALTH_PORT") or os.environ["ACADEMY_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()
"""

# Waits for a signal, says which, and ends.
PATIENT = """
import signal, sys
def end(number, _):
    print("ended by", signal.Signals(number).name, flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
while True:
    signal.pause()
"""

# Will not end by being asked.
STUBBORN = PATIENT.replace(
    "signal.signal(signal.SIGTERM, end)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
)

# Says why and fails.
BROKEN = "import sys; print('the table is missing'); sys.exit('cannot go on')"


def command(program: str) -> tuple[str, ...]:
    """How to run one of them."""
    return (sys.executable, "-u", "-c", program)
