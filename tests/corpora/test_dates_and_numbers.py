"""Dates and numbers in two languages, against Unicode CLDR and against parsers that read the words back."""

import datetime
import re
from collections import Counter

import pytest
from babel import dates as babel_dates  # comes with JupyterLab
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu import corpora
from greenlm_edu.corpora.dates_and_numbers import KINDS
from greenlm_edu.corpora.numerals import MOST, chinese_number, english_number
from greenlm_edu.errors import InputError

PAIRS = corpora.load("dates_and_numbers")
ALL = [*PAIRS.train, *PAIRS.validation, *PAIRS.test]

SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
UNITS = {word: number for number, word in enumerate(SMALL.split())}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
ORDINALS |= {"twentieth": 20, "thirtieth": 30}  # the others are the number and “th”


def read_english(words: str) -> int:
    """The number that English words tell, read from left to right."""
    total = group = 0
    for word in words.replace("-", " ").replace(" and ", " ").split():
        if word in UNITS:
            group += UNITS[word]
        elif word in TENS:
            group += TENS[word]
        elif word == "hundred":
            group *= 100
        else:
            total += group * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            group = 0
    return total + group


def read_chinese(words: str) -> int:
    """The number that Chinese words tell, read from left to right."""
    total = section = digit = 0
    for word in words:
        if word in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(word)
        elif word in "十百千":
            section += (digit or 1) * 10 ** ("十百千".index(word) + 1)
            digit = 0
        else:
            total = (total + section + digit) * {"万": 10**4, "亿": 10**8}[word]
            if word == "亿":
                held, total, section, digit = total, 0, 0, 0
                rest = words.split("亿", 1)[1]
                return held + (read_chinese(rest) if rest else 0)
            section = digit = 0
    return total + section + digit


# From grammars and primers, not from this code.
KNOWN = {
    0: ("zero", "零"),
    10: ("ten", "十"),
    11: ("eleven", "十一"),
    20: ("twenty", "二十"),
    21: ("twenty-one", "二十一"),
    100: ("one hundred", "一百"),
    101: ("one hundred and one", "一百零一"),
    110: ("one hundred and ten", "一百一十"),
    115: ("one hundred and fifteen", "一百一十五"),
    999: ("nine hundred and ninety-nine", "九百九十九"),
    1_000: ("one thousand", "一千"),
    1_001: ("one thousand and one", "一千零一"),
    1_010: ("one thousand and ten", "一千零一十"),
    1_100: ("one thousand one hundred", "一千一百"),
    10_000: ("ten thousand", "一万"),
    10_001: ("ten thousand and one", "一万零一"),
    10_500: ("ten thousand five hundred", "一万零五百"),
    100_000: ("one hundred thousand", "十万"),
    150_000: ("one hundred and fifty thousand", "十五万"),
    1_000_000: ("one million", "一百万"),
    10_000_000: ("ten million", "一千万"),
    100_000_000: ("one hundred million", "一亿"),
    100_010_000: ("one hundred million ten thousand", "一亿零一万"),
    1_000_000_000: ("one billion", "十亿"),
}


@pytest.mark.parametrize(("number", "words"), KNOWN.items())
def test_known_numbers(number: int, words: tuple[str, str]) -> None:
    assert (english_number(number), chinese_number(number)) == words


numbers = st.one_of(st.integers(0, MOST), st.integers(0, 12).flatmap(lambda n: st.integers(0, min(MOST, 10**n))))


@given(numbers)
def test_numbers_are_read_back(number: int) -> None:
    assert read_english(english_number(number)) == number
    assert read_chinese(chinese_number(number)) == number


@given(numbers)
def test_chinese_numbers_never_hold_two_zeros_or_one_at_the_end(number: int) -> None:
    words = chinese_number(number)
    assert "零零" not in words
    assert number == 0 or not words.endswith("零")


def test_numbers_outside_are_refused() -> None:
    for call in (english_number, chinese_number):
        for wrong in (-1, MOST + 1):
            with pytest.raises(InputError, match=r"must lie in 0 … 999,999,999,999; got"):
                call(wrong)


def _of(kind: str) -> list[corpora.Pair]:
    return [pair for pair in ALL if pair.kind == kind]


@pytest.mark.parametrize("kind", ["date", "weekday and date"])
def test_dates_equal_unicode_cldr(kind: str) -> None:
    with_weekday = kind != "date"
    for pair in _of(kind):
        year, month, day = map(int, re.findall(r"\d+", pair.target))
        moment = datetime.date(year, month, day)
        english = babel_dates.format_date(moment, "EEEE, d MMMM y" if with_weekday else "d MMMM y", locale="en_GB")
        chinese = babel_dates.format_date(moment, "full" if with_weekday else "long", locale="zh_CN")
        assert (pair.source, pair.target) == (english, chinese)


def test_dates_in_words_tell_the_same_day() -> None:
    months = {babel_dates.get_month_names("wide", locale="en")[number]: number for number in range(1, 13)}
    for pair in _of("date in words"):
        ordinal, month, year = re.fullmatch(r"the (\S+) of (\w+), (.+)", pair.source).groups()
        tens, _, unit = ordinal.rpartition("-")
        day = TENS.get(tens, 0) + (ORDINALS.get(unit) or UNITS[unit.removesuffix("th")])
        chinese_year, chinese_month, chinese_day = re.fullmatch(r"(.{4})年(.+)月(.+)日", pair.target).groups()
        digits = int("".join(str("〇一二三四五六七八九".index(digit)) for digit in chinese_year))
        assert digits == read_english(year)
        assert read_chinese(chinese_month) == months[month]
        assert read_chinese(chinese_day) == day
        datetime.date(digits, months[month], day)  # there is such a day


def test_times_tell_the_same_minute() -> None:
    for pair in _of("time"):
        hour, minute, half = re.fullmatch(r"(\d+)(?:\.(\d\d))? ([ap])\.m\.", pair.source).groups()
        spoken = f"{hour}点{minute}分" if minute else f"{hour}点"
        assert pair.target == {"a": "上午", "p": "下午"}[half] + spoken
        assert 1 <= int(hour) <= 11
        assert 0 < int(minute or 1) < 60


def test_per_cents_tell_the_same_share() -> None:
    for pair in _of("per cent"):
        whole, _, tenths = pair.source.removesuffix(" per cent").partition(" point ")
        chinese_whole, _, chinese_tenths = pair.target.removeprefix("百分之").partition("点")
        assert read_english(whole) == read_chinese(chinese_whole)
        assert bool(tenths) == bool(chinese_tenths)
        assert not tenths or read_english(tenths) == read_chinese(chinese_tenths) > 0


def test_numbers_tell_the_same() -> None:
    for pair in _of("number"):
        assert read_english(pair.source) == read_chinese(pair.target)


def test_either_side_determines_the_other_and_all_kinds_are_frequent() -> None:
    assert len({pair.source for pair in ALL}) == len({pair.target for pair in ALL}) == len(ALL)
    counts = Counter(pair.kind for pair in ALL)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) > 500
