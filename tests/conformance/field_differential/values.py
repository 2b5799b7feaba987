"""What is submitted to fields: JSON values as they are written in a body."""
import json

TEXTS = ["", " ", "a", "abc", "ABC", "abcdef", " abc ", "a\tb", "a\nb", "\u0000", "a\u0000b", "\u0007", "\u007f",
         "\u00a0", "é", "日本語",
         "😀", "\u2028", "<b>&amp;</b>", "0", "1", "-1", "1.5", "-0", "00", "010", "1e3", "1e400", "0x1p4", "0x10",
         "1_000", "+7", ".5",
         "5.", "Inf", "-Infinity", "NaN", "nan", "true", "True", "TRUE", "t", "T", "tRUE", "false", "f", "yes",
         "null", "[]", "[", "[1",
         '["a"]', '["a","b","a"]', '["x","y"]', "[1,2]", '[["a"]]', "{}", '{"a":1}', '{"b":2,"a":1,"b":3}', '"q"',
         '"', "'", "\\", "1 ",
         "9007199254740993", "12345678901234567890", "1.50", "1000000.5", "x", "y", "z", "news", "gone", "rec1",
         "rec2", "recx"]
DATES = ["2024-01-02 03:04:05.678Z", "2024-01-02", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456Z",
         "2024-01-02T03:04:05+02:00",
         "2024-01-02T03:04:05", "2024-01-02 03:04:05", "2024-01-02 03:04:05.9", "2024-01-02 03:04:05Z",
         "2024-01-02 03:04:05+0200",
         "2024-01-02 03:04:05 +0200", "2024-01-02 03:04:05 +0200 CEST", "2024-01-02 03:04", "2024-01-02T03:04",
         "2024-01", "2024",
         "20240102", "2024/01/02", "02 Jan 2006", "Mon, 02 Jan 2006 15:04:05 -0700", "Mon, 02 Jan 2006 15:04:05 MST",
         "02 Jan 06 15:04 MST",
         "02 Jan 06 15:04 -0700", "Monday, 02-Jan-06 15:04:05 MST", "Mon Jan  2 15:04:05 2006",
         "Mon Jan  2 15:04:05 MST 2006",
         "Mon Jan 02 15:04:05 -0700 2006", "3:04PM", "Jan  2 15:04:05", "Jan  2 15:04:05.000", "2024-02-30",
         "2024-13-01", "0001-01-01",
         "0001-01-01 00:00:00.000Z", "0000-01-01", "9999-12-31 23:59:59.999Z", "10000-01-01", "-0001-01-01",
         " 2024-01-02", "2024-1-2",
         "1704164645", "2023-06-15 12:00:00.000Z", "2030-01-01", "1999-12-31", "2024-01-02 24:00:00",
         "2024-01-02 23:59:60Z",
         "2024-01-02t03:04:05z", "2024-01-02 03:04:05,678Z", "2024-01-02 03:04:05.678901Z", "2016-12-31T23:59:60Z"]
EMAILS = ["a@b.co", "A@B.CO", "a@b", "a@b.c", "a+t@s.b.co", "a b@c.co", '"a"@b.co', '"ab"@b.co', "a@[1.2.3.4]",
          "a@localhost", "@b.co",
          "a@", "a@@b.co", "ü@ä.de", "a@b.co.", "a@b..co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@-b.co", "a@b-.co",
          "a@b.c1", "a@allowed.test",
          "a@Allowed.test", "a@sub.allowed.test", "a@denied.test", "a@b_c.co", "a\n@b.co", "x" * 70 + "@b.co",
          "a@" + "b" * 70 + ".co"]
URLS = ["http://a.test", "https://a.test/x?y=1#z", "a.test", "//a.test", "/path", "http://", "HTTP://A.TEST",
        "ftp://a.test", "mailto:a@b.co",
        "javascript:alert(1)", "http://1.2.3.4", "http://[::1]", "http://[::1]:80/x", "http://256.1.1.1",
        "http://a.test:80", "http://a.test:",
        "http://a.test:99999", "http://a.test:123456", "http://u:p@a.test", "http://u@a.test", "http://a b.test",
        "http://a_b.com", "http://a",
        "http://localhost", "localhost", "http://localhost:8090", "http://b.a.com", "http://bb.a.com",
        "http://b.aa.com", "http://ü",
        "http://ä.de", "http://sub.ä.de", "http://a..com", "http://-a.com", "http://1.2.3.4.5", "http://a.c1",
        "http://ab.c1", "http://ab.c1.com",
        "https://allowed.test", "https://allowed.test:8080", "https://sub.allowed.test", "https://denied.test",
        "ws://ab.co", "wss://ab.co",
        "gopher://ab.co", "http://ab.co.", "http://www.ab.co", "http://www.a.c", "x.y", "http://a.test/\u00e4 b",
        "http://" + "a" * 2100 + ".co",
        "http://exa-mple.com", "http://exa--mple.com", "http://a-.com", "http://ab.co/%zz", "http://ab.co/%20",
        "http:ab.co", "http:/ab.co"]
LONG = ["x" * 71, "x" * 72, "x" * 73, "ü" * 36, "ü" * 37, "x" * 5000, "x" * 5001, "ü" * 5000, "ü" * 5001, "x" * 150]
# Numbers and structures, as written.
RAW = ["null", "true", "false", "0", "1", "-1", "-0", "0.0", "1.5", "-2.5", "3", "5", "10", "11", "100", "1e3",
       "1e21", "1e-7", "123456789.125",
       "9007199254740993", "12345678901234567890", "1e308", "[]", "{}", "[null]", "[[]]", "[{}]", '["a"]', '["x"]',
       '["x","y"]',
       '["y","x","y"]', '["x","y","z"]', '["",""]', '["x",""]', "[1,true]", '["x",["y"]]', '["x",{"a":1}]',
       '["rec1"]', '["rec1","rec2"]',
       '["rec2","rec1","rec2"]', '["rec1","rec2","rec3"]', '["rec1","gone"]', '{"lon":1,"lat":2}',
       '{"LON":1,"Lat":2}', '{"lon":"1","lat":2}',
       '{"lon":181,"lat":0}', '{"lon":0,"lat":91}', '{"lon":-180,"lat":-90}', '{"lon":200,"lat":200}', '{"lat":1}',
       '{"lon":null,"lat":1,"x":2}',
       '{"lon":1e2,"lat":1.50}', '{"b":2,"a":{"d":[1,{"z":null,"y":1.50}],"c":"<&>"}}', '{"a":1,"a":2}',
       "[1,[2,[3,[4]]]]", '"\\ud800"',
       '"\\ud83d\\ude00"', '"{\\"lon\\":3,\\"lat\\":4}"', '"[1,{\\"b\\":1.50,\\"a\\":2}]"', '"{\\"a\\" : 1}"']


def every_value():
    """Distinct JSON texts."""
    texts = [json.dumps(text, ensure_ascii=False) for text in [*TEXTS, *DATES, *EMAILS, *URLS, *LONG]]
    return list(dict.fromkeys([*RAW, *texts]))


SPECIAL = {"date": DATES, "email": EMAILS, "url": URLS}


def values_for(kind):
    """JSON texts that say something about a field of this type."""
    texts = [*TEXTS, *SPECIAL.get(kind, [])]
    if kind in ("text", "editor", "password", "json"):
        texts += LONG
    if kind == "password":
        texts = [text for text in texts if "\0" not in text]  # refused on purpose (README, "Differences")
    return list(dict.fromkeys([*RAW, *(json.dumps(text, ensure_ascii=False) for text in texts)]))
