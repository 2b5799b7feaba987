"""Record bodies that cannot be read, or only just."""
from pair import Request
from submissions import BOUNDARY, comparable

PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n'
END = f"--{BOUNDARY}--\r\n"
JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", f"multipart/form-data; boundary={BOUNDARY}"

BODIES = [(JSON, text) for text in [
    b"{}", b"null", b"[]", b"[{}]", b'"x"', b"5", b"true", b"", b" ", b"{", b"}", b'{"text"', b'{"text":',
    b'{"text":"x"', b'{"text":"x",}',
    b'{"text":"x"}garbage', b'{"text":"x"} {"text":"y"}', b'{"text":"x","text":"y"}', b"{text:1}", b"{'text':1}",
    b'{"text":\'x\'}',
    b'{"number":NaN}', b'{"number":1e400}', b'{"number":-1e400}', b'{"number":01}', b'{"number":+1}',
    b'{"number":.5}', b'{"number":1.}',
    b'{"number":1e}', b'{"number":--1}', b'{"number":0x1}', b'\xef\xbb\xbf{"text":"x"}', b'{"text":"a\nb"}',
    b'{"text":"a\x00b"}',
    b'{"text":"\xff"}', b'{"text":"\\x"}', b'{"text":"\\u12"}', b'{"text":"\\ud800"}', b'{"text":"\\ud800\\u0041"}',
    b'{"TEXT":"x"}',
    b'{"text ":"x"}', b'{"":1}', b'{"id":null}', b'{"id":""}', b'{"id":5}', b'{"id":[]}', b'{"id":{"a":1}}',
    b'{"id":true}', b'{"id":"UPPER"}',
    b'{"collectionId":"x","collectionName":"y","expand":{"rel":1}}', b'{"created":"2020-01-01"}',
    b'{"@jsonPayload":"{}"}',
    b'{"number+":"x"}', b'{"number+":null,"number-":[1]}', b'{"some+":null,"+some":{}}',
    b'{"rels":["rec1","rec2"],"rels-":"rec1"}',
    b"[" * 900 + b"]" * 900, b'{"json":' + b"[" * 500 + b"]" * 500 + b"}", b'{"json":1,"json":{"a":[}]}']]
BODIES += [(FORM, text) for text in [
    b"", b"text=x", b"text=x&text=y", b"text=%zz", b"text", b"=x", b"text=a;b", b"text=a+b%20c", b"&&&", b"text=%ff",
    b"some=x&some=y", b"some=",
    b"@jsonPayload=%7B%22text%22%3A%22p%22%7D", b"@jsonPayload=", b"@jsonPayload=%5B%5D", b"@jsonPayload=null&text=x",
    b"number=007&bool=true",
    b"number=1.0&json=1.0", b"json=%7B%22a%22%3A1.50%7D", b"point=%7B%22lon%22%3A1%7D", b"text=1&text=true&text=x",
    b"rels=rec1&rels=rec2"]]
BODIES += [(MULTIPART, text.encode("latin-1")) for text in [
    "", END, PART, PART + END, PART + PART + END, "garbage" + PART + END, PART + END + "garbage",
    PART.replace("\r\n", "\n") + END,
    f"--{BOUNDARY}\r\n\r\nhello\r\n" + END, f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nhello\r\n" + END,
    f'--{BOUNDARY}\r\nContent-Disposition: attachment; name="text"\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name=text\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"; filename=""\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name=""\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nX: y\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition form-data; name="text"\r\n\r\nhello\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello',
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"',
    PART * 1001 + END, PART * 999 + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="@jsonPayload"\r\n\r\n{{"text":1}}\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="@jsonPayload"\r\n\r\n{{\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name="text"\r\n\r\na=3Db\r\n' + END,
    f'--{BOUNDARY}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name="text"\r\n\r\nYWJj\r\n' + END]]
BODIES += [(kind, b'{"text":"x"}') for kind in [
    "", "text/plain", "text/json", "application/xml", "text/xml", "Application/JSON",
    "application/json; charset=utf-8", "application/jsonx",
    " application/json", "application/vnd.api+json", "application/octet-stream", "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x y", 'multipart/form-data; boundary="' + BOUNDARY + '"',
    "multipart/mixed; boundary=" + BOUNDARY, "*/*", "json"]]
QUERIES = ["", "", "", "?text=q", "?text=%zz", "?text=a;b", "?fields=id,text", "?expand=rel", "?fields=text:excerpt(2)"]


def bodies(pair, tally, rng):
    records = "/api/collections/many/records"
    base = tally.check(Request.json("POST", records, {"id": "bodybase"}, pair.token), view=comparable)
    if base.status != 200:
        return
    for kind, body in BODIES:
        headers = {"Content-Type": kind} if kind else {}
        for method, path in (("POST", records), ("PATCH", f"{records}/bodybase"), ("GET", f"{records}/bodybase"),
                             ("DELETE", f"{records}/none")):
            query = rng.choice(QUERIES)
            tally.check(Request(method, path + query, rng.choice(["", pair.token]), body, headers), view=comparable,
                        about=kind)
