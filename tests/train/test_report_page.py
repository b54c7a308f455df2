"""The page of the report: whole, alone in the world, and true to its numbers."""

import re
from copy import deepcopy
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from mvae.train import paper
from mvae.train.report_checks import checks
from mvae.train.report_html import number, words
from mvae.train.report_music import examples
from mvae.train.report_page import SECTIONS, page
from mvae.train.report_sections import ACCURACIES, BASELINES, MORE, PER_STEP
from tests.train.report_numbers import numbers

VOID = {"meta", "br", "hr", "img", "input", "link"}
NUMBERS = numbers()
PAGE = page(NUMBERS)


class Outline(HTMLParser):
    """Checks that every tag is closed in order, and keeps links, sections' texts and what is not allowed."""

    def __init__(self, text: str):
        super().__init__()
        self.open = list[str]()
        self.links, self.sources, self.texts = list[str](), list[str](), list[str]()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.texts.append("")
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}: a script"
            if name == "href":
                self.links.append(value or "")
            if name in ("src", "srcset", "data", "action", "poster"):
                self.sources.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.texts and self.open and self.open[-1] not in ("title", "style"):
            self.texts[-1] += data


OUTLINE = Outline(PAGE)


def test_the_page_is_whole_and_takes_nothing_from_anywhere() -> None:
    assert len(OUTLINE.texts) == len(SECTIONS) == 7
    assert "script" not in PAGE.lower() and not OUTLINE.sources
    assert not re.search(r"(https?:)?//|@import|url\(", PAGE)
    assert all(link.startswith("#s") or re.fullmatch(r"[\w./-]+\.(mid|json|html)", link) for link in OUTLINE.links)
    assert {link for link in OUTLINE.links if link.endswith(".mid")} == {example.path for example in examples(NUMBERS)}


@pytest.mark.parametrize("name", NUMBERS["bundles"])
def test_every_figure_of_the_tables_stands_in_its_section(name: str) -> None:
    model = NUMBERS["bundles"][name]
    for stream in model["streams"]:
        values = model["reconstruction"]
        for what in (*ACCURACIES, *BASELINES, *MORE, "train_sampled", "train_test_gap"):
            assert number(values[what][stream]) in OUTLINE.texts[0], what
        for bound in values["sampled_ci"][stream]:
            assert number(bound) in OUTLINE.texts[0]
        known = paper.ACCURACY[model["kind"], model["bars"], model["hierarchical"], stream]
        assert number(known.sampled) in OUTLINE.texts[0] and number(known.teacher_forced) in OUTLINE.texts[0]
        for what in ("teacher_forced_shuffled_z", "lost_teacher_forced", "sampled_shuffled_z", "lost_sampled"):
            assert number(model["posterior"][what][stream]) in OUTLINE.texts[1]
    for what in PER_STEP:
        assert number(model["posterior"][what], 1 if what in ("kl_bits", "active_units") else 3) in OUTLINE.texts[1]
    for what in ("hamming", "hamming_decoded", "hamming_data", "lm_cost", "lm_cost_data"):
        assert all(number(value) in OUTLINE.texts[2] for value in model["interpolation"][what])
    for directions in (model["attributes"], model["attributes"]["axes"]):
        for what, digits in (("percent", 1), ("in_sd", 2)):
            assert all(number(value, digits) in OUTLINE.texts[3] for row in directions[what] for value in row)
    assert all(number(value, 1) in OUTLINE.texts[3] for row in model["attributes"]["music"]["percent"] for value in row)
    for figures in model["prior"]["sources"].values():
        assert all(number(figures[what]) in OUTLINE.texts[4] for what in ("lm_bits_per_step", "bars_known", "memorised", "copied"))


def test_grooves_stand_beside_groovae_and_answers_with_their_test() -> None:
    assert all(text in OUTLINE.texts[5] for text in ("0.991", "8.20", "18.80", "22.60", "0.310", "0.080", "2,345"))
    assert all(text in OUTLINE.texts[6] for text in ("69 answers of 4 listeners", "H(2) = 4.321", "p = 0.1153", "0.550"))


def test_what_is_said_of_a_groove_depends_on_what_its_encoder_hears() -> None:
    assert "The same task" not in OUTLINE.texts[5] and "all that was heard, which is easier: groove_2bar." in OUTLINE.texts[5]
    three = deepcopy(NUMBERS)
    for name, hears in (("human", "hits"), ("tapped", "taps")):
        three["groove"][name] = {**three["groove"]["groove_2bar"], "hears": hears}
    text = Outline(page(three)).texts[5]
    assert "it adds how. The same task: human. Playing back from z all that was heard, which is easier: groove_2bar." in text
    assert "one row of taps, with timing and velocity on the hits that both have: tapped." in text


def test_each_section_says_what_it_shows_and_ends_with_what_is_missed() -> None:
    found = checks(NUMBERS)
    for place, text in enumerate(OUTLINE.texts, 1):
        assert SECTIONS[place - 1][1] in text
        assert "better" in SECTIONS[place - 1][1] or "should" in SECTIONS[place - 1][1]
        for check in found:
            line = f"{check.model}: {check.told()}"
            assert (line in text) == (check.section == place and not check.held)


def test_notes_stand_at_the_end_as_they_were_written() -> None:
    text = page({**NUMBERS, "notes": ["Wider <models>", "Longer."]})
    assert "What was tried" not in PAGE
    assert text.index("<p>Wider &lt;models&gt;</p><p>Longer.</p>") > text.index('id="s7"')


def test_where_all_is_held_nothing_is_said_to_be_missed() -> None:
    good = deepcopy(NUMBERS)
    good["groove"]["groove_2bar"]["velocity_kl"] = 0.05
    text = Outline(page(good)).texts[5]
    assert "Nothing is missed: 5 of 5 checks hold." in text and "Missed" not in text


def test_a_page_of_one_part_of_one_bundle_is_whole_too() -> None:
    small = {"bundles": {"<m&2>": {**NUMBERS["bundles"]["melody_2bar"]}}}
    for part in ("posterior", "interpolation", "attributes", "prior", "encodes_again"):
        del small["bundles"]["<m&2>"][part]
    outline = Outline(page(small))
    assert "<m&2>" in outline.texts[0] and "Nothing was measured here." in outline.texts[3]


def test_what_is_decoded_must_come_back_the_same_of_every_shipped_model() -> None:
    again, good = deepcopy(NUMBERS), {"encoded": 1.0, "same_tokens": 1.0}
    shares = [*(model["encodes_again"] for model in again["bundles"].values()), again["groove"]["groove_2bar"]["encodes_again"]]
    for each in shares:
        each |= good

    def missed() -> list[tuple[str, str]]:
        found = [check for check in checks(again) if check.must and not check.held and "decoded phrases" in check.what]
        return [(check.model, check.told()) for check in found]

    assert not missed()
    again["bundles"]["melody_2bar"]["encodes_again"]["same_tokens"] = 0.9998
    again["bundles"]["trio_16bar"]["encodes_again"]["encoded"] = 0.5
    again["bundles"]["melody_16bar_flat"]["encodes_again"]["same_tokens"] = 0.5  # a twin, for the comparison only
    again["groove"]["groove_2bar"]["encodes_again"]["same_notes"] = 0.75
    what = "share of decoded phrases that "
    assert missed() == [
        ("melody_2bar", f"{what}come back token for token: 0.9998, asked at least 1.0000: missed by 0.0002"),
        ("trio_16bar", f"{what}encode again: 0.5000, asked at least 1.0000: missed by 0.5000"),
        ("groove_2bar", f"{what}a MIDI file gives back the same: 0.7500, asked at least 1.0000: missed by 0.2500"),
    ]


def test_a_whole_is_not_measured_by_its_parts() -> None:
    """As in drums: every hit that is a kick is one of the hits."""
    drums = deepcopy(NUMBERS)
    table = drums["bundles"]["melody_2bar"]["attributes"]
    whole, part, *others = table["names"]
    table["percent"] = [[9.0 if row == column else 1.0 for column in table["names"]] for row in table["names"]]
    table["percent"][0][:2] = [8.0, 9.5]

    def margins() -> list[float | None]:
        return [check.value for check in checks(drums) if check.what.startswith("vectors between quartiles: margin")]

    weak = margins()
    assert weak[0] == -1.5
    table["parts"] = {whole: [part]}
    assert margins()[0] == 7.0
    text = Outline(page(drums)).texts[3]
    assert f"{whole.capitalize()} is asked to move more than the others, but not than {words(part)}, its own parts" in text
    table["parts"] = {whole: others}
    assert margins() == weak


def test_nan_like_gaps_are_dashes() -> None:
    gap = deepcopy(NUMBERS)
    gap["bundles"]["melody_2bar"]["reconstruction"]["sampled"]["melody"] = None
    gap["bundles"]["melody_2bar"]["attributes"]["percent"][0][1] = None
    text = page(gap)
    assert not re.search(r"\b(None|nan)\b", text) and "not measured" in text


def test_every_picture_is_drawn_within_its_box() -> None:
    pictures = re.findall(r"<svg.*?</svg>", PAGE, re.S)
    assert len(pictures) > 40
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for x, y in points(root):
            assert -0.01 <= x <= width + 0.01 and -0.01 <= y <= height + 0.01


def points(root: ElementTree.Element) -> list[tuple[float, float]]:
    """Every corner that a picture draws."""
    found = list[tuple[float, float]]()
    for each in root.iter():
        at = {name: float(value) for name, value in each.attrib.items() if re.fullmatch(r"-?[\d.]+", value)}
        if each.tag == "rect":
            found += [(at["x"], at["y"]), (at["x"] + at["width"], at["y"] + at["height"])]
        elif each.tag == "line":
            found += [(at["x1"], at["y1"]), (at["x2"], at["y2"])]
        elif each.tag == "circle":
            found += [(at["cx"] + side * at["r"], at["cy"] + side * at["r"]) for side in (-1, 1)]
        elif each.tag == "text":
            found.append((at["x"], at["y"]))
        elif each.tag in ("polyline", "polygon"):
            for pair in each.attrib["points"].split():
                x, y = map(float, pair.split(","))
                found.append((x, y))
    return found
