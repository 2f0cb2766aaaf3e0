"""Whole numbers in English and in Chinese words."""

from __future__ import annotations

from typing import Final

from greenlm_edu.errors import InputError

__all__ = ["MOST", "chinese_number", "english_number"]

MOST: Final = 999_999_999_999

_NAMES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_SMALL: Final = _NAMES.split()
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS: Final = "零一二三四五六七八九"


def english_number(number: int) -> str:
    """A whole number in British English words.

    Args:
        number: 0 … 999,999,999,999.
    Raises:
        InputError: the number lies outside.

    >>> english_number(12_345)
    'twelve thousand three hundred and forty-five'
    >>> english_number(2_000_007)
    'two million and seven'
    """
    _check("english_number", number)
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" and {english_number(rest)}" if rest else "")
    size, name = next((s, n) for s, n in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")) if number >= s)
    many, rest = divmod(number, size)
    joint = " and " if 0 < rest < 100 else " "
    return f"{english_number(many)} {name}" + (f"{joint}{english_number(rest)}" if rest else "")


def chinese_number(number: int) -> str:
    """A whole number in Chinese words.

    Four digits make a group, counted in 万 (10⁴) and 亿 (10⁸). Zeros inside are read as one 零, those at the end of a
    group not at all. Two is always 二, as in formal writing (speech has 两 before 千, 万 and 亿), and ten at the very
    beginning is 十, elsewhere 一十.

    Args:
        number: 0 … 999,999,999,999.
    Raises:
        InputError: the number lies outside.

    >>> chinese_number(12_345), chinese_number(2_000_007), chinese_number(110)
    ('一万二千三百四十五', '二百万零七', '一百一十')
    """
    _check("chinese_number", number)
    if number == 0:
        return "零"
    words = ""
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, number = divmod(number, size)
        if group:
            gap = "零" if words and group < 1000 else ""  # the thousands of this group are empty
            words += f"{gap}{_chinese_group(group)}{name}"
    return words.removeprefix("一") if words.startswith("一十") else words


def _chinese_group(group: int) -> str:
    """1 … 9999 in Chinese words."""
    words, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, group = divmod(group, size)
        if digit:
            words += f"{'零' if gap and words else ''}{_DIGITS[digit]}{name}"
        gap = not digit
    return words


def _check(where: str, number: int) -> None:
    if not 0 <= number <= MOST:
        raise InputError(f"{where}: the number must lie in 0 … {MOST:,}; got {number:,}. Take a smaller one.")
