"""CUDA_VISIBLE_DEVICES, read as CUDA reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.energy.visible_devices import Seen, visible_boards

UUIDS = ["GPU-aaaa-1", "GPU-aabb-2", "GPU-cccc-3"]
MIGS = [[], ["MIG-11aa", "MIG-11bb"], ["MIG-GPU-cccc-3/1/0"]]


def indices(visible):
    return [seen.index for seen in visible_boards(visible, UUIDS, MIGS)]


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, [0, 1, 2]),
        ("", []),
        (" ", []),
        ("-1", []),
        ("1", [1]),
        ("2, 0", [2, 0]),
        ("0,-1,1", [0]),
        ("0,9,1", [0]),
        ("0,1,0", []),  # an entry that is there twice leaves nothing visible
        ("1gpu,2ampere", [1, 2]),  # leading digits count
        ("+1", [1]),
        ("0,,1", [0]),
        ("NoDevFiles", []),
        ("²", []),
        ("9" * 5000, []),
        ("GPU-cccc-3", [2]),
        ("GPU-c,GPU-aabb", [2, 1]),
        ("GPU-aa", []),  # two boards begin so
        ("GPU-aaaa-1,GPU-aaaa", []),  # one board twice
        ("GPU-cccc-3,0", [2]),  # a list of UUIDs ends at an ordinal
        ("0,GPU-cccc-3", [0]),
        ("GPU-", []),
        ("MIG-11aa", [1]),
        ("MIG-11aa,MIG-11bb", [1]),  # two parts of one board are one figure
        ("MIG-11", []),
        ("MIG-GPU-cccc-3/1/0", [2]),
        ("MIG-zz", []),
    ],
)
def test_cuda_visible_devices_is_honoured(visible, expected):
    assert indices(visible) == expected


def test_a_mig_device_is_told_with_its_board():
    assert visible_boards("MIG-11bb", UUIDS, MIGS) == [Seen(1, "MIG-11bb")]


def test_a_whole_uuid_wins_over_a_longer_one_that_begins_so():
    assert visible_boards("GPU-a", ["GPU-ab", "GPU-a"]) == [Seen(1)]


entries = st.one_of(
    st.integers(-3, 5).map(str),
    st.sampled_from([*UUIDS, "MIG-11aa", "MIG-11bb", "MIG-GPU-cccc-3/1/0", "GPU-", "MIG-", ""]),
    st.sampled_from(UUIDS).flatmap(lambda uuid: st.integers(0, len(uuid)).map(lambda n: uuid[:n])),
    st.text(max_size=12),
)


@given(st.lists(entries, max_size=6).map(",".join))
def test_any_string_gives_each_board_once_at_most_and_never_an_error(visible):
    found = indices(visible)
    assert len(set(found)) == len(found)
    assert set(found) <= {0, 1, 2}


@given(st.permutations([0, 1, 2]), st.integers(0, 3), st.sampled_from(["", " "]))
def test_ordinals_and_uuids_name_the_same_boards_in_the_same_order(order, count, space):
    chosen = order[:count]
    assert indices(f",{space}".join(map(str, chosen))) == chosen
    assert indices(f",{space}".join(UUIDS[i] for i in chosen)) == chosen
