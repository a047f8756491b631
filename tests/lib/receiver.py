"""A receiver of webhooks that shares no code with the product.

usage: receiver.py serve FOLDER         listens on a free port, written to FOLDER/port
       receiver.py secure FOLDER        likewise over TLS, with a certificate that nobody trusts
       receiver.py check FOLDER SECRET [OLD]   are the signatures right? "v1" by hmac, "v1a" by openssl pkeyutl
       receiver.py library FOLDER SECRET PATH  likewise, by the library standardwebhooks at PATH, under node

Each request becomes a line of JSON in FOLDER/log, written before it is answered.  FOLDER/mode says how: "200", "503
retry=7", "302", "410", "slow" (never), "once 500" (each id fails the first time), or "path": as the path says, /500.
SECRET is whsec_..., or whpk_... for v1a.
"""
import base64
import hashlib
import hmac
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {k.lower(): v for k, v in self.headers.items()}
        words = open(folder + "/mode").read().split() or ["200"]
        if words == ["path"]:
            words = self.path.strip("/").split("/")
        with open(folder + "/log", "a") as log:
            log.write(json.dumps({"path": self.path, "headers": headers, "body": body}) + "\n")
        if words[0] == "once":
            words = words[1:] if headers["webhook-id"] not in seen else ["200"]
            seen.add(headers["webhook-id"])
        if words[0] == "slow":
            time.sleep(60)
            return
        self.send_response(int(words[0]))
        for word in words[1:]:
            if word.startswith("retry="):
                self.send_header("Retry-After", word[6:])
        if words[0] == "302":
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def requests():
    return [json.loads(line) for line in open(folder + "/log")]


def signed(r):
    h = r["headers"]
    return (h["webhook-id"] + "." + h["webhook-timestamp"] + "." + r["body"]).encode()


def signatures(r, version):
    return [s.split(",")[1] for s in r["headers"]["webhook-signature"].split(" ") if s.startswith(version + ",")]


def by_hmac(r, secret):
    right = base64.b64encode(hmac.new(base64.b64decode(secret[6:]), signed(r), hashlib.sha256).digest()).decode()
    return right in signatures(r, "v1")


def by_openssl(r, public):
    with tempfile.TemporaryDirectory() as d:
#SubjectPublicKeyInfo of Ed25519(RFC 8410)
        open(d + "/key", "wb").write(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(public[5:]))
        open(d + "/in", "wb").write(signed(r))
        for s in signatures(r, "v1a"):
            open(d + "/sig", "wb").write(base64.b64decode(s))
            if subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", d + "/key",
                               "-rawin", "-in", d + "/in", "-sigfile", d + "/sig"], capture_output=True).returncode == 0:
                return True
    return False


def check(keys):
    for r in requests():
        for key in keys:
            if not (by_hmac if key.startswith("whsec_") else by_openssl)(r, key):
                sys.exit("not signed by " + key[:6] + ": " + json.dumps(r))
        if abs(time.time() - int(r["headers"]["webhook-timestamp"])) > 300 or "." in r["headers"]["webhook-id"]:
            sys.exit("not fresh, or an id with a point: " + json.dumps(r))
        body = json.loads(r["body"])
        if sorted(body) != ["data", "id", "timestamp", "type"] or body["id"] != r["headers"]["webhook-id"]:
            sys.exit("not an event: " + r["body"])


def library(secret, path):
    program = ('const {Webhook} = require(process.argv[1]); const r = JSON.parse(process.argv[3]);'
               'new Webhook(process.argv[2]).verify(r.body, r.headers)')
    for r in requests():
        done = subprocess.run(["node", "-e", program, path, secret, json.dumps(r)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("the library refuses " + json.dumps(r) + ": " + done.stderr)


folder = sys.argv[2]
if sys.argv[1] in ("serve", "secure"):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if sys.argv[1] == "secure":
        pem = folder + "/pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", pem, "-out",
                        pem + ".crt"], check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem + ".crt", pem)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with open(folder + "/port.new", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(folder + "/port.new", folder + "/port")
    server.serve_forever()
elif sys.argv[1] == "check":
    check(sys.argv[3:])
else:
    library(sys.argv[3], sys.argv[4])
