"""A bank, as far as the tests need one: takes a file of payments (pain.001) and writes the statements (camt.053).

usage: bank.py PAYMENTS STATEMENTS DAY [back=N] IBAN=OPENING...

It reads the file with a parser of its own and refuses what a bank would: elements out of order, sums that do not
come out, characters beyond SEPA's, an end-to-end id twice.  Each transfer is booked by itself on DAY; the N-th
comes back on the same day.  Prints what it took, one line for each account: IBAN, transfers, cents.
"""
import re
import sys
import xml.etree.ElementTree as tree
from decimal import Decimal

IN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
CHARACTERS = re.compile(r"^[A-Za-z0-9/?:().,'+ -]+$")
ORDER = {
    "CstmrCdtTrfInitn": ["GrpHdr", "PmtInf"],
    "GrpHdr": ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"],
    "PmtInf": ["PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct",
               "DbtrAgt", "ChrgBr", "CdtTrfTxInf"],
    "CdtTrfTxInf": ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"],
}
LENGTHS = {"MsgId": 35, "PmtInfId": 35, "EndToEndId": 35, "Nm": 70, "Ustrd": 140}


def refuse(*words):
    sys.exit("bank: " + " ".join(str(w) for w in words))


def name(element):
    if not element.tag.startswith(IN):
        refuse("another namespace:", element.tag)
    return element.tag[len(IN):]


def text(element, path):
    found = element.find("/".join(IN + part for part in path.split("/")))
    if found is None or not found.text:
        refuse("missing:", path, "in", name(element))
    return found.text


def every(element, tag):
    return element.findall(IN + tag)


def check(element):
    """Order, lengths and characters of an element and of all below it."""
    allowed = ORDER.get(name(element))
    if allowed is not None:
        places = [allowed.index(name(c)) if name(c) in allowed else refuse("unknown:", name(c)) for c in element]
        if places != sorted(places):
            refuse("out of order in", name(element), [name(c) for c in element])
    if len(element) == 0:
        value = element.text or ""
        if len(value) > LENGTHS.get(name(element), 140) or not CHARACTERS.match(value):
            refuse(name(element), "is not of SEPA:", repr(value))
        if name(element).endswith("Id") and (value.startswith("/") or value.endswith("/") or "//" in value):
            refuse(name(element), "has slashes:", value)
    for child in element:
        check(child)


def check_sums(element, amounts):
    if int(text(element, "NbOfTxs")) != len(amounts) or Decimal(text(element, "CtrlSum")) != sum(amounts):
        refuse("sums of", name(element), "are", text(element, "NbOfTxs"), text(element, "CtrlSum"), "not",
               len(amounts), sum(amounts))


def check_iban(iban):
    turned = iban[4:] + iban[:4]
    if int("".join(str(int(c, 36)) for c in turned)) % 97 != 1:
        refuse("no IBAN:", iban)


def read_transfer(t, seen):
    amount = t.find(IN + "Amt/" + IN + "InstdAmt")
    end_to_end = text(t, "PmtId/EndToEndId")
    if amount.get("Ccy") != "EUR" or not re.match(r"^\d{1,9}\.\d\d$", amount.text) or Decimal(amount.text) <= 0:
        refuse("no amount:", amount.text)
    if end_to_end in seen:
        refuse("twice:", end_to_end)
    seen.add(end_to_end)
    check_iban(text(t, "CdtrAcct/Id/IBAN"))
    text(t, "Cdtr/Nm")
    return end_to_end, Decimal(amount.text)


def read(path):
    """{IBAN: [(end-to-end id, amount)]} of a file of payments."""
    document = tree.parse(path).getroot()
    if name(document) != "Document" or [name(c) for c in document] != ["CstmrCdtTrfInitn"]:
        refuse("no file of payments")
    check(document)
    root, groups, seen = document[0], {}, set()
    for group in every(root, "PmtInf"):
        iban = text(group, "DbtrAcct/Id/IBAN")
        check_iban(iban)
        if text(group, "PmtMtd") != "TRF" or text(group, "PmtTpInf/SvcLvl/Cd") != "SEPA" or \
                text(group, "ChrgBr") != "SLEV" or iban in groups:
            refuse("no group of SEPA:", iban)
        text(group, "ReqdExctnDt/Dt")
        groups[iban] = [read_transfer(t, seen) for t in every(group, "CdtTrfTxInf")]
        check_sums(group, [a for _, a in groups[iban]])
    check_sums(root.find(IN + "GrpHdr"), [a for g in groups.values() for _, a in g])
    return groups


def balance(code, amount, day):
    return (f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{abs(amount)}</Amt>"
            f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>")


def entry(number, end_to_end, amount, day, back):
    reason = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if back else ""
    return (f"<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{'CRDT' if back else 'DBIT'}</CdtDbtInd>"
            f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
            f"<AcctSvcrRef>MVT-{number}</AcctSvcrRef><BkTxCd><Prtry><Cd>VIR</Cd></Prtry></BkTxCd>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{reason}</TxDtls></NtryDtls></Ntry>")


def statement(iban, transfers, opening, day, number, back):
    entries, closing = [], opening
    for end_to_end, amount in transfers:
        number[0] += 1
        closing -= amount
        entries.append(entry(f"{number[0]}", end_to_end, amount, day, False))
        if number[0] == back:
            closing += amount
            entries.append(entry(f"{number[0]}R", end_to_end, amount, day, True))
    return (f"<Stmt><Id>S-{iban[-4:]}-{day}</Id><CreDtTm>{day}T20:00:00Z</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id>"
            f"</Acct>{balance('OPBD', opening, day)}{balance('CLBD', closing, day)}{''.join(entries)}</Stmt>")


def main():
    payments, statements, day = sys.argv[1:4]
    said = dict(word.split("=") for word in sys.argv[4:])
    back, number = int(said.pop("back", 0)), [0]
    groups = read(payments)
    made = [statement(iban, transfers, Decimal(said[iban]), day, number, back) for iban, transfers in groups.items()]
    with open(statements, "w", encoding="utf-8") as out:
        out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>"
                  f"<GrpHdr><MsgId>M-{day}</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr>"
                  + "\n".join(made) + "</BkToCstmrStmt></Document>\n")
    for iban, transfers in groups.items():
        print(iban, len(transfers), int(sum(a for _, a in transfers) * 100))


main()
