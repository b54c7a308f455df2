from mvae.core.names import match, unknown

NAMES = ("four_corners", "first_light")


def test_a_name_matches_without_regard_to_case_spaces_and_dashes() -> None:
    assert [match(name, NAMES) for name in ("Four Corners", "four-corners", "FOURCORNERS")] == ["four_corners"] * 3
    assert match("five_corners", NAMES) is None


def test_an_exact_match_comes_before_a_kind_one() -> None:
    assert match("a_b", ("ab", "a_b")) == "a_b"


def test_a_mistake_is_answered_with_the_closest_name_and_the_list() -> None:
    line = unknown("patch", "four_coners", NAMES)
    assert line == "no patch 'four_coners' (did you mean 'four_corners'?); there are: four_corners, first_light"
    assert "did you mean" not in unknown("patch", "zzz", NAMES)
