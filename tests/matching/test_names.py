from __future__ import annotations

import pytest

from crossbook.matching.names import competition_qualifiers, fold, normalise
from crossbook.matching.words import DISTINGUISHING, FORMS, GENERIC, SPELLINGS


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Brøndby", "brondby"),
        ("Łódź", "lodz"),
        ("Đorđe", "dorde"),
        ("Großaspach", "grossaspach"),
        ("Ærø", "aero"),
        ("Œuf", "oeuf"),
        ("BAŞAKŞEHİR", "basaksehir"),
        ("Kayser\u0131", "kayseri"),
        ("Nott'm", "nottm"),
        ("Nott\u2019m", "nottm"),
        ("Bodø/Glimt", "bodo glimt"),
        ("F.C. Porto", "fc porto"),
        ("St. Pauli", "st pauli"),
        ("  A  &  B ", "a b"),
        ("Динамо", "динамо"),
        ("", ""),
    ],
)
def test_fold(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "tokens", "qualifiers"),
    [
        ("Arsenal", ("arsenal",), set()),
        ("AFC Bournemouth", ("bournemouth",), set()),
        ("Arsenal Women", ("arsenal",), {"women"}),
        ("Arsenal (W)", ("arsenal",), {"women"}),
        ("Lyon Féminines", ("lyon",), {"women"}),
        ("Chelsea Women's", ("chelsea",), {"women"}),
        ("Ajax U19", ("ajax",), {"u19"}),
        ("Ajax Under 19s", ("ajax",), {"u19"}),
        ("Flamengo Sub-20", ("flamengo",), {"u20"}),
        ("Bayern II", ("bayern",), {"reserves"}),
        ("Barcelona B", ("barcelona",), {"reserves"}),
        ("Dortmund 2", ("dortmund",), {"reserves"}),
        ("Jong Ajax", ("ajax",), {"reserves"}),
        ("Leeds Reserves U21", ("leeds",), {"reserves", "u21"}),
        ("Willem II", ("willem", "ii"), set()),
        ("B 93", ("b", "93"), set()),
        ("B", ("b",), set()),
        ("Schalke 04", ("schalke", "04"), set()),
        ("Roma (Esports)", ("rome",), {"virtual"}),
    ],
)
def test_parts_of_a_name(written, tokens, qualifiers):
    name = normalise(written)
    assert name.tokens == tokens
    assert name.qualifiers == qualifiers


def test_a_name_of_club_words_alone_is_vague():
    assert normalise("AFC").vague
    assert normalise("AFC").tokens == ("afc",)
    assert not normalise("AFC Ajax").vague


@pytest.mark.parametrize(
    ("competition", "said"),
    [
        ("Serie B", set()),
        ("Ligue 2", set()),
        ("2. Bundesliga", set()),
        ("Women's Super League", {"women"}),
        ("UEFA Youth League", {"youth"}),
        ("U21 EURO Qualifiers", {"u21"}),
        ("Esoccer Battle", {"virtual"}),
        ("", set()),
    ],
)
def test_what_a_competition_says(competition, said):
    assert competition_qualifiers(competition) == said


def test_the_tables_agree_with_the_folding():
    for word in FORMS | GENERIC | DISTINGUISHING:
        assert fold(word) == word
    for short, long in SPELLINGS.items():
        assert (fold(short), fold(long)) == (short, long)
        assert long not in SPELLINGS
    assert not {*SPELLINGS} & (FORMS | GENERIC), "a word of these tables is never seen under such a spelling"
