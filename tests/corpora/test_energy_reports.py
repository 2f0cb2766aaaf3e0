"""Each summary is worked out again from its report alone, by regular expressions of its own."""

import re

from greenlm_edu import corpora

REPORTS = corpora.load("energy_reports")
ALL = [*REPORTS.train, *REPORTS.validation, *REPORTS.test]
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
IN_ORDER = MONTH.split("|")


def _summary_from(report: str) -> str:
    building = re.search(r"[Tt]he ([A-Z]\w+ (?:town hall|swimming pool|[a-z]+))\b", report).group(1)
    opening = report.split(". ")[0]
    used = int(re.search(r"(\d+) kWh", opening).group(1))
    month = re.search(MONTH, opening).group()
    earlier = re.search(rf"(?:In|before,|for) ({MONTH}),? (?:it had been|it took|showed) (\d+) kWh", report)
    month_before, before = earlier.group(1), int(earlier.group(2))
    assert IN_ORDER[IN_ORDER.index(month) - 1] == month_before
    parts = {
        name: int(share) for name, share in re.findall(r"((?:the )?[a-z]+) took (\d+) kWh", report) if name != "it"
    }
    assert sum(parts.values()) == used
    assert len(set(parts.values())) == len(parts)
    direction = "more" if used > before else "less"
    return (
        f"{building}: {used} kWh in {month}, {direction} than in {month_before}; most for {max(parts, key=parts.get)}"
    )


def test_summary_follows_from_the_report() -> None:
    for pair in ALL:
        assert pair.target == _summary_from(pair.source)
        assert pair.kind == ("rise" if " more than " in pair.target else "fall")


def test_rise_and_fall_are_about_as_frequent_and_reports_have_the_promised_length() -> None:
    assert 0.45 < sum(pair.kind == "rise" for pair in ALL) / len(ALL) < 0.55
    assert all(5 <= len(re.split(r"(?<=\.) ", pair.source)) <= 7 for pair in ALL)


def test_place_of_the_largest_consumer_gives_nothing_away() -> None:
    places = []
    for pair in ALL:
        names = [name for name, _ in re.findall(r"((?:the )?[a-z]+) took (\d+) kWh", pair.source) if name != "it"]
        places.append(names.index(pair.target.split("most for ")[1]) / (len(names) - 1))
    assert 0.4 < sum(places) / len(places) < 0.6
