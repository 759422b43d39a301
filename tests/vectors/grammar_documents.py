"""How documents are spelled (FORMAT.md section 1.1): tokens, numbers, strings, members, sizes."""

from __future__ import annotations

from assent_vault.formats.suite import encode
from vectors.common import Json, fixed
from vectors.grammar_bench import Bench, written

RECORD = "record"
BAD = "bad-document"
RECEIPT_BYTES = 16 * 1024 * 1024


def add_to(bench: Bench) -> None:
    """Add the cases of this file."""
    _tokens(bench)
    _members(bench)
    _every_kind(bench)
    _numbers(bench)
    _strings(bench)
    _sizes(bench)


def _tokens(bench: Bench) -> None:
    body = written(bench.answered())
    bench.add(RECORD, "as it is written", body, None)
    for name, changed in (
        ("a space after a colon", body.replace(b":", b": ", 1)),
        ("a space before a colon", body.replace(b":", b" :", 1)),
        ("a space after a comma", body.replace(b",", b", ", 1)),
        ("a tab before a comma", body.replace(b",", b"\t,", 1)),
        ("a space after the first bracket", body.replace(b"{", b"{ ", 1)),
        ("a space before the last bracket", body[:-1] + b" }"),
        ("a space before it", b" " + body),
        ("a line feed after it", body + b"\n"),
        ("a carriage return after it", body + b"\r"),
        ("indented", body.replace(b",", b",\n ").replace(b"{", b"{\n ")),
        ("a byte order mark", b"\xef\xbb\xbf" + body),
        ("UTF-16", body.decode().encode("utf-16-le")),
        ("bytes that are not UTF-8", body.replace(b"answered", b"answere\xff", 1)),
        ("a letter in two bytes", body.replace(b"/answered", b"\xc0\xafanswered", 1)),
        ("another document after it", body + body),
        ("a comma after the last member", body[:-1] + b",}"),
        ("a comment", body + b"//"),
        ("cut short", body[:-1]),
        ("nothing", b""),
        ("null", b"null"),
        ("a list of it", b"[" + body + b"]"),
        ("text", b'"' + body.replace(b'"', b'\\"') + b'"'),
        ("single quotes", body.replace(b'"', b"'")),
        ("a key without quotes", body.replace(b'"at"', b"at")),
        ("very deep", b"[" * 4000 + b"]" * 4000),
    ):
        bench.add(RECORD, name, changed, BAD)


def _members(bench: Bench) -> None:
    fields = bench.answered()
    body = written(fields)
    for name, order in (
        ("type second", ["meeting", "type", "person", "sequence", "answer", "at"]),
        ("type last", ["meeting", "person", "sequence", "answer", "at", "type"]),
        ("at before the answer", ["type", "meeting", "person", "sequence", "at", "answer"]),
        ("two members exchanged", ["type", "person", "meeting", "sequence", "answer", "at"]),
    ):
        bench.add(RECORD, name, written({key: fields[key] for key in order}), BAD)
    for name, changed in (
        ("type escaped", body.replace(b'"assent/', b'"\\u0061ssent/', 1)),
        ("a slash of type escaped", body.replace(b"assent/", b"assent\\/", 1)),
        ("the name of type escaped", body.replace(b'"type"', b'"\\u0074ype"', 1)),
        ("a key escaped", body.replace(b'"at"', b'"\\u0061t"', 1)),
        ("a member twice", body[:-1] + b',"at":1}'),
        ("a member twice, once escaped", body[:-1] + b',"\\u0061t":1}'),
        ("type twice", body.replace(b'{"type"', b'{"type":"assent/entry/answered/v1","type"', 1)),
        ("a member more, last", body[:-1] + b',"more":1}'),
        ("a member more, second", body.replace(b',"meeting"', b',"more":1,"meeting"', 1)),
        ("a member less", body.replace(b',"at":1', b"", 1)),
        ("a member without a name", body[:-1] + b',"":1}'),
        ("a member of JavaScript", body[:-1] + b',"__proto__":1}'),
        ("type in capitals", body.replace(b'"type"', b'"Type"', 1)),
        ("a type with a space", body.replace(b'/v1"', b'/v1 "', 1)),
        ("no type there is", body.replace(b"answered", b"forgotten", 1)),
        ("type is a number", body.replace(b'"assent/entry/answered/v1"', b"1", 1)),
    ):
        bench.add(RECORD, name, changed, BAD)
    english, french = ((language, encode(fixed(language))) for language in ("en", "fr"))
    for name, texts in (
        ("one language", [english]),
        ("languages in their order", [english, french]),
        ("languages in another order", [french, english]),
    ):
        bench.add(RECORD, name, written(bench.notice(dict(texts))), None)
    body = written(bench.notice(dict([english])))
    again = b"," + written(dict([english]))[1:-1] + b"}}"
    bench.add(RECORD, "a language twice", body.replace(b'},"at"', again + b',"at"')[:-1], BAD)
    bench.add(RECORD, "no language", written(bench.notice({})), BAD)


def _every_kind(bench: Bench) -> None:
    """That the rules are those of every kind, and of the objects inside."""
    documents: dict[str, tuple[Json, str]] = {
        "charter": (bench.charter(), BAD),
        "room": (bench.room(), BAD),
        "vault-key": (bench.vault_key(), BAD),
        "enrolment": (bench.fields(bench.enrolment.body), "bad-statement"),
        "answer": (bench.answer(), "bad-statement"),
        "header": (bench.fields(bench.header.body), BAD),
        "closing": (bench.closing(bench.segment()), BAD),
        "log": (bench.log(), BAD),
        "acknowledgement": (bench.acknowledgement(), BAD),
        "receipt": (bench.receipt(), "not-a-receipt"),
    }
    inside = {"charter": "notice", "header": "people", "closing": "segments", "receipt": "log"}
    for reader, (fields, code) in documents.items():
        body = written(fields)
        bench.add(reader, "as it is written", body, None)
        first, *others = fields
        bench.add(reader, "type last", written({k: fields[k] for k in (*others, first)}), code)
        *begun, one, other = fields
        swapped = {key: fields[key] for key in (*begun, other, one)}
        bench.add(reader, "the last two members exchanged", written(swapped), code)
        bench.add(reader, "white space", body.replace(b",", b", ", 1), code)
        bench.add(reader, "type escaped", body.replace(b'"a', b'"\\u0061', 1), code)
        if reader not in inside:
            continue
        value = fields[inside[reader]]
        within = value[0] if isinstance(value, list) else value
        turned = dict(reversed(within.items()))
        changed = {inside[reader]: [turned, *value[1:]] if isinstance(value, list) else turned}
        bench.add(reader, "members turned round inside", written(fields | changed), code)


def _numbers(bench: Bench) -> None:
    body = written(bench.answered(at=7_777))
    for text, code in (
        ("0", None),
        ("1", None),
        ("9007199254740991", None),
        ("9007199254740992", BAD),
        ("9007199254740993", BAD),
        ("10000000000000000", BAD),
        ("9" * 400, BAD),
        ("-0", BAD),
        ("-1", BAD),
        ("+1", BAD),
        ("01", BAD),
        ("00", BAD),
        ("1.0", BAD),
        ("1.5", BAD),
        ("0.0", BAD),
        ("1.", BAD),
        (".5", BAD),
        ("1e3", BAD),
        ("1E3", BAD),
        ("1e0", BAD),
        ("1e-1", BAD),
        ("0x1", BAD),
        ("1_0", BAD),
        ("1n", BAD),
        ("NaN", BAD),
        ("Infinity", BAD),
        ("-Infinity", BAD),
        ("\u0661", BAD),
        ('"1"', BAD),
        ("true", BAD),
        ("null", BAD),
        ("[1]", BAD),
        ("{}", BAD),
    ):
        name = text if len(text) < 40 else f"{text[:4]}, {len(text)} digits"
        changed = body.replace(b"7777", text.encode(), 1)
        bench.add(RECORD, f"the number {name}", changed, code)


def _strings(bench: Bench) -> None:
    """Spellings of the text of a notice, which is the only text of a document that is free."""
    fields = bench.receipt(notices=[{"language": "en", "text": "HERE"}])
    body = written(fields)
    bad = "not-a-receipt"
    for text, code in (
        ("", None),
        ("words", None),
        ("a line\\nand another", None),
        ("a\\ttab", None),
        ("a line\\r\\nand another", None),
        ('a quote \\"', None),
        ("a backslash \\\\", None),
        ("a slash /", None),
        ("\u00e9", None),
        ("e\u0301", None),
        ("\U0001f600", None),
        ("\u2028", None),
        ("\ufeff", None),
        ("\uffff", None),
        ("\u00a0", None),
        ("\\u000a", bad),
        ("\\u0009", bad),
        ("\\u0022", bad),
        ("\\u005c", bad),
        ("\\u005C", bad),
        ("\\/", bad),
        ("\\u0061", bad),
        ("\\u00e9", bad),
        ("\\u00E9", bad),
        ("\\ud83d\\ude00", bad),
        ("\\ud83d", bad),
        ("\\ude00", bad),
        ("\\ude00\\ud83d", bad),
        ("\\u2028", bad),
        ("\\x41", bad),
        ("\\u004", bad),
        ("\\'", bad),
        ("\n", bad),
        ("\t", bad),
        ("\x7f", bad),
        ("\x85", bad),
        ("\x9f", bad),
        ("\\b", bad),
        ("\\f", bad),
        ("\\u0000", bad),
        ("\\u001b", bad),
        ("\\u001B", bad),
    ):
        changed = body.replace(b"HERE", text.encode(), 1)
        bench.add("receipt", f"the text {text!a}", changed, code)
    surrogate = body.replace(b"HERE", b"\xed\xa0\xbd")
    bench.add("receipt", "the text of half a pair in UTF-8", surrogate, bad)
    # A proof is read by a grammar of its own: here any control character has its one spelling.
    entry = bench.receipt()["statements"][0]["entry"] | {"proof": "HERE"}
    body = written(bench.receipt(entries=[entry]))
    for text, code in (
        ("\\u0000", None),
        ("\\u001f", None),
        ("\\b\\f", None),
        ("\x7f", None),
        ("\\u001F", bad),
        ("\\u0008", bad),
        ("\\u000c", bad),
        ("\\u007f", bad),
    ):
        changed = body.replace(b"HERE", text.encode(), 1)
        bench.add("receipt", f"the proof {text!a}", changed, code)


def _sizes(bench: Bench) -> None:
    """At the limit, and one byte over. What is not here can never be as large as its limit."""
    languages = bench.filling(4 * 1024 - len(written(bench.notice({}))))
    body = written(bench.notice(languages))
    bench.add(RECORD, "4,096 bytes", body, None)
    bench.add(RECORD, "4,097 bytes", written(bench.notice(languages) | {"at": 10}), BAD)
    fields = bench.charter(notice={"version": 1, "texts": {}})
    languages = bench.filling(4 * 1024 - len(written(fields)))
    notice = {"version": 1, "texts": languages}
    bench.add("charter", "4,096 bytes", written(bench.charter(notice=notice)), None)
    notice["version"] = 10
    bench.add("charter", "4,097 bytes", written(bench.charter(notice=notice)), BAD)
    body = written(bench.receipt(notices=[{"language": "en", "text": "HERE"}]))
    before, after = body.split(b"HERE")
    room = RECEIPT_BYTES - len(before) - len(after)
    for name, count, code in (
        ("16 MiB", room, None),
        ("16 MiB and a byte", room + 1, "not-a-receipt"),
    ):
        bench.add("receipt", name, [(before, 1), (b"a", count), (after, 1)], code)
