"""Bad input of many kinds, written to a directory, for readers that must never fall over.

Three of the files are good: ``good.csv``, the same under a name with a line end in it, and ``stream_good``.
They must be read in full however bad their neighbours are. The odds in ``good.csv`` hold one plain 1x2
arbitrage, 1/2.20 + 1/3.90 + 1/4.20 = 0.949.
"""

import bz2
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024
HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,B365H,B365D,B365A,BWH,BWD,BWA,IWH,IWD,IWA"
FAIR_ROW = "E0,17/08/13,Arsenal,Aston Villa,1,3,A,1.44,4.50,8.00,1.40,4.60,7.75,1.40,4.30,7.00"
ARBITRAGE_ROW = "E0,17/08/13,Norwich,Everton,2,2,D,2.20,3.30,3.40,2.05,3.90,3.30,2.00,3.20,4.20"


@dataclass(frozen=True)
class HostileFile:
    """One bad input: its name in the directory, its bytes, and what is wrong with it.

    ``data`` is None for what is no plain file (a directory, a link, a pipe). ``good_rows`` counts the match
    rows or stream messages a careful reader still gets from it; None where a careful reader may differ.
    """

    name: str
    data: bytes | None
    what: str
    good_rows: int | None = 0


def _csv(*rows: str) -> bytes:
    """A season file with the usual header and the given rows."""
    return ("\r\n".join((HEADER, *rows)) + "\r\n").encode()


def _with_odds(*odds: str) -> bytes:
    """A season file with one good row between rows whose Bet365 home price is each of the given texts."""
    bad = [
        f"E0,18/08/13,Home {n},Away {n},0,0,D,{text},3.30,3.40,2.05,3.25,3.30,2.00,3.20,3.20"
        for n, text in enumerate(odds)
    ]
    return _csv(*bad, FAIR_ROW)


def _compressed_zeros(mebibytes: int) -> bytes:
    """A few bytes that bz2 blows up to the given size."""
    compressor = bz2.BZ2Compressor()
    block = bytes(MEBIBYTE)
    out = io.BytesIO()
    for _ in range(mebibytes):
        out.write(compressor.compress(block))
    out.write(compressor.flush())
    return out.getvalue()


def _definition(runners: tuple[int, ...]) -> dict[str, object]:
    """A small market definition of a stream."""
    return {
        "status": "OPEN",
        "inPlay": False,
        "marketBaseRate": 5,
        "bettingType": "ODDS",
        "marketType": "MATCH_ODDS",
        "eventId": "30000001",
        "eventTypeId": "1",
        "marketTime": "2026-03-16T20:00:00.000Z",
        "numberOfWinners": 1,
        "bspMarket": False,
        "runners": [{"id": n, "sortPriority": i, "status": "ACTIVE"} for i, n in enumerate(runners, start=1)],
    }


def _stream(*changes: dict[str, object]) -> list[str]:
    """Stream lines, one market change each, a second apart."""
    return [
        json.dumps(
            {
                "op": "mcm",
                "clk": str(n),
                "pt": 1773684000000 + 1000 * n,
                "mc": [{"id": "1.900000001", **change}],
            }
        )
        for n, change in enumerate(changes)
    ]


def _image() -> dict[str, object]:
    """A full image of a three-runner market."""
    back_and_lay = [(11, 2.2, 2.22), (12, 3.4, 3.5), (13, 3.6, 3.65)]
    changes = [{"id": n, "atb": [[back, 100]], "atl": [[lay, 80.5]]} for n, back, lay in back_and_lay]
    return {"img": True, "marketDefinition": _definition((11, 12, 13)), "rc": changes}


def _delta(runner: int, price: float, size: float) -> dict[str, object]:
    """A change to one price on the available-to-back side."""
    return {"rc": [{"id": runner, "atb": [[price, size]]}]}


def _lines(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _csv_files() -> list[HostileFile]:
    good = _csv(FAIR_ROW, ARBITRAGE_ROW)
    wide = ",".join(f"C{n}" for n in range(10_000))
    return [
        HostileFile("good.csv", good, "nothing: two good rows, the second an arbitrage", 2),
        HostileFile(
            "truncated_row.csv", good[: good.index(b"Everton") + 3], "cut off in the middle of a row", 1
        ),
        HostileFile("empty.csv", b"", "no bytes at all"),
        HostileFile("whitespace.csv", b" \t\r\n\n   \n", "only whitespace"),
        HostileFile("only_bom.csv", b"\xef\xbb\xbf", "only a byte order mark"),
        HostileFile("header_only.csv", _csv(), "a header and no rows"),
        HostileFile("no_header.csv", (FAIR_ROW + "\n").encode(), "rows and no header"),
        HostileFile(
            "missing_columns.csv",
            b"Div,Date,HomeTeam,B365H\nE0,17/08/13,Arsenal,1.44\n",
            "no away team, no prices",
        ),
        HostileFile("double_header.csv", _csv(HEADER, FAIR_ROW), "the header again as a row", 1),
        HostileFile(
            "duplicate_columns.csv",
            b"Div,Date,HomeTeam,AwayTeam,B365H,B365H,B365D,B365A\n"
            b"E0,17/08/13,Arsenal,Aston Villa,1.44,9.99,4.5,8\n",
            "the same column twice, two prices",
            None,
        ),
        HostileFile("utf16.csv", good.decode().encode("utf-16"), "UTF-16 with a byte order mark", None),
        HostileFile(
            "latin1.csv",
            _csv(FAIR_ROW.replace("Arsenal", "La Coru\xf1a")).decode().encode("latin-1"),
            "Latin-1 where UTF-8 is expected",
            1,
        ),
        HostileFile(
            "bad_utf8.csv", good.replace(b"Arsenal", b"Ars\xc3\x28\xff\xfenal"), "bytes of no encoding", None
        ),
        HostileFile("nul_bytes.csv", good.replace(b"Arsenal", b"Ars\x00nal"), "a NUL byte in a cell", None),
        HostileFile("only_nul.csv", bytes(4096), "4096 NUL bytes"),
        HostileFile("junk.csv", bytes((n * 7919 + n // 13) % 256 for n in range(20_000)), "binary junk"),
        HostileFile(
            "picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "a PNG picture by its header"
        ),
        HostileFile("long_line.csv", b"x" * (5 * MEBIBYTE), "5 MiB without a line end"),
        HostileFile(
            "long_cell.csv",
            _csv(FAIR_ROW.replace("Arsenal", "A" * 200_000), ARBITRAGE_ROW),
            "a cell longer than the csv module's limit of 131,072",
            None,
        ),
        HostileFile("many_columns.csv", f"{HEADER},{wide}\n{FAIR_ROW}\n".encode(), "10,000 columns more", 1),
        HostileFile(
            "many_cells.csv",
            _csv(FAIR_ROW + ",1.5" * 10_000, ARBITRAGE_ROW),
            "a row with 10,000 cells too many",
            None,
        ),
        HostileFile(
            "odds_signs.csv",
            _with_odds("-1.44", "0", "0.00", "1", "0.5", "-0"),
            "negative, zero and below 1",
            None,
        ),
        HostileFile(
            "odds_nan.csv",
            _with_odds("NaN", "nan", "sNaN", "inf", "-Infinity"),
            "odds that are no numbers",
            None,
        ),
        HostileFile(
            "odds_words.csv",
            _with_odds('"1,95"', "N/A", "Evens", "SP", "4/7", "1.9.5", "\u0661.\u0665", "1_9"),
            "odds as words, fractions, with commas, in other digits",
            None,
        ),
        HostileFile(
            "odds_huge.csv",
            _with_odds("1e400", "1e-400", "1E999999999", "1" + "0" * 5000, "0." + "0" * 5000 + "1"),
            "odds beyond floats and a price with 5,001 digits",
            None,
        ),
        HostileFile(
            "dates.csv",
            _csv(
                *(
                    FAIR_ROW.replace("17/08/13", date)
                    for date in (
                        "99/99/99",
                        "31/02/2013",
                        "",
                        "17/08/0000",
                        "2013-08-17T25:61:00",
                        "17/08/99999",
                    )
                ),
                ARBITRAGE_ROW,
            ),
            "dates that do not exist",
            None,
        ),
        HostileFile(
            "goals.csv",
            _csv(FAIR_ROW.replace(",1,3,A,", ",-1,1e9,Z,"), ARBITRAGE_ROW),
            "goals that cannot be",
            None,
        ),
        HostileFile(
            "same_team.csv", _csv(FAIR_ROW.replace("Aston Villa", "Arsenal")), "a team against itself", None
        ),
        HostileFile(
            "open_quote.csv",
            _csv('E0,17/08/13,"Arsenal', *([ARBITRAGE_ROW] * 2000)),
            "a quote opened and never closed: the rest of the file is one cell",
            None,
        ),
        HostileFile(
            "quoted_newlines.csv",
            _csv('E0,17/08/13,"' + "\n" * 50_000 + '",Everton,2,2,D,2.2,3.3,3.4', FAIR_ROW),
            "50,000 newlines inside one quoted cell",
            None,
        ),
        HostileFile(
            "formulas.csv",
            _csv(
                FAIR_ROW.replace("Arsenal", "=cmd|' /C calc'!A0"),
                FAIR_ROW.replace("Arsenal", "@SUM(1+1)*cmd|'x'!A1"),
                FAIR_ROW.replace("Arsenal", "+1+1"),
                FAIR_ROW.replace("Arsenal", '"=HYPERLINK(""http://example.invalid"",""x"")"'),
            ),
            "cells a spreadsheet would run",
            None,
        ),
        HostileFile(
            "escapes.csv",
            _csv(FAIR_ROW.replace("Arsenal", "\x1b[2J\x1b]0;title\x07<script>alert(1)</script>")),
            "terminal control sequences and markup in a team name",
            None,
        ),
        HostileFile(
            "bidi.csv",
            _csv(FAIR_ROW.replace("Arsenal", "\u202elanesrA\u202c\u200b")),
            "text that runs backwards",
            None,
        ),
        HostileFile(
            "old_mac.csv", good.replace(b"\r\n", b"\r"), "lines ended by a carriage return alone", None
        ),
        HostileFile("a\nname.csv", good, "a line end in the file's own name; two good rows", 2),
    ]


def _json_files() -> list[HostileFile]:
    feed = json.dumps({"id": 1, "home": "A", "away": "B", "date": "2026-03-16T20:00:00Z", "bookmakers": {}})
    prices = '"odds": [{"home": %s, "draw": "4.2", "away": "5.5"}]'
    market = '{"name": "ML", "updatedAt": "2026-03-16T17:44:49.003Z", ' + prices + "}"
    match = (
        '{"id": 1, "home": "A", "away": "B", "date": "2026-03-16T20:00:00Z", "bookmakers": {"Bet365": [%s]}}'
    )
    return [
        HostileFile("truncated.json", feed.encode()[:-20], "JSON cut off"),
        HostileFile("empty.json", b"", "no bytes at all"),
        HostileFile("whitespace.json", b"\n \n", "only whitespace"),
        HostileFile("bom.json", b"\xef\xbb\xbf" + feed.encode(), "JSON after a byte order mark", None),
        HostileFile("deep_lists.json", b"[" * 100_000 + b"]" * 100_000, "100,000 lists one in another"),
        HostileFile(
            "deep_objects.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "100,000 objects one in another"
        ),
        HostileFile("unclosed_deep.json", b"[" * 100_000, "100,000 lists, none closed"),
        HostileFile(
            "duplicate_keys.json",
            (match % (market % '"1.571", "home": "99"')).encode(),
            "one key, two prices",
            None,
        ),
        HostileFile("huge_float.json", (match % (market % "1e400")).encode(), "a price beyond floats", None),
        HostileFile(
            "huge_integer.json",
            (match % (market % ("1" + "0" * 5000))).encode(),
            "a price of 5,001 digits",
            None,
        ),
        HostileFile(
            "nan.json", (match % (market % "NaN")).encode(), "a price of NaN, which is no JSON", None
        ),
        HostileFile("null_price.json", (match % (market % "null")).encode(), "a price of null", None),
        HostileFile("list_price.json", (match % (market % "[1.5]")).encode(), "a price that is a list", None),
        HostileFile("top_list.json", b"[1, 2, 3]", "a list of numbers at the top"),
        HostileFile("top_number.json", b"42", "a number at the top"),
        HostileFile("top_string.json", b'"odds"', "a string at the top"),
        HostileFile("top_null.json", b"null", "null at the top"),
        HostileFile(
            "wrong_inside.json",
            b'{"id": 1, "home": [], "away": {}, "date": 5, "bookmakers": [null]}',
            "right keys, wrong types",
        ),
        HostileFile(
            "lone_surrogate.json",
            (match % (market % '"1.5"')).replace('"A"', '"\\ud800"').encode(),
            "half a character, which cannot be written as UTF-8",
            None,
        ),
        HostileFile(
            "page.json", b"<!doctype html><title>Sign in</title>", "a web page where JSON was expected"
        ),
    ]


def _stream_files() -> list[HostileFile]:
    start, later, last = _stream(_image(), _delta(11, 2.18, 40), _delta(11, 2.2, 0))
    only_deltas = _lines(_stream(_delta(11, 2.18, 40), _delta(12, 3.4, 5)))
    unknown = _lines(_stream(_image(), _delta(99, 5.0, 10), _delta(11, 2.18, 40)))
    wrong_shape = _lines(
        [
            start,
            '{"op":"mcm","pt":"soon","mc":{"id":7}}',
            '{"op":"mcm","mc":[{"rc":[{"id":11,"atb":[[2.2]]}]}]}',
            later,
        ]
    )
    negative = _lines(_stream(_image(), _delta(11, -2.0, 40), _delta(11, 2.16, -40)))
    crossed = _lines(_stream(_image(), _delta(11, 2.5, 40)))
    good = _lines([start, later, last])
    return [
        HostileFile("stream_good", good, "nothing: an image and two deltas", 3),
        HostileFile(
            "stream_garbage_line",
            _lines([start, "{{{ not a message", later, last]),
            "a garbage line in the middle",
            3,
        ),
        HostileFile("stream_torn_line", good[:-25], "the last line cut off", 2),
        HostileFile("stream_no_image", only_deltas, "deltas before any image or definition", None),
        HostileFile("stream_unknown_runner", unknown, "a delta for a runner no definition names", None),
        HostileFile("stream_wrong_shape", wrong_shape, "messages of the wrong shape in the middle", None),
        HostileFile("stream_negative", negative, "a negative price and a negative size", None),
        HostileFile(
            "stream_crossed",
            crossed,
            "a back price above the lay price: no quotes from it while it lasts",
            None,
        ),
        HostileFile("stream_not.bz2", good, "named .bz2 and not compressed", None),
        HostileFile("stream_truncated.bz2", bz2.compress(good)[:-12], "compressed and cut off", None),
        HostileFile(
            "stream_trailing.bz2",
            bz2.compress(good) + b"trailing junk",
            "compressed, with junk after the end",
            None,
        ),
        HostileFile(
            "zeros.bz2", _compressed_zeros(100), "a few hundred bytes that unpack to 100 MiB of zeros"
        ),
    ]


def _make_directory(path: Path) -> None:
    path.mkdir()


def _make_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _make_dangling_link(path: Path) -> None:
    path.symlink_to("no_such_file.csv")


def _make_link_to_parent(path: Path) -> None:
    path.symlink_to(".", target_is_directory=True)


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _special_files() -> list[tuple[HostileFile, Callable[[Path], None]]]:
    return [
        (HostileFile("directory.csv", None, "a directory with a file's name"), _make_directory),
        (HostileFile("link_to_itself.csv", None, "a symbolic link to itself"), _make_link_to_itself),
        (
            HostileFile("link_to_nothing.csv", None, "a symbolic link to a file that is not there"),
            _make_dangling_link,
        ),
        (
            HostileFile("link_to_parent", None, "a symbolic link to the directory it is in"),
            _make_link_to_parent,
        ),
        (
            HostileFile("pipe.csv", None, "a named pipe nobody writes to: opening it waits for ever"),
            _make_pipe,
        ),
    ]


def write_all(directory: Path) -> list[HostileFile]:
    """Write every bad input into the directory, which is made if missing and must be empty, and list them.

    One file, ``unreadable.csv``, has mode 000. A superuser can read it all the same, so it holds one good
    row; for anybody else it must be reported as unreadable. The whole takes about 7 MB and a second.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise ValueError(f"{directory} is not empty")
    unreadable = HostileFile(
        "unreadable.csv", _csv(FAIR_ROW), "mode 000: unreadable except for a superuser", None
    )
    files = [*_csv_files(), *_json_files(), *_stream_files(), unreadable]
    for file in files:
        assert file.data is not None
        (directory / file.name).write_bytes(file.data)
    (directory / unreadable.name).chmod(0)
    for file, make in _special_files():
        make(directory / file.name)
        files.append(file)
    return files
