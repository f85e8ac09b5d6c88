from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.api.negotiation import prefers_page

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/html", False),
        ("text/html", True),
        ("TEXT/HTML ; Q=0.5", True),
        (CHROME, True),
        ("text/*", True),
        ("text/html;q=0, */*", False),
        ("text/html;q=0.4, application/json;q=0.5", False),
        ("text/html;q=nan", False),
        ("text/html;q=none", False),
        ("application/json;q=0, */*;q=0.1", True),
        ("*/*;q=0.9, application/json;q=0.1", True),
    ],
)
def test_who_gets_the_page(accept: str, page: bool) -> None:
    assert prefers_page(accept) is page


@given(st.text(st.sampled_from("text/html*;q=01.,apliconjs "), max_size=60))
def test_any_header_is_understood(accept: str) -> None:
    assert prefers_page(accept) in (True, False)
