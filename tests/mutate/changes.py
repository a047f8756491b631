"""
Which small changes a C file of the product allows: what stands in the bodies of its
functions, without comments, strings, directives and declarations.

The files are as clang-format leaves them: the body of a function opens with a brace
at the left edge.  Each statement is read as far as it must be to know a condition
from a declaration; types are known by their names.  A change that does not compile
after all is thrown away by whoever tries it.

    python3 tests/mutate/changes.py FILE...     lists the changes
"""
import re
import sys
from collections import Counter, namedtuple

# One change: src[start:end] becomes `new`.  The statement it is in runs over the lines
# first..last.  `before` and `after` are the lines it touches, spaces squeezed, and with
# file and function the name of the change: it outlives edits elsewhere in the file.
Change = namedtuple("Change", "file line first last function kind start end new before after nth")

Token = namedtuple("Token", "kind text start end line")

TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/|//[^\n]*)
      | (?P<str>(?:u8|[uUL])?"(?:\\.|[^"\\])*")
      | (?P<chr>[uUL]?'(?:\\.|[^'\\])*')
      | (?P<num>(?:0[xX][0-9a-fA-F]+|\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+|\d+(?:[eE][+-]?\d+)?)[uUlLfF]*)
      | (?P<id>[A-Za-z_]\w*)
      | (?P<op>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.X | re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
WORD_OF_TYPE = set("""void char short int long float double signed unsigned const volatile static struct union enum
    register auto _Bool bool extern inline FILE DIR sqlite3 sqlite3_stmt va_list""".split())
NO_OPERAND = {"return", "case", "else", "do", "goto"}

COMPARE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
LOGIC = {"&&": "||", "||": "&&"}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", "^": "&", "<<": ">>",
              ">>": "<<", "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "*=", "|=": "&=", "&=": "|=",
              "^=": "&=", "++": "--", "--": "++"}
ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>="}


def is_type(text):
    return text in WORD_OF_TYPE or text.endswith("_t")


def tokens_of(src):
    """The tokens of a file; directives are blanked first, so that places stay where they are."""
    code = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), src)
    out, line = [], 1
    for m in TOKEN.finditer(code):
        if m.lastgroup != "space":
            out.append(Token(m.lastgroup, m.group(), m.start(), m.end(), line))
        line += m.group().count("\n")
    return out


class Reader:
    """Goes through the functions of one file and notes what can be changed."""

    def __init__(self, path, src):
        self.path, self.src, self.t = path, src, tokens_of(src)
        self.found, self.function, self.end = [], "", 0
        self.first = self.last = 0

    def close(self, i):
        """The index of the bracket that closes the one at i."""
        depth = 0
        for k in range(i, len(self.t)):
            text = self.t[k].text
            if self.t[k].kind != "op":
                continue
            depth += text in ("(", "[", "{")
            depth -= text in (")", "]", "}")
            if depth == 0:
                return k
        raise ValueError(f"{self.path}:{self.t[i].line}: a bracket is not closed")

    def open(self, i):
        """The index of the bracket that opens the one at i."""
        depth = 0
        for k in range(i, -1, -1):
            text = self.t[k].text
            if self.t[k].kind != "op":
                continue
            depth += text in (")", "]", "}")
            depth -= text in ("(", "[", "{")
            if depth == 0:
                return k
        raise ValueError(f"{self.path}:{self.t[i].line}: a bracket is not opened")

    def find(self, i, text):
        """The next token of that text outside brackets, from i on."""
        while self.t[i].text != text or self.t[i].kind != "op":
            i = self.close(i) if self.t[i].kind == "op" and self.t[i].text in "([{" else i
            i += 1
        return i

    # --- what is noted

    def note(self, kind, line, start, end, new):
        src = self.src
        a = src.rfind("\n", 0, start) + 1
        b = src.find("\n", end)
        before = " ".join(src[a:b].split())
        after = " ".join((src[a:start] + new + src[end:b]).split())
        self.found.append(Change(self.path, line, self.first, self.last, self.function, kind, start, end, new,
                                 before, after, 0))

    def swap(self, kind, token, new):
        self.note(kind, token.line, token.start, token.end, new)

    def negate(self, a, b):
        """The condition in the tokens a..b, unless it is a number or one == whose turning says the same."""
        if b > a and not (b == a + 1 and self.t[a].kind == "num") and not self.is_equality(a, b):
            start, end = self.t[a].start, self.t[b - 1].end
            self.note("branch", self.t[a].line, start, end, "!(" + self.src[start:end] + ")")

    def is_equality(self, a, b):
        found, i = [], a
        while i < b:
            if self.t[i].kind == "op":
                i = self.close(i) if self.t[i].text in "([{" else i
                found.append(self.t[i].text)
            i += 1
        loose = [x for x in found if x in COMPARE or x in LOGIC or x == "?"]
        return loose in (["=="], ["!="])

    def leave_out(self, a, b):
        """The statement in the tokens a..b; b is behind its semicolon."""
        self.note("left out", self.t[a].line, self.t[a].start, self.t[b - 1].end, ";")

    # --- statements

    def functions(self):
        for i, t in enumerate(self.t):
            at_edge = t.text == "{" and (t.start == 0 or self.src[t.start - 1] == "\n")
            if not at_edge or i == 0 or self.t[i - 1].text != ")":
                continue
            self.function = self.t[self.open(i - 1) - 1].text
            self.end = self.close(i)
            self.block(i)
        return number(self.found)

    def block(self, i):
        end, i = self.close(i), i + 1
        while i < end:
            i = self.statement(i)
        return end + 1

    def span(self, a, b):
        self.first, self.last = self.t[a].line, self.t[b].line

    def statement(self, i):
        text = self.t[i].text
        if text == "{":
            return self.block(i)
        if text == ";":
            return i + 1
        if text in ("if", "while", "switch"):
            return self.conditional(i)
        if text == "for":
            return self.loop(i)
        if text == "do":
            i = self.statement(i + 1)
            return self.condition(i) + 1
        if text in ("case", "default"):
            return self.find(i, ":") + 1
        if self.t[i].kind == "id" and self.t[i + 1].text == ":":
            return i + 2
        return self.simple(i)

    def condition(self, i):
        """while (...), if (...): the index behind its bracket."""
        end = self.close(i + 1)
        self.span(i, end)
        if self.t[i].text != "switch":
            self.negate(i + 2, end)
        self.expression(i + 2, end)
        return end + 1

    def conditional(self, i):
        i = self.statement(self.condition(i))
        while i < self.end and self.t[i].text == "else":
            i = self.statement(i + 1)
        return i

    def loop(self, i):
        """for (...): its step is left alone, since a loop that does not end tells nothing."""
        end = self.close(i + 1)
        self.span(i, end)
        first = self.find(i + 2, ";")
        second = self.find(first + 1, ";")
        if first > i + 2:
            self.assignments(i + 2, first)
        self.expression(first + 1, second)
        return self.statement(end + 1)

    def simple(self, i):
        end = self.find(i, ";")
        self.span(i, end)
        text = self.t[i].text
        if text == "assert" or text == "_Static_assert" or self.is_void(i):
            pass
        elif self.declares(i, end):
            self.assignments(i, end)
        else:
            if not (text == "return" and end + 1 == self.end):
                self.leave_out(i, end + 1)
            self.expression(i, end)
        return end + 1

    def is_void(self, i):
        """(void)name; says that a parameter is not used."""
        return self.t[i].text == "(" and self.t[i + 1].text == "void" and self.t[i + 4].text == ";"

    def declares(self, a, b):
        t = self.t
        if t[a].kind != "id" or t[a].text in NO_OPERAND:
            return False
        return (is_type(t[a].text) or t[a + 1].kind == "id" or
                (t[a + 1].text == "*" and t[a + 2].kind == "id" and t[a + 3].text in ("=", ";", ",", "[")))

    def assignments(self, a, b):
        """What the names of a declaration begin with; a static begins once and is data."""
        if any(t.text == "static" for t in self.t[a:b]):
            return
        i = a
        while i < b:
            if self.t[i].kind == "op" and self.t[i].text in "([{":
                i = self.close(i)
            elif self.t[i].text == "=":
                stop = i + 1
                while stop < b and self.t[stop].text != ",":
                    stop = self.close(stop) if self.t[stop].kind == "op" and self.t[stop].text in "([{" else stop
                    stop += 1
                if not (stop == i + 4 and self.t[i + 1].text == "{"):  # {0}
                    self.expression(i + 1, stop)
                i = stop
            i += 1

    # --- expressions

    def is_cast(self, i):
        """Whether the closing bracket at i ends a cast."""
        inside = self.t[self.open(i) + 1:i]
        return bool(inside) and all(x.kind == "id" or x.text == "*" for x in inside) and (
            inside[-1].text == "*" or any(is_type(x.text) for x in inside))

    def is_binary(self, i):
        p, n = self.t[i - 1], self.t[i + 1]
        if is_type(p.text) or is_type(n.text) or n.text in (")", ",", "*const"):
            return False
        if p.kind == "op":
            return p.text == "]" or (p.text == ")" and not self.is_cast(i - 1))
        return p.text not in NO_OPERAND

    def skip_sizeof(self, i):
        i += 1
        if self.t[i].text == "(":
            i = self.close(i) + 1
        while self.t[i].kind == "id" or self.t[i].text in (".", "->", "*", "["):
            if self.t[i].text == "*" and self.t[i - 1].text not in ("sizeof", "*"):
                break
            i = self.close(i) + 1 if self.t[i].text == "[" else i + 1
        return i

    def question(self, i, a):
        """The condition before the ? at i."""
        k = i
        while k > a:
            p = self.t[k - 1]
            if p.text == "return" or (p.kind == "op" and (p.text in ("(", "[", "{", ",", ":", "?") or
                                                          p.text in ASSIGN)):
                break
            k = self.open(k - 1) if p.kind == "op" and p.text in (")", "]", "}") else k - 1
        self.negate(k, i)

    def expression(self, a, b):
        i = a
        while i < b:
            t = self.t[i]
            if t.text == "sizeof":
                i = self.skip_sizeof(i)
                continue
            if t.kind == "num":
                self.constant(t)
            elif t.kind == "op":
                self.operator(i, a)
            i += 1

    def constant(self, t):
        m = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", t.text)
        if m:
            value = int(m.group(1), 0) if m.group(1).lower().startswith("0x") else int(m.group(1))
            self.swap("constant", t, f"{0 if value == 1 else value + 1}{m.group(2)}")

    def operator(self, i, a):
        t = self.t[i]
        if t.text in COMPARE:
            self.swap("compare", t, COMPARE[t.text])
        elif t.text in LOGIC:
            self.swap("branch", t, LOGIC[t.text])
        elif t.text == "?":
            self.question(i, a)
        elif t.text == "!":
            self.swap("branch", t, "!!")
        elif t.text in ("++", "--") or t.text in ASSIGN:
            if t.text in ARITHMETIC:
                self.swap("arithmetic", t, ARITHMETIC[t.text])
        elif t.text == "-" and not self.is_binary(i):
            self.swap("arithmetic", t, "+")
        elif t.text in ARITHMETIC and self.is_binary(i):
            self.swap("arithmetic", t, ARITHMETIC[t.text])


def number(found):
    """Changes of one name, such as two equal lines of a function, are counted."""
    seen, out = Counter(), []
    for c in found:
        name = (c.file, c.function, c.before, c.after)
        seen[name] += 1
        out.append(c._replace(nth=seen[name]))
    return out


def changes_of(path, src):
    return Reader(path, src).functions()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as f:
            for c in changes_of(name, f.read()):
                print(f"{c.file}:{c.line} {c.function} {c.kind}\n\t- {c.before}\n\t+ {c.after}")
