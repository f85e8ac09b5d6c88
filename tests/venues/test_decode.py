"""Decoding: what is wrong with a file is said in one sentence, and never as another error than BadData."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.venues.decode import json_value, text_lines


class Price(msgspec.Struct):
    """A small shape to decode into."""

    odds: Decimal
    size: int | None = None


class Market(msgspec.Struct, rename="camel"):
    """A shape with another inside."""

    market_id: str
    prices: list[Price] = []


WHOLE = b'{"marketId": "1.5", "prices": [{"odds": 2.10, "size": 3}, {"odds": "1.95"}]}'
DEEP = 100_000


def refusal(data: bytes, shape: Any) -> str:
    """What is said against the data; nothing when it can be read."""
    try:
        json_value(data, shape)
    except BadData as error:
        return str(error)
    return ""


class TestJson:
    def test_numbers_and_numbers_in_text_are_exact(self) -> None:
        assert json_value(WHOLE, Market) == Market("1.5", [Price(Decimal("2.10"), 3), Price(Decimal("1.95"))])
        assert str(json_value(b"2.10", Decimal)) == "2.10"
        assert json_value(b"0.1000000000000000055511151231257827", Decimal) != Decimal("0.1")

    @pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n \t", b"\xef\xbb\xbf\r\n"])
    def test_a_mark_or_blanks_in_front_do_no_harm(self, before: bytes) -> None:
        assert json_value(before + WHOLE + b" \n", Market).market_id == "1.5"

    @pytest.mark.parametrize("data", [b"", b" ", b"\r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
    def test_empty(self, data: bytes) -> None:
        with pytest.raises(BadData, match=r"^the file is empty$"):
            json_value(data, Any)

    @pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
    def test_marked_utf_16(self, codec: str) -> None:
        with pytest.raises(BadData, match=r"^encoding: JSON must be UTF-8, this is UTF-16$"):
            json_value(WHOLE.decode().encode(codec), Market)

    def test_marked_utf_16_the_other_way_round(self) -> None:
        with pytest.raises(BadData, match=r"^encoding: JSON must be UTF-8, this is UTF-16$"):
            json_value(b"\xfe\xff" + WHOLE.decode().encode("utf-16-be"), Market)

    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-be"])
    def test_unmarked_utf_16_is_not_json(self, codec: str) -> None:
        with pytest.raises(BadData, match=r"^not readable as JSON: "):
            json_value(WHOLE.decode().encode(codec), Market)

    def test_cut_anywhere(self) -> None:
        told = set()
        for length in range(1, len(WHOLE)):
            with pytest.raises(BadData, match=r"^not readable as JSON: ") as caught:
                json_value(WHOLE[:length], Market)
            told.add(str(caught.value).split(" (byte")[0])
        assert told == {
            "not readable as JSON: Input data was truncated",
            "not readable as JSON: JSON is malformed: invalid number",  # cut behind the point of 2.10
        }

    @pytest.mark.parametrize(
        "data",
        [b"[1,]", b"[1] [2]", b"{'a': 1}", b"NaN", b"[Infinity]", b"nothing", b"<html>", b"\x00", b"[01]"],
    )
    def test_malformed(self, data: bytes) -> None:
        with pytest.raises(BadData, match=r"^not readable as JSON: "):
            json_value(data, Any)

    @pytest.mark.parametrize("data", [b'"K\xf6ln"', b'["\xff\xfe"]', b'{"\xc3": 1}', b'"\xed\xa0\x80"'])
    def test_text_that_is_not_utf_8(self, data: bytes) -> None:
        with pytest.raises(BadData, match=r"^not readable as JSON: 'utf-8' codec"):
            json_value(data, Any)

    @pytest.mark.parametrize("shape", [Any, msgspec.Raw, Market, list[msgspec.Raw]])
    @pytest.mark.parametrize(
        "data",
        [b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'[{"prices":' * DEEP],
        ids=["open", "closed", "mixed"],
    )
    def test_nested_too_deep(self, data: bytes, shape: Any) -> None:
        with pytest.raises(BadData) as caught:
            json_value(data, shape)
        if shape is not Market:  # a Market that is a list is wrong before it is deep
            assert str(caught.value) == "not readable as JSON: nested too deep"

    def test_too_deep_inside_a_field_that_nobody_reads(self) -> None:
        with pytest.raises(BadData, match=r"^not readable as JSON: nested too deep$"):
            json_value(b'{"marketId": "1", "more": ' + b"[" * DEEP + b"]" * DEEP + b"}", Market)

    @pytest.mark.parametrize(
        ("data", "place"),
        [
            (b'{"marketId": 7}', "$.marketId"),
            (b'{"marketId": null}', "$.marketId"),
            (b'{"marketId": "1", "prices": {}}', "$.prices"),
            (b'{"marketId": "1", "prices": [3]}', "$.prices[0]"),
            (b'{"marketId": "1", "prices": [{"odds": 2}, {"odds": []}]}', "$.prices[1].odds"),
            (b'{"marketId": "1", "prices": [{"odds": "evens"}]}', "$.prices[0].odds"),
            (b'{"marketId": "1", "prices": [{"odds": 1e99999999999999999999}]}', "$.prices[0].odds"),
            (b'{"marketId": "1", "prices": [{"odds": 2, "size": 1.5}]}', "$.prices[0].size"),
            (b'{"marketId": "1", "prices": [{"odds": 2, "size": "3"}]}', "$.prices[0].size"),
            (
                b'{"marketId": "1", "prices": [{"odds": 2, "size": ' + b"9" * 5_000 + b"}]}",
                "$.prices[0].size",
            ),
        ],
    )
    def test_a_wrong_type_names_its_place(self, data: bytes, place: str) -> None:
        with pytest.raises(BadData, match=r"^field: ") as caught:
            json_value(data, Market)
        assert str(caught.value).endswith(f"`{place}`")
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"{}", "`marketId`"),
            (b'{"market_id": "1"}', "`marketId`"),
            (b'{"marketId": "1", "prices": [{}]}', "`odds` - at `$.prices[0]`"),
        ],
    )
    def test_a_missing_field_is_named(self, data: bytes, told: str) -> None:
        with pytest.raises(BadData, match=r"^field: ") as caught:
            json_value(data, Market)
        assert str(caught.value).endswith(told)

    def test_the_decoders_own_error_stays_out_of_sight(self) -> None:
        for data in (b"[", b"{}", b"[" * DEEP):
            with pytest.raises(BadData) as caught:
                json_value(data, Market)
            assert caught.value.__suppress_context__
            assert caught.value.__cause__ is None

    @given(st.binary(max_size=40), st.sampled_from([Any, Market, list[int], msgspec.Raw]))
    def test_any_bytes(self, data: bytes, shape: Any) -> None:
        assert "\n" not in refusal(data, shape)

    @given(st.integers(0, len(WHOLE)), st.binary(max_size=4))
    def test_any_damage(self, place: int, damage: bytes) -> None:
        try:
            read = json_value(WHOLE[:place] + damage + WHOLE[place + len(damage) :], Market)
        except BadData:
            return
        assert isinstance(read, Market)


class TestText:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"", ""),
            (b"Div,Date\r\n", "Div,Date\r\n"),
            ("Köln,1.95€".encode(), "Köln,1.95€"),
            ("Köln,1.95€".encode("utf-8-sig"), "Köln,1.95€"),
            ("Köln,1.95€".encode("cp1252"), "Köln,1.95€"),
            (b"Saint\x92s", "Saint’s"),
            (b"Saint\x90s", "Saint\ufffds"),
        ],
    )
    def test_utf_8_or_the_old_windows_encoding(self, data: bytes, text: str) -> None:
        assert "".join(text_lines(data)) == text

    def test_one_wrong_byte_makes_only_its_line_old(self) -> None:
        data = "Köln\r\n".encode() + b"K\xf6ln\r\n" + "é".encode() + b"\xe9\n" + "1.95€".encode()
        assert list(text_lines(data)) == ["Köln\r\n", "Köln\r\n", "Ã©é\n", "1.95€"]

    def test_a_mark_is_taken_away_whatever_follows(self) -> None:
        assert list(text_lines("Köln\n".encode("utf-8-sig") + b"K\xf6ln")) == ["Köln\n", "Köln"]

    @given(st.lists(st.sampled_from(["a", "é", "\x0b\x0c\x1c\x85\u2028", "\r", "\n", "\r\n"])))
    def test_lines_end_where_bytes_say_so_in_both_encodings(self, pieces: list[str]) -> None:
        text = "".join(pieces)
        lines = [line.decode() for line in text.encode().splitlines(keepends=True)]
        assert list(text_lines(text.encode())) == lines
        assert list(text_lines(text.encode() + b"\n\xe9")) == [
            *(line.decode() for line in (text + "\n").encode().splitlines(keepends=True)),
            "é",
        ]

    @pytest.mark.parametrize("piece", [b"a" * 63 + b"\n", b"\r", b"a\n"])
    def test_a_large_text_takes_little_memory_beside_it(self, piece: bytes) -> None:
        """The list of the lines of a file of line ends would be eight times as large as the file."""
        data = piece * (1024 * 1024 // len(piece)) + b"\xe9"
        tracemalloc.start()
        try:
            for line in text_lines(data):
                del line
            assert tracemalloc.get_traced_memory()[1] < 3 * len(data)
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
    def test_wide_encodings_are_refused(self, codec: str) -> None:
        with pytest.raises(BadData, match=r"^encoding: neither UTF-8 nor Windows-1252 text$"):
            text_lines("Div,Date\nE0,1/1/20\n".encode(codec))

    @pytest.mark.parametrize(
        "data",
        [
            b"\xff\xfe",
            b"\xfe\xff",
            b"\xfe\xff\x20\x22",
            b"a\x00",
            b"\x89PNG\r\n\x1a\n\x00\x00",
            b"a" * 4_000 + b"\x00",
        ],
    )
    def test_what_is_no_text(self, data: bytes) -> None:
        with pytest.raises(BadData, match=r"^encoding: "):
            text_lines(data)

    @given(st.text())
    def test_utf_8_comes_back_as_it_was(self, text: str) -> None:
        if "\x00" not in text and not text.startswith("\ufeff"):
            for codec in ("utf-8", "utf-8-sig"):
                assert "".join(text_lines(text.encode(codec))) == text

    @given(st.binary())
    def test_any_bytes(self, data: bytes) -> None:
        try:
            assert len("".join(text_lines(data))) <= len(data)
        except BadData:
            assert b"\x00" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")
