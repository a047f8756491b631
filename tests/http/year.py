"""A year of a scheme, driven over HTTP as its people would: a portal, two providers, the staff, and a bank.

usage: year.py URL VOUCHERS    keys in $KEY_PORTAL, $KEY_PROVIDER, $KEY_FUNDER, ...

The bank is this program's own: it takes the ledger's files of payments, sends card payments, calls and charges, and
writes a statement (camt.053) of each account for each day on which something moved.  After each of them account 110
of the funds on that bank account is what the bank says.  At the end of the year what must clear is empty or is
explained by name, and every cent that a learner paid is in an order, with a provider, or back with the learner.
"""
import csv
import datetime
import http.client
import io
import json
import os
import sys
import xml.etree.ElementTree as tree
from collections import defaultdict
from urllib.parse import urlsplit

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ACCOUNTS = {"CDC-CPF": ("FR8530003000340000026924634", ["cpf-law"]),
            "CDC-COPAY": ("FR5430003000310000024548931", ["cpf-copay"])}
PRICE, COPAY = 30000, 10320
MONTHS = range(2, 12)
KINDS = ["cancelled_unsettled", "cancelled_settled", "cancelled_late", "absent", "never_entered", "half", "controlled",
         "settled_late"]
MIX = 16 # of so many orders one is of each of these kinds, the others run their course


def die(*words):
    sys.exit("year: " + " ".join(str(w) for w in words))


def euros(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def cents(text):
    return int(text.replace(".", ""))


class Ledger:
    """The API: one connection, a key for each role."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=120)
        self.calls = 0

    def call(self, role, path, body=None, raw=None, allowed=()):
        self.calls += 1
        headers = {"Authorization": "Bearer " + os.environ["KEY_" + role.upper()]}
        if body is None and raw is None:
            self.connection.request("GET", path, headers=headers)
        else:
            headers["Idempotency-Key"] = f"year-{self.calls}"
            headers["Content-Type"] = "application/json" if raw is None else "application/octet-stream"
            self.connection.request("POST", path, body=json.dumps(body) if raw is None else raw, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 400 and answer.status not in allowed:
            die(role, path, body, "->", answer.status, text[:600])
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return json.loads(text) if is_json else text

    def step(self, role, voucher, step, **words):
        return self.call(role, f"/v1/vouchers/{voucher}/{step}", words)

    def rows(self, role, name, query=""):
        return list(csv.DictReader(io.StringIO(self.call(role, f"/v1/reports/{name}.csv{query}")), delimiter=";"))


class Bank:
    def __init__(self, ledger):
        self.ledger = ledger
        self.balance = {"CDC-CPF": 10000000, "CDC-COPAY": 0}
        self.waiting = defaultdict(list)
        self.number = defaultdict(int)
        self.days = self.moves = 0

    def move(self, account, amount, label="", end_to_end="", back=""):
        self.waiting[account].append((amount, label, end_to_end, back))
        self.moves += 1

    def entry(self, account, at, amount, label, end_to_end, back, day):
        reference = f"<EndToEndId>{end_to_end}</EndToEndId>" if end_to_end else ""
        details = f"<Refs>{reference}</Refs>" if reference else ""
        if back:
            details += f"<RtrInf><Rsn><Cd>{back}</Cd></Rsn></RtrInf>"
        if label:
            details += f"<RmtInf><Ustrd>{label}</Ustrd></RmtInf>"
        return (f"<Ntry><Amt Ccy=\"EUR\">{euros(abs(amount))}</Amt>"
                f"<CdtDbtInd>{'CRDT' if amount > 0 else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
                f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
                f"<AcctSvcrRef>{account}-{self.number[account]}-{at}</AcctSvcrRef>"
                f"<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>"
                f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry>")

    def balance_of(self, kind, amount, day):
        return (f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{euros(abs(amount))}</Amt>"
                f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>")

    def statement(self, account, day):
        lines, self.waiting[account] = self.waiting[account], []
        self.number[account] += 1
        opening = self.balance[account]
        self.balance[account] = closing = opening + sum(line[0] for line in lines)
        entries = "".join(self.entry(account, i + 1, *line, day) for i, line in enumerate(lines))
        return (f"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"{CAMT}\"><BkToCstmrStmt><GrpHdr>"
                f"<MsgId>{account}-{self.number[account]}</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr><Stmt>"
                f"<Id>{account}-{self.number[account]}</Id><ElctrncSeqNb>{self.number[account]}</ElctrncSeqNb>"
                f"<CreDtTm>{day}T20:00:00Z</CreDtTm><Acct><Id><IBAN>{ACCOUNTS[account][0]}</IBAN></Id></Acct>"
                f"{self.balance_of('OPBD', opening, day)}{self.balance_of('CLBD', closing, day)}{entries}"
                "</Stmt></BkToCstmrStmt></Document>")

    def close(self, day):
        """Statements of the day are taken, and all that matches is entered."""
        for account in ACCOUNTS:
            if self.waiting[account]:
                self.ledger.call("accountant", f"/v1/imports/bank?file={account}-{day}.xml",
                                 raw=self.statement(account, day).encode())
                self.days += 1
        after = 0
        while True:
            done = self.ledger.call("accountant", "/v1/bank-lines/match", {"after": after} if after else {})
            after = done.get("after", 0)
            if done.get("finished", True):
                return

    def check(self, day):
        held = defaultdict(int)
        for row in self.ledger.rows("auditor", "trial-balance"):
            if row["kind"] == "110":
                held[row["fund"]] = cents(row["balance_eur"])
        for account, (_, funds) in ACCOUNTS.items():
            ours = sum(held[fund] for fund in funds)
            if ours != self.balance[account]:
                die(day, account, "holds", euros(self.balance[account]), "and 110 says", euros(ours))


class Year:
    def __init__(self, ledger, vouchers):
        self.ledger, self.bank = ledger, Bank(ledger)
        self.agenda = defaultdict(list)
        self.orders = []
        self.vouchers = vouchers
        self.returned = 0 # to learners, by the bank

    def at(self, day, what, *args):
        self.agenda[day].append((what, args))

    def plan(self):
        each = self.vouchers // len(MONTHS)
        for month in MONTHS:
            first = datetime.date(2026, month, 1)
            monday = first + datetime.timedelta(days=(7 - first.weekday()) % 7)
            batch = [len(self.orders) + i for i in range(each)]
            self.orders += [{"number": n, "kind": KINDS[n % MIX] if n % MIX < len(KINDS) else "full"} for n in batch]
            day = lambda n: monday + datetime.timedelta(days=n)
            self.at(day(0), self.call_in, month)
            self.at(day(0), self.order, batch, day(21))
            self.at(day(1), self.settle, batch, 0)
            self.at(day(2), self.cancel, batch)
            self.at(day(18), self.cancel_late, batch)
            self.at(day(21), self.enter, batch, day(21))
            self.at(day(21), self.settle, batch, 1)
            self.at(day(25), self.leave, batch, day(25))
            self.at(day(28), self.absent, batch)
            self.at(day(30), self.release, batch)
            for when in (day(45), day(50)):
                self.at(when, self.bill, batch)
            self.at(day(46), self.pay, month)
            self.at(day(51), self.pay, month)
            self.at(day(27), self.charge, month)

    def run(self):
        for day in sorted(self.agenda):
            if day.year > 2026:
                break
            self.ledger.call("operator", "/v1/sandbox/clock", {"advance_to": f"{day}T08:00:00Z"}, allowed=(409,))
            for what, args in self.agenda[day]:
                what(day, *args)
            self.bank.close(day)
            self.settle_rest(day)
            self.bank.check(day)

    def settle_rest(self, day):
        """Lines that matched nothing are those that nothing can match: charges and interest."""
        for line in self.ledger.call("accountant", "/v1/bank-lines?state=open&limit=100")["data"]:
            purpose = {"FEES": "charges", "INTEREST": "interest"}.get(line.get("label", "").split("-")[0])
            if purpose is None:
                die(day, "a line waits:", line)
            fund = ACCOUNTS[line["bank_account"]][1][0]
            self.ledger.call("accountant", f"/v1/bank-lines/{line['id']}/resolve",
                             {"purpose": purpose, "subject": fund, "reason": "bank_statement"})

    def of(self, batch, *kinds):
        return [self.orders[n] for n in batch if self.orders[n]["kind"] in kinds]

    # --- what people do

    def call_in(self, day, month):
        """The funder is asked for the month, and the bank shows the money."""
        self.ledger.call("funder", "/v1/contributions", {"reference": f"CALL-{month}", "kind": "call", "fund": "cpf-law",
                                                         "amount": 4500000, "value_date": str(day)})
        self.bank.move("CDC-CPF", 4500000, label=f"CALL-{month}")

    def order(self, day, batch, start):
        for order in (self.orders[n] for n in batch):
            order["card"] = f"CARD-{order['number']}"
            made = self.ledger.call("portal", "/v1/vouchers", {
                "learner": f"X{order['number'] * 2 // 2 % (self.vouchers // 2) + 1:04}", "course": "C-A2",
                "session_start": str(start), "session_end": str(start + datetime.timedelta(days=4)),
                "learner_payment": {"amount": COPAY, "reference": order["card"]}})
            order["id"], order["code"] = made["id"], made["code"]

    def settle(self, day, batch, late):
        for order in (self.orders[n] for n in batch):
            if order["kind"] != "cancelled_unsettled" and (order["kind"] == "settled_late") == bool(late):
                self.bank.move("CDC-COPAY", COPAY, label=order["card"])
                order["settled"] = 1

    def cancel(self, day, batch):
        for order in self.of(batch, "cancelled_unsettled", "cancelled_settled"):
            self.ledger.step("portal", order["id"], "cancel", reason="learner")

    def cancel_late(self, day, batch):
        for order in self.of(batch, "cancelled_late"):
            self.ledger.step("portal", order["id"], "cancel_late", reason="learner")

    def enter(self, day, batch, start):
        for order in (self.orders[n] for n in batch):
            if order["kind"] in ("full", "half", "controlled", "settled_late"):
                self.ledger.call("provider", "/v1/redemptions",
                                 {"code": order["code"], "course": "C-A2", "started_on": str(start)})

    def leave(self, day, batch, on):
        for order in self.of(batch, "full", "half", "controlled", "settled_late"):
            half = order["kind"] == "half"
            self.ledger.step("provider", order["id"], "exit", exited_on=str(on))
            self.ledger.step("provider", order["id"], "declare", completion=50 if half else 100,
                             cause="abandon" if half else "full")
            if order["kind"] == "controlled":
                self.ledger.step("controller", order["id"], "control", reason="sample",
                                 until=str(on + datetime.timedelta(days=60)))

    def absent(self, day, batch):
        for order in self.of(batch, "absent"):
            self.ledger.step("provider", order["id"], "no_show", reason="absence")

    def release(self, day, batch):
        for order in self.of(batch, "controlled"):
            self.ledger.step("controller", order["id"], "release", reason="sample")

    def bill(self, day, batch):
        for order in (self.orders[n] for n in batch):
            if "billed" in order:
                continue
            shown = self.ledger.call("provider", f"/v1/vouchers/{order['id']}")
            if shown.get("billing") == "to_bill":
                order["billed"] = 1
                self.ledger.step("provider", order["id"], "bill", invoice=f"I-{order['number']}",
                                 amount=shown["payable"])

    def pay(self, day, month):
        """Ordered by one person, sent to the bank by another; every third month a payment comes back."""
        self.again("authoriser", "/v1/payments")
        for paid in self.again("authoriser", "/v1/credit-notes/payments"):
            if paid.get("id") is not None:
                self.bank.move("CDC-COPAY", -paid["amount"], end_to_end=paid["id"].replace("-", ""))
                self.returned += paid["amount"]
        for file in self.again("accountant", "/v1/payment-files"):
            if file.get("id") is None:
                continue
            name = file["id"]
            self.execute(self.ledger.call("accountant", f"/v1/payment-files/{name}.xml"), month)

    def again(self, role, path):
        answers, after = [], None
        while True:
            answer = self.ledger.call(role, path, {} if after is None else {"after": after}, allowed=(409,))
            answers.append(answer)
            after = answer.get("after")
            if answer.get("finished", True):
                return answers

    def execute(self, text, month):
        back = None if month % 3 == 0 else ""
        for group in tree.fromstring(text).iter(PAIN + "PmtInf"):
            iban = group.find(f"{PAIN}DbtrAcct/{PAIN}Id/{PAIN}IBAN").text
            account = next(code for code, (own, _) in ACCOUNTS.items() if own == iban)
            for transfer in group.iter(PAIN + "CdtTrfTxInf"):
                amount = cents(transfer.find(f"{PAIN}Amt/{PAIN}InstdAmt").text)
                end_to_end = transfer.find(f"{PAIN}PmtId/{PAIN}EndToEndId").text
                self.bank.move(account, -amount, end_to_end=end_to_end)
                payment = end_to_end.split("-")[0] # "-N" behind it where there is one for each bank account
                back = payment if back is None else back
                if payment == back:
                    self.bank.move(account, amount, end_to_end=end_to_end, back="AC04")

    def charge(self, day, month):
        self.bank.move("CDC-CPF", -1240, label=f"FEES-{month}")
        self.bank.move("CDC-CPF", 321, label=f"INTEREST-{month}")

    # --- at the end of the year

    def judge(self):
        never = {order["id"] for order in self.orders if order["kind"] == "never_entered"}
        left = defaultdict(list)
        for row in self.ledger.rows("auditor", "open-items"):
            left[row["kind"]].append(row)
        for kind, rows in sorted(left.items()):
            for row in rows:
                if kind == "240" and row["item"] in never:
                    continue # the learner never came, and nobody said so: named here one by one
                if row["overdue"] == "0":
                    continue # within its time
                die("open at the end of the year:", row)
        totals = defaultdict(int)
        for row in self.ledger.rows("auditor", "trial-balance"):
            totals[row["fund"], int(row["kind"])] = cents(row["balance_eur"])
        self.judge_learners(totals)

    def judge_learners(self, totals):
        """What learners paid by card: with a provider, in an order, or theirs."""
        copay = lambda kind: totals["cpf-copay", kind]
        held = sum(copay(kind) for kind in (240, 250, 260, 265, 270, 230))
        if copay(110) + copay(140) + copay(150) != held:
            die("cents without a home: at the bank", euros(copay(110)), "of learners", euros(held))
        if copay(210) != 0:
            die("210 of the co-payments holds", euros(copay(210)))

    def tell(self):
        print(f"{len(self.orders)} orders, {self.ledger.calls} calls, {self.bank.moves} bank lines, "
              f"{self.bank.days} statements, {euros(self.returned)} back to learners")


def main():
    ledger = Ledger(sys.argv[1])
    accounts = "bank_account;iban;holder;bic\n" + "".join(f"{code};{iban};Caisse de financement;\n"
                                                          for code, (iban, _) in ACCOUNTS.items())
    for who in ("operator", "second"):
        ledger.call(who, "/v1/imports/bank_accounts", raw=accounts.encode())
    year = Year(ledger, int(sys.argv[2]))
    year.plan()
    year.run()
    year.judge()
    year.tell()


main()
