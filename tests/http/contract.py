"""
An independent judge of the contract: the schemas are python3-jsonschema's to read, and nothing is shared with the
product.

contract.py judge DOCUMENT EXCHANGES    what was asked and answered, a JSON object a line, is as the document says
contract.py try DOCUMENT ADDRESS        every example of the document is sent, with a key of $KEY_ROLE
"""
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections import Counter

import jsonschema

METHODS = ("get", "post")
NDJSON = "application/x-ndjson"
# The forms of a request: an example of ours never has one of these faults.
FORM = {"usage", "malformed", "field_missing", "field_unknown", "field_invalid", "idempotency_key_missing",
        "idempotency_key_invalid", "cursor_invalid", "request_unsafe", "unauthenticated", "forbidden",
        "method_not_allowed", "media_type", "uri_too_long", "body_too_large"}
# Except where the ledger of the test cannot be what the example wants; each with the code that it gets.
EXCEPT = {"clockConfirm": "usage"}
# The file that the example of an import takes in.
LEARNERS = "learner;programme;work_pct;low_qualified;active_from;portal\nL-0009;cpf;100;non;2020-01-01;PORTAL\n"
# An id that no ledger gives: in its place stands that of the voucher that was ordered.
AN_ID = "0198c0de-0000-7000-8000-000000000001"
KNOWN = {}
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
FORMATS = jsonschema.FormatChecker(formats=["date"])
FORMATS.checks("uuid")(lambda text: not isinstance(text, str) or bool(UUID.match(text)))
FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or bool(INSTANT.match(text)))


class Contract:
    def __init__(self, document):
        self.document = document
        self.faults = []
        self.operations = []
        for path, item in document["paths"].items():
            # A {name} is one segment, or what stands before its end: "{id}.xml".
            pattern = re.compile("^" + re.sub(r"\\\{[^}]*\\\}", "[^/]+?", re.escape(path)) + "$")
            for method in METHODS:
                if method in item:
                    self.operations.append((method, path, pattern, item[method]))

    def fault(self, where, text):
        self.faults.append(f"{where}: {text}")

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node

    def check(self, where, schema, value):
        whole = {"allOf": [schema], "components": self.document["components"]}
        for error in jsonschema.Draft202012Validator(whole, format_checker=FORMATS).iter_errors(value):
            at = "/".join(str(part) for part in error.absolute_path)
            self.fault(where, f"{at}: {error.message[:300]}")

    def find(self, method, path):
        """A path without {names} is meant before one with."""
        found = [o for o in self.operations if o[0] == method and o[2].match(path)]
        return min(found, key=lambda o: o[1].count("{"), default=None)

    def check_schemas(self):
        for name, schema in self.document["components"]["schemas"].items():
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                self.fault(name, error.message)

    def check_answer(self, where, operation, status, kind, text):
        answers = operation["responses"]
        answer = answers.get(str(status), answers.get(f"{status // 100}XX"))
        if answer is None:
            return self.fault(where, f"an answer {status} is not in the contract")
        content = self.resolve(answer)["content"]
        kind = kind.split(";")[0].strip()
        if kind not in content:
            return self.fault(where, f"{status} is {kind}, the contract has {list(content)}")
        if kind == NDJSON:
            self.check_lines(f"{where} {status}", content[kind], text)
        elif kind.endswith("json"):
            self.check(f"{where} {status}", content[kind]["schema"], json.loads(text))
        return None

    def check_lines(self, where, content, text):
        """Each line by itself."""
        for line in text.splitlines():
            self.check(where, content["schema"]["contentSchema"], json.loads(line))

    def check_request(self, where, operation, body):
        content = operation["requestBody"]["content"]
        if NDJSON in content:
            self.check_lines(f"{where} request", content[NDJSON], body)
        if "application/json" in content:
            self.check(f"{where} request", content["application/json"]["schema"], json.loads(body or "{}"))


def judge(contract, exchanges):
    done, seen = Counter(), 0
    for line in exchanges:
        x = json.loads(line)
        where = f"{x['method']} {x['path']}"
        found = contract.find(x["method"].lower(), x["path"].split("?")[0])
        if found is None:
            contract.fault(where, "is not in the contract")
            continue
        operation = found[3]
        seen += 1
        if x["status"] < 300:
            done[operation["operationId"]] += 1
            if x["method"] == "POST":
                contract.check_request(where, operation, x["body"])
        contract.check_answer(where, operation, x["status"], x["type"], x["answer"])
    print(f"{seen} exchanges, {len(done)} of {len(contract.operations)} operations done")


def send(address, method, path, operation, number):
    """With a key of the first of its roles that is not forbidden it: an example is one role's."""
    answer = None
    for role in operation["x-roles"] or [None]:
        if role and "KEY_" + role.upper() not in os.environ:
            continue
        answer = send_as(role, address, method, path, operation, f"{number}-{role}")
        if not is_forbidden(*answer):
            break
    return answer


def is_forbidden(status, kind, text):
    """The whole, or each line."""
    if kind != NDJSON:
        return status == 403
    return all(json.loads(line)["status"] == 403 for line in text.splitlines())


def send_as(role, address, method, path, operation, number):
    """The example as it stands: its status, type and text."""
    body, headers = None, {}
    for p in operation["parameters"]:
        if p.get("in") == "path":
            path = path.replace("{" + p["name"] + "}", KNOWN.get(p["example"], str(p["example"])))
    if method == "post":
        content = operation["requestBody"]["content"]
        kind = next(iter(content))
        body = LEARNERS
        if kind == NDJSON:
            body = content[kind]["example"].replace(AN_ID, KNOWN.get(AN_ID, AN_ID))
        elif "example" in content[kind]:
            body = json.dumps(content[kind]["example"])
        headers = {"Content-Type": kind, "Idempotency-Key": f"example-{number}"}
    if role:
        headers["Authorization"] = "Bearer " + os.environ["KEY_" + role.upper()]
    request = urllib.request.Request(address + path, body.encode() if body else None, headers,
                                     method=method.upper())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def try_examples(contract, address):
    counts = Counter()
    for number, (method, path, _, operation) in enumerate(contract.operations):
        where = f"{method.upper()} {path}"
        for p in operation["parameters"]:
            p = contract.resolve(p)
            if "example" in p:
                contract.check(f"{where} {p['name']}", p["schema"], p["example"])
        if method == "post":
            for kind, content in operation["requestBody"]["content"].items():
                if kind == NDJSON:
                    contract.check_lines(f"{where} example", content, content["example"])
                if kind == "application/json":
                    contract.check(f"{where} example", content["schema"], content["example"])
        status, kind, text = send(address, method, path, operation, number)
        counts["done" if status < 300 else "refused by rule"] += 1
        if operation["operationId"] == "voucherOrder" and status == 201:
            KNOWN[AN_ID] = json.loads(text)["id"]
        contract.check_answer(where, operation, status, kind, text)
        if kind == NDJSON:
            for line in map(json.loads, text.splitlines()):
                if line.get("problem", {}).get("code") in FORM or line["status"] >= 500:
                    contract.fault(where, f"a line of the example is refused: {line}")
        if status < 300 or not kind.startswith("application/problem+json"):
            continue
        code = json.loads(text)["code"]
        if (code in FORM or status >= 500) and EXCEPT.get(operation["operationId"]) != code:
            contract.fault(where, f"the example is refused: {text[:400]}")
    print(f"{len(contract.operations)} examples: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        contract = Contract(json.load(file))
    contract.check_schemas()
    if sys.argv[1] == "judge":
        with open(sys.argv[3], encoding="utf-8") as file:
            judge(contract, file)
    else:
        try_examples(contract, sys.argv[3])
    for fault in contract.faults:
        print(fault)
    return 1 if contract.faults else 0


if __name__ == "__main__":
    sys.exit(main())
