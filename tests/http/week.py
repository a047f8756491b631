"""A week of a scheme by its people's programs, each of which finds its work in lists alone.

usage: week.py URL    keys in $KEY_PORTAL, $KEY_PROVIDER, $KEY_CONTROLLER, ...

A portal, a provider, two controllers, an authoriser, an accountant, an operator and a union know the server's
address, a key, and codes that people know: pseudonyms, courses, order numbers, invoices.  They share nothing: what one
of them names in an address or a body was in an answer to itself, which call() sees to, UUID by UUID.  A town
stands around them: learners who carry their codes to the class, and a bank.  At the end no queue holds anything
overdue, and what the week should have done is done, counted from each side.
"""
import csv
import datetime
import http.client
import io
import json
import os
import re
import sys
import time
import xml.etree.ElementTree as tree
from collections import Counter, defaultdict
from urllib.parse import urlsplit

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BANK_ACCOUNTS = {"CDC-CPF": ("FR8530003000340000026924634", "cpf-law"),
                 "CDC-COPAY": ("FR5430003000310000024548931", "cpf-copay")}
MONDAY = datetime.date(2026, 2, 2)
DAYS = [MONDAY + datetime.timedelta(days=n) for n in range(7)]
LEARNERS = [f"X{n:04}" for n in range(1, 37)]
PROVIDER_B = "82948645500019"
PAGE = 7 # small, so that lists go on


def die(*words):
    sys.exit("week: " + " ".join(str(w) for w in words))


def euros(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def cents(text):
    return int(text.replace(".", ""))


class Program:
    """What all of them have: an address, a key, and what they were told."""
    role = None

    def __init__(self, url, today, name=None):
        self.name = name or self.role
        self.key = os.environ["KEY_" + self.name.upper().replace("-", "_")]
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self.today = today
        self.told = set() # UUIDs that stood in an answer to it
        self.sent = self.calls = 0
        self.done = Counter()
        self.made = os.urandom(4).hex() # its keys for retries are its own, also after it begins anew

    def call(self, path, body=None, raw=None, status=(200, 201, 202)):
        said = path + (json.dumps(body) if body is not None else "")
        for uuid in UUID.findall(said):
            if uuid not in self.told:
                die(self.name, "names", uuid, "which nobody told it:", said)
        self.calls += 1
        headers = {"Authorization": "Bearer " + self.key}
        if body is None and raw is None:
            self.connection.request("GET", path, headers=headers)
        else:
            self.sent += 1
            headers["Idempotency-Key"] = f"{self.made}-{self.sent}"
            headers["Content-Type"] = "application/json" if raw is None else "application/octet-stream"
            self.connection.request("POST", path, headers=headers, body=json.dumps(body) if raw is None else raw)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status not in status:
            die(self.name, self.today(), path, body, "->", answer.status, text[:900])
        self.told.update(UUID.findall(text))
        return json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text

    def list(self, path):
        """All of a list, page by page."""
        rows, after, sign = [], "", "&" if "?" in path else "?"
        while True:
            page = self.call(f"{path}{sign}limit={PAGE}{after}")
            rows += page["data"]
            if not page["has_more"]:
                return rows
            after = "&after=" + page["next"]

    def work(self, kind=""):
        return self.list("/v1/work" + (f"?kind={kind}" if kind else ""))

    def do(self, item, body=None, **words):
        """What an item says is to be done, with the words that its body needs."""
        action = item["action"]
        words = body if body is not None else words
        lacks = set(action["needs"]) - set(words)
        if lacks or action["method"] != "POST":
            die(self.name, "cannot", action, "lacking", lacks)
        self.done[item["kind"]] += 1
        return self.call(action["path"], words)

    def instead(self, item, step, **words):
        """Another thing that the item says may be done."""
        action = next((a for a in item["others"] if a["path"].endswith("/" + step)), None)
        if action is None or set(action["needs"]) - set(words):
            die(self.name, "cannot", step, "for", item)
        self.done[step] += 1
        return self.call(action["path"], words)

    def begin(self, row, step, **words):
        """What nobody waits for, of one that a list showed."""
        self.done[step] += 1
        return self.call(f"/v1/vouchers/{row['id']}/{step}", words)

    def second(self):
        """What another person proposes, and this one looks at and agrees to."""
        for item in self.work("second_person"):
            if "body" not in item["action"]:
                die(self.name, "is not told what to confirm:", item)
            self.do(item, item["action"]["body"])

    def report(self, name, query):
        return list(csv.DictReader(io.StringIO(self.call(f"/v1/reports/{name}.csv?{query}")), delimiter=";"))


class Town:
    """Learners, who carry codes and come to class, or do not; and the day it is."""

    def __init__(self):
        self.day = MONDAY
        self.pockets = defaultdict(list) # of a day and a course: codes of those who come
        self.wrong = 0

    def today(self):
        return self.day

    def comes(self, learner, code, course, day):
        self.pockets[day, course].append((learner, code))

    def stays(self, learner):
        for pocket in self.pockets.values():
            pocket[:] = [held for held in pocket if held[0] != learner]


class Bank:
    """Executes what it is sent; loses a file, sends a payment back; knows cards, charges and strangers."""

    def __init__(self):
        self.balance = {"CDC-CPF": 10000000, "CDC-COPAY": 0}
        self.waiting = defaultdict(list)
        self.number = Counter()
        self.files = 0
        self.executed, self.returned, self.lost = Counter(), set(), set()
        self.strangers = 0

    def move(self, account, amount, label="", end_to_end="", back=""):
        self.waiting[account].append((amount, label, end_to_end, back))

    def take(self, text):
        """A file of payments: the second one is lost, and of the third one transfer comes back."""
        self.files += 1
        for group in tree.fromstring(text).iter(PAIN + "PmtInf"):
            iban = group.find(f"{PAIN}DbtrAcct/{PAIN}Id/{PAIN}IBAN").text
            account = next(code for code, (own, _) in BANK_ACCOUNTS.items() if own == iban)
            for transfer in group.iter(PAIN + "CdtTrfTxInf"):
                self.transfer(account, transfer)

    def transfer(self, account, transfer):
        amount = cents(transfer.find(f"{PAIN}Amt/{PAIN}InstdAmt").text)
        name = transfer.find(f"{PAIN}PmtId/{PAIN}EndToEndId").text
        payment = name.split("-")[0]
        if self.files == 2:
            self.lost.add(payment)
            return
        if self.executed[name] > 0:
            die("the bank is asked twice for", name)
        self.executed[name] += 1
        self.move(account, -amount, end_to_end=name)
        if self.files == 3 and (not self.returned or payment in self.returned):
            self.returned.add(payment)
            self.move(account, amount, end_to_end=name, back="AC04")

    def give_back(self, payment):
        if self.executed[payment["end_to_end"]] == 0:
            self.executed[payment["end_to_end"]] += 1
            self.move("CDC-COPAY", -payment["amount"], end_to_end=payment["end_to_end"])

    def entry(self, account, at, amount, label, end_to_end, back, day):
        details = f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else ""
        details += f"<RtrInf><Rsn><Cd>{back}</Cd></Rsn></RtrInf>" if back else ""
        details += f"<RmtInf><Ustrd>{label}</Ustrd></RmtInf>" if label else ""
        return (f"<Ntry><Amt Ccy=\"EUR\">{euros(abs(amount))}</Amt>"
                f"<CdtDbtInd>{'CRDT' if amount > 0 else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
                f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
                f"<AcctSvcrRef>{account}-{self.number[account]}-{at}</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd>"
                f"</Prtry></BkTxCd><NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry>")

    def balance_of(self, kind, amount, day):
        return (f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{euros(abs(amount))}</Amt>"
                f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>")

    def statements(self, day):
        """Of each account on which something moved: its code and the statement."""
        for account, (iban, _) in BANK_ACCOUNTS.items():
            lines, self.waiting[account] = self.waiting[account], []
            if not lines:
                continue
            self.number[account] += 1
            opening = self.balance[account]
            self.balance[account] = closing = opening + sum(line[0] for line in lines)
            entries = "".join(self.entry(account, i + 1, *line, day) for i, line in enumerate(lines))
            name = f"{account}-{self.number[account]}"
            yield account, (
                f"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"{CAMT}\"><BkToCstmrStmt><GrpHdr>"
                f"<MsgId>{name}</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr><Stmt><Id>{name}</Id>"
                f"<ElctrncSeqNb>{self.number[account]}</ElctrncSeqNb><CreDtTm>{day}T20:00:00Z</CreDtTm>"
                f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{self.balance_of('OPBD', opening, day)}"
                f"{self.balance_of('CLBD', closing, day)}{entries}</Stmt></BkToCstmrStmt></Document>")


class Portal(Program):
    """Knows its learners, the numbers of their orders in its shop, and their cards; its database is lost on Wednesday."""
    role = "portal"

    def __init__(self, url, town, bank):
        super().__init__(url, town.today)
        self.town, self.bank = town, bank

    def pays(self, number, amount):
        self.bank.move("CDC-COPAY", amount, label=f"CARD-{number}")
        return {"amount": amount, "reference": f"CARD-{number}"}

    def wants(self, number):
        """What learner `number` wants: a course on a day; by an order, or by asking the provider first."""
        day = DAYS[0 if number % 12 == 1 else 1 + number % 3]
        return {"learner": LEARNERS[number], "course": "C-A1" if number % 9 == 8 else "C-A2",
                "session_start": str(day), "session_end": str(day), "external_reference": f"SHOP-{number}"}

    def monday(self):
        for number in range(len(LEARNERS)):
            asked = self.wants(number)
            if number % 4 == 3:
                asked["session_start"] = asked["session_end"] = str(DAYS[3])
                self.call("/v1/requests", asked)
                self.done["request"] += 1
            else:
                self.order(number, asked)
        for learner in LEARNERS[:20]:
            self.call(f"/v1/learners/{learner}/mandate", {"union": "CFDT"})

    def order(self, number, asked):
        quote = self.call("/v1/quotes", asked)
        if not quote["possible"]:
            die("no order for", asked, quote["refusals"])
        made = self.call("/v1/vouchers", {**asked, "learner_payment": self.pays(number, quote["learner_pays"])})
        self.done["order"] += 1
        self.hand(number, made)

    def hand(self, number, made):
        """The code goes to the learner: of every twelve one does not come."""
        if number % 12 != 1:
            self.town.comes(LEARNERS[number], made["code"], made["course"], made["session_start"])

    def day(self):
        for item in self.work("accept"):
            shown = self.call(f"/v1/vouchers/{item['subject']}")
            number = int(shown["external_reference"].split("-")[1])
            quote = self.call(f"/v1/vouchers/{item['subject']}/quote")
            self.hand(number, self.do(item, learner_payment=self.pays(number, quote["learner_pays"])))
        for item in self.work("contest"):
            shown = self.call(f"/v1/vouchers/{item['subject']}")
            if shown["external_reference"] == "SHOP-13": # who was there
                self.do(item, reason="was_there")

    def find_again(self):
        """With an empty database: each order of the shop, and everything of each learner."""
        found = {}
        for number in range(len(LEARNERS)):
            rows = self.list(f"/v1/vouchers?external_reference=SHOP-{number}")
            if len(rows) != 1 or rows[0]["learner"] != LEARNERS[number]:
                die("SHOP", number, "is found as", rows)
            found[number] = rows[0]
        for learner in LEARNERS:
            for row in self.list(f"/v1/learners/{learner}/vouchers"):
                if row["id"] not in {f["id"] for f in found.values()}:
                    die("an order of", learner, "that no order number finds:", row)
        for number, row in found.items(): # a learner has changed her mind
            if number % 12 == 2 and row["state"] == "accepted":
                self.begin(row, "cancel", reason="changed_mind")
                self.town.stays(row["learner"])
        return found


class Provider(Program):
    """Knows its courses and its invoices, and takes codes from who comes to class."""
    role = "provider"

    def __init__(self, url, town):
        super().__init__(url, town.today)
        self.town = town
        self.invoices = {}

    def day(self):
        today = str(self.today())
        for number, item in enumerate(self.work("answer_request")):
            if item["due"] < today:
                die("a request was answered late:", item)
            if number == 0:
                self.instead(item, "refuse", reason="session_full")
            else:
                self.do(item, **({"amount": 90000} if item["about"] == "C-A1" else {}))
        self.teach(today)
        for number, item in enumerate(self.work("exit")):
            self.do(item, exited_on=item["due"])
        for number, item in enumerate(self.work("declare")):
            half = number % 7 == 3
            self.do(item, completion=50 if half else 100, cause="abandon" if half else "full")
        self.bill()

    def teach(self, today):
        """Of each order whose session has begun a code is redeemed, as long as learners hand one over."""
        for item in self.work("enter"):
            codes = self.town.pockets[item["due"], item["about"]]
            if codes:
                self.do(item, code=codes.pop()[1], course=item["about"], started_on=item["due"])
            elif (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(item["due"])).days >= 4:
                self.instead(item, "no_show", reason="absence")

    def bill(self):
        for item in self.work("bill"):
            invoice = f"INV-{len(self.invoices) + 1}"
            self.invoices[invoice] = item["amount"]
            self.do(item, invoice=invoice, amount=item["amount"])

    def reconcile(self):
        """What was paid of which invoice; what came back, and why; what was refused or cut, and why."""
        paid, back, cut = Counter(), {}, Counter()
        for payment in self.list("/v1/payments?state=paid,rejected"):
            if payment["state"] == "rejected":
                back[payment["end_to_end"]] = payment["returned"]
                continue
            for line in self.call(f"/v1/payments/{payment['id']}")["lines"]:
                paid[line["invoice"]] += line["amount"]
        for row in self.list("/v1/vouchers"):
            for past in self.call(f"/v1/vouchers/{row['id']}")["history"]:
                if past["reason"]:
                    cut[past["kind"], past["reason"]] += 1
        return paid, back, cut


class Controller(Program):
    """Validates, takes every sixth into control, cuts the third of these with a colleague, looks at alerts."""
    role = "controller"

    def __init__(self, url, town, name="controller"):
        super().__init__(url, town.today, name)
        self.looked = self.held = self.frozen = 0

    def day(self):
        today = self.today()
        for item in self.work("in_control"):
            self.held += 1
            if self.held == 3:
                self.instead(item, "reduce", reason="hours_not_given", amount=10000)
            else:
                self.do(item, reason="in_order")
        for item in self.work("validate"):
            self.looked += 1
            if self.looked % 6 == 0:
                self.instead(item, "control", reason="sample", until=str(today + datetime.timedelta(days=9)))
            else:
                self.do(item)
        for item in self.work("frozen"):
            if self.frozen < 2:
                self.frozen += 1
                self.do(item, reason="cleared")
        for item in self.work("decide_absence"):
            self.do(item)
        self.look_at_alerts()
        self.second()

    def look_at_alerts(self):
        alerts = {str(a["id"]): a for a in self.list("/v1/alerts")}
        for item in self.work("alert"):
            alert = alerts[item["subject"]]
            if alert["kind"] == "wrong_codes":
                self.call(f"/v1/providers/{alert['provider']}/standing",
                          {"standing": "suspended_no_new", "ground": "quality_alert", "until": "2026-06-30"})
            self.do(item, outcome="provider_suspended" if alert["kind"] == "wrong_codes" else "looked_at")

    def freeze_one(self):
        """A hint: the first bill that waits is kept back."""
        for row in self.list("/v1/vouchers?billing=billed"):
            if self.frozen == 0:
                self.frozen = 1
                self.begin(row, "freeze", reason="fraud_alert",
                           until=str(self.today() + datetime.timedelta(days=9)))


class Authoriser(Program):
    role = "authoriser"

    def day(self):
        self.second()
        for item in self.work("order_payment"):
            self.do(item)
        for item in self.work("order_advance") + self.work("pay_back"):
            self.do(item)


class Accountant(Program):
    """Sends files, imports what the bank says, says what matched nothing, asks again for what got lost."""
    role = "accountant"

    def __init__(self, url, town, bank):
        super().__init__(url, town.today)
        self.bank = bank

    def own_money(self):
        """What goes back to a card is told to its acquirer, whom the bank stands for, and is in no file."""
        return {p["id"]: p for p in self.list("/v1/payments?state=ordered&kind=own_money")}

    def day(self):
        self.second()
        for payment in self.own_money().values():
            self.bank.give_back(payment)
        while self.work("payment_file"):
            self.do(self.work("payment_file")[0])
        self.fetch()

    def fetch(self):
        """Every file of today, once, in the order in which they were made."""
        for row in reversed(self.list("/v1/payment-files")):
            if row["made_on"] == str(self.today()):
                self.done["fetch"] += 1
                self.bank.take(self.call(f"/v1/payment-files/{row['id']}.xml"))

    def evening(self):
        for account, statement in self.bank.statements(self.today()):
            self.call(f"/v1/imports/bank?file={account}-{self.today()}.xml", raw=statement.encode())
        after = None
        while True:
            done = self.call("/v1/bank-lines/match", {"after": after} if after else {})
            after = done.get("after")
            if done.get("finished", True):
                break
        self.say_what_lines_are()

    def say_what_lines_are(self):
        lines = {str(line["id"]): line for line in self.list("/v1/bank-lines?state=open")}
        for item in self.work("bank_line"):
            line = lines[item["subject"]]
            word = line.get("label", "").split("-")[0]
            fund = BANK_ACCOUNTS[line["bank_account"]][1]
            purpose = {"FEES": "charges", "STATE": "payment"}.get(word)
            if purpose is None:
                die("nobody knows what this line is:", line)
            self.do(item, purpose=purpose, subject=fund, reason="bank_statement")

    def ask_again(self):
        """What the bank has had for two days and does not know of goes into another file."""
        back = self.own_money()
        for item in self.work("payment_unanswered"):
            if item["due"] < str(self.today()) and item["subject"] not in back:
                self.done["again"] += 1
                self.call("/v1/payment-files", {"payment": item["subject"]})


class Operator(Program):
    """Confirms what takes an operator."""
    role = "operator"

    def day(self):
        self.second()


class Union(Program):
    """Knows which year was negotiated."""
    role = "union"

    def check(self):
        members = {row["learner"] for row in self.list("/v1/mandates?state=in_force")}
        rows = self.report("entitlement-audit", "from=2025-01-01&to=2025-12-31")
        entries = {}
        for row in self.list("/v1/journal"):
            entries[json.loads(row["entry"])["seq"] if isinstance(row["entry"], str) else row["entry"]["seq"]] = row
        wrong = []
        for row in rows:
            if row["member_ref"] not in members:
                die("the union is told of", row["member_ref"], "who is no member")
            if row["journal_seq"] and int(row["journal_seq"]) not in entries:
                die("no entry of the journal posts", row)
            if row["journal_seq"] and entries[int(row["journal_seq"])]["hash"] != row["entry_hash"]:
                die("another hash in the journal than in", row)
            if cents(row["difference_eur"]) != 0:
                wrong.append(row)
        return members, rows, wrong


class Week:
    def __init__(self, url):
        self.url, self.town, self.bank = url, Town(), Bank()
        self.portal = Portal(url, self.town, self.bank)
        self.provider = Provider(url, self.town)
        self.controllers = [Controller(url, self.town), Controller(url, self.town, "controller-2")]
        self.authoriser = Authoriser(url, self.town.today)
        self.accountant = Accountant(url, self.town, self.bank)
        self.operators = [Operator(url, self.town.today), Operator(url, self.town.today, "second")]
        self.union = Union(url, self.town.today)
        self.auditor = Program(url, self.town.today, "auditor")

    def everybody(self):
        return [self.portal, self.provider, *self.controllers, self.authoriser, self.accountant, *self.operators,
                self.union]

    def prepare(self):
        """What was there before the week: the clock, the scheme's accounts at the bank."""
        self.operators[0].call("/v1/sandbox/clock", {"advance_to": f"{MONDAY}T06:00:00Z"})
        accounts = "bank_account;iban;holder;bic\n" + "".join(
            f"{code};{iban};Caisse de financement;\n" for code, (iban, _) in BANK_ACCOUNTS.items())
        for operator in self.operators:
            operator.call("/v1/imports/bank_accounts?file=accounts.csv", raw=accounts.encode())

    def run(self):
        self.prepare()
        for day in DAYS:
            self.town.day = day
            self.operators[0].call("/v1/sandbox/clock", {"advance_to": f"{day}T07:00:00Z"}, status=(200, 409))
            if day == DAYS[0]:
                self.portal.monday()
                self.strange_day()
                self.strangers_pay()
            if day == DAYS[2]:
                self.portal = Portal(self.url, self.town, self.bank)
                self.found = self.portal.find_again()
            if day.weekday() < 5:
                self.office_hours(day)
            self.accountant.evening()
            for operator in self.operators:
                operator.day()

    def office_hours(self, day):
        """Twice: what the morning does is work of the afternoon."""
        for half in range(2):
            self.portal.day()
            self.provider.day()
            for controller in self.controllers:
                controller.day()
            self.provider.bill()
            if day == DAYS[2]:
                self.controllers[0].freeze_one()
            self.authoriser.day()
            if half == 1:
                self.accountant.ask_again()
                self.authoriser.second()
                self.accountant.day()

    def strange_day(self):
        """Somebody tries a code that was overheard, at another provider."""
        other = Program(self.url, self.town.today, "provider-b")
        heard = next(held[0][1] for held in self.town.pockets.values())
        for n in range(31):
            other.call("/v1/redemptions", {"code": heard, "course": "C-B1", "started_on": str(MONDAY)},
                       status=(404, 409, 422, 429))
        for wait in range(100): # it is raised beside the answers, within seconds
            if self.auditor.list("/v1/alerts"):
                return
            time.sleep(0.1)
        die("nobody is told of wrong codes")

    def strangers_pay(self):
        """The bank takes charges, and money comes from who forgot to name the call."""
        self.bank.move("CDC-CPF", -1240, label="FEES-02")
        self.bank.move("CDC-CPF", 250000, label="STATE-2026")

    # --- at the end

    def judge(self):
        left = Counter()
        for program in self.everybody():
            for item in program.work():
                if item["due"] < str(self.town.day):
                    die(program.name, "has left", item)
                left[program.name, item["kind"]] += 1
        if left != {("portal", "contest"): 2}: # two learners may still say that they were there
            die("waits at the end:", left)
        self.judge_union()
        self.judge_money()
        self.judge_work()
        self.tell()

    def judge_union(self):
        """One member worked a quarter of the year, and was credited like all others."""
        members, rows, wrong = self.union.check()
        if members != set(LEARNERS[:20]) or {row["member_ref"] for row in rows} != members:
            die("the union finds", sorted(members), "and reads of", sorted({row["member_ref"] for row in rows}))
        if [(row["member_ref"], row["difference_cause"]) for row in wrong] != [("X0005", "wrong_hours")]:
            die("the union finds wrong:", wrong)

    def judge_money(self):
        paid, back, cut = self.provider.reconcile()
        for invoice, amount in self.provider.invoices.items():
            if paid[invoice] != amount:
                die(invoice, "of", amount, "was paid", paid[invoice])
        if back != {payment: "AC04" for payment in self.bank.returned} or len(back) != 1:
            die("came back:", back, "and the bank says", self.bank.returned)
        told = {("refuse_provider", "session_full"): 1, ("cancel", "changed_mind"): 3, ("control", "sample"): 4,
                ("consent", "hours_not_given"): 1, ("freeze", "fraud_alert"): 1, ("report_no_show", "absence"): 3}
        for what, times in told.items():
            if cut[what] != times:
                die("the provider is told", dict(cut), "and not", what)
        held = Counter()
        for row in self.auditor.report("trial-balance", f"from=2026-01-01&to={self.town.day}"):
            if row["kind"] == "110":
                held[row["fund"]] = cents(row["balance_eur"])
        for account, (_, fund) in BANK_ACCOUNTS.items():
            if held[fund] != self.bank.balance[account]:
                die(account, "holds", self.bank.balance[account], "and 110 of", fund, "says", held[fund])

    def judge_work(self):
        """Each of the 36 has come to where the week should have brought it, and everybody has done their part."""
        states = Counter((v["state"], v["billing"]) for v in self.auditor.list("/v1/vouchers"))
        should = {("validated", "paid"): 29, ("refused_provider", "not_billable"): 1,
                  ("cancelled_learner", "not_billable"): 3, ("accepted", "not_billable"): 2, ("no_show", "paid"): 1}
        if states != Counter(should):
            die("the week has brought orders to", dict(states))
        for program, work in ((self.provider, {"answer_request": 8, "enter": 29, "exit": 29, "declare": 29, "no_show": 3}),
                              (self.portal, {"contest": 1, "cancel": 3}),
                              (self.authoriser, {"pay_back": 3}),
                              (self.accountant, {"bank_line": 2, "again": len(self.bank.lost)})):
            for kind, times in work.items():
                if program.done[kind] != times:
                    die(program.name, "did", dict(program.done), "and not", kind, times, "times")
        confirmed = sum(p.done["second_person"] for p in self.everybody())
        if confirmed != len(self.bank.lost) + 5: # a freeze, its end, a reduction, a suspension, a bank line
            die("second persons confirmed", confirmed)

    def tell(self):
        calls = sum(p.calls for p in self.everybody())
        print(f"{len(LEARNERS)} learners, {calls} calls, {self.bank.files} files, {len(self.bank.lost)} sent again")


def main():
    week = Week(sys.argv[1])
    week.run()
    week.judge()


main()
