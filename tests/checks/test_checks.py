"""The check framework: each way to be wrong gets its own words, and never a traceback."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest

from greenlm_edu import check, hint, progress, reveal
from greenlm_edu.checks import Rejected, attempts, exercises, quizzes, talk
from greenlm_edu.checks.calling import call
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.time_limit import TooLong, time_limit
from greenlm_edu.errors import InputError
from greenlm_edu.ledger import Ledger

BITS = next(one for one in exercises("09") if one.name == "09.bits")


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "ledger.db"))
    attempts._tries.clear()
    attempts._passed.clear()
    talk._hints_given.clear()


def right(nats):
    return nats / np.log(2)


def endless(nats):
    while True:
        pass


def prints(nats):
    print(nats / math.log(2))


def fails(nats):
    return nats / undefined_name  # noqa: F821


def leaves(nats):
    raise SystemExit


def key_of(function, *arguments, **options):
    with pytest.raises(Rejected) as caught:
        call(function, *arguments, **options)
    return caught.value.hint.key


@pytest.mark.parametrize(
    ("function", "key"),
    [
        (None, "not_done"),
        (lambda nats: None, "not_done"),
        (3.0, "not_a_function"),
        (lambda: 3.0, "arguments"),
        (lambda nats, base: 3.0, "arguments"),
        (prints, "printed"),
        (fails, "exception"),
        (leaves, "exception"),
        (endless, "endless"),
        (lambda nats: time.sleep(30), "endless"),
    ],
)
def test_each_way_to_fail_has_a_name(function, key):
    assert key_of(function, 1.0, limit_s=0.3) == key


def test_an_error_tells_its_kind_and_the_learners_own_line():
    with pytest.raises(Rejected) as caught:
        call(fails, 1.0)
    assert "NameError: name 'undefined_name' is not defined" in caught.value.hint.text
    assert "return nats / undefined_name" in caught.value.hint.text


def test_a_changed_argument_is_found_out_and_the_callers_stays_as_it_was():
    given = np.array([1.0, 2.0])

    def doubles(values):
        values *= 2
        return values.sum()

    assert key_of(doubles, given) == "changed_input"
    assert given.tolist() == [1.0, 2.0]


def test_a_change_deep_inside_an_argument_is_found_out_too():
    def clears(texts, names):
        names["a"][0][:] = 0
        return 1.0

    given = [[np.array([1.0, 2.0])], {"a": [np.array([3.0])], "b": (math.nan, "x")}]
    assert call(lambda texts, names: len(texts), *given) == 1
    assert key_of(clears, *given) == "changed_input"
    assert key_of(lambda texts, names: texts.clear() or 1.0, *given) == "changed_input"


def test_what_a_learner_prints_is_still_to_be_seen(capsys):
    def talks(nats):
        print("nats is", nats)
        return nats

    assert call(talks, 2.0) == 2.0
    assert "nats is 2.0" in capsys.readouterr().out


@pytest.mark.parametrize("body", [lambda: time.sleep(0.001), lambda: sum(range(10))])
def test_the_limit_holds_off_the_main_thread_too(body):
    ended = []

    def run():
        try:
            with time_limit(0.2):
                while True:
                    body()
        except TooLong:
            ended.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert ended == [True]


def test_nothing_rings_after_a_limit_that_was_kept():
    with time_limit(0.05):
        pass
    time.sleep(0.2)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (None, "not_done"),
        ("three", "kind"),
        ([[1, 2], [3]], "kind"),
        ([1.0, 2.0], "shape"),
        ([1.0, 2.0, math.nan], "nan"),
        ([1.0, 2.0, 4.0], "value"),
        ([3.0, 2.0, 1.0], "reversed"),
    ],
)
def test_a_wrong_value_is_named(value, key):
    with pytest.raises(Rejected) as caught:
        expect_close(value, [1.0, 2.0, 3.0], [Mistake("reversed", [3.0, 2.0, 1.0], "Which end comes first?")])
    assert caught.value.hint.key == key


def test_no_number_is_close_to_infinity_but_infinity():
    expect_close(math.inf, math.inf)
    for value in (5.0, -math.inf, 1e300):
        with pytest.raises(Rejected) as caught:
            expect_close(value, math.inf)
        assert caught.value.hint.key == "value"


def test_a_known_mistake_may_have_another_shape_or_be_nan():
    for gives in (6.0, [math.nan] * 3):
        with pytest.raises(Rejected) as caught:
            expect_close(gives, [1.0, 2.0, 3.0], [Mistake("idea", gives, "Hint")])
        assert caught.value.hint.key == "idea"


def test_a_mistake_that_nobody_could_tell_from_the_answer_is_a_fault_of_the_exercise():
    with pytest.raises(ValueError, match="gives what is right"):
        expect_close(2.0, 2.0, [Mistake("squared", 2.0, "…")])


def test_a_value_of_any_form_passes():
    for value in ([1, 2], (1.0, 2.0), np.array([1, 2], np.float32)):
        expect_close(value, [1.0, 2.0])


def test_an_answer_is_a_box_in_a_notebook_and_a_line_elsewhere():
    passed, not_yet = check("09.bits", right), check("09.bits", lambda nats: nats)
    assert str(passed).startswith("✓ 09.bits passed")
    assert repr(passed) == str(passed)  # a notebook's text/plain
    assert repr(not_yet) == str(not_yet)
    assert "09.bits passed" in passed._repr_html_()
    assert str(not_yet).startswith("→ 09.bits not yet")
    assert 'role="status"' in not_yet._repr_html_()


def test_a_learners_own_words_are_escaped():
    def shouts(nats):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in check("09.bits", shouts)._repr_html_()


def test_hints_come_one_after_the_other_and_stay_at_the_last():
    told = [hint("09.bits").text for _ in range(4)]
    assert told[:3] == list(BITS.hints)
    assert told[3] == told[2]


def test_a_solution_shows_after_an_attempt_and_not_before():
    check("09.bits", lambda nats: None)  # the untouched stub is no attempt
    assert "Try it once first" in str(reveal("09.bits"))
    check("09.bits", lambda nats: nats)
    assert repr(reveal("09.bits")) == BITS.solution


def test_progress_counts_this_session_and_earlier_ones_once():
    assert "not tried yet" in repr(progress("09"))
    check("09.bits", lambda nats: nats)
    assert "tried 1 time" in repr(progress("09"))
    check("09.bits", right)
    assert f"1 of {len(exercises('09')) + len(quizzes('09'))} passed" in repr(progress("09"))
    assert "passed, 2 tries" in progress("09")._repr_html_()
    ledger = Ledger()
    rows = ledger.attempts("09.bits")
    ledger.close()
    assert [(row["passed"], row["hint"]) for row in rows] == [(False, "unchanged"), (True, None)]


def test_without_a_ledger_the_session_still_knows(monkeypatch, tmp_path):
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "a_file" / "ledger.db"))
    check("09.bits", right)
    assert "passed, 1 try" in repr(progress("09"))


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"got '09\.bit'\. Did you mean '09\.bits'"):
        check("09.bit", right)
    with pytest.raises(InputError, match="an answer must follow the name"):
        check("09.bits")
    with pytest.raises(InputError, match=r"Take one of 00, .*09"):
        progress("77")
