"""A scene as a record of plain values, for a file, and back, exact to the bit. A record that cannot be meant raises ValueError.

Knows nothing of files.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from mvae.core.points import points_of, texts_of
from mvae.core.scene import LONGEST_BARS, Scene, check_name

Check = Callable[[Any], bool]


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def table_of(check: Check) -> Check:
    """Whether all values of a table are such."""
    return lambda value: isinstance(value, dict) and all(check(item) for item in value.values())


def maybe(check: Check) -> Check:
    """Whether it is such, or None."""
    return lambda value: value is None or check(value)


KEYS: Mapping[str, Check] = {
    "name": is_text,
    "anchors": table_of(is_text),
    "points": table_of(table_of(is_text)),
    "knobs": table_of(is_number),
    "switches": table_of(lambda value: isinstance(value, bool)),
    "choices": table_of(is_text),
    "roll": maybe(is_count),
    "seed": maybe(is_count),
    "phase": maybe(lambda value: is_number(value) and value >= 0),
    "bars": lambda value: is_count(value) and value <= LONGEST_BARS,
    "then": is_text,
    "glide_beats": maybe(lambda value: is_number(value) and value >= 0),
}


def record_of(scene: Scene) -> dict[str, Any]:
    """All of a scene."""
    plain = {key: getattr(scene, key) for key in KEYS if key != "points"}
    tables = {key: dict(value) if isinstance(value, Mapping) else value for key, value in plain.items()}
    return tables | {"points": {slot: texts_of(points) for slot, points in scene.points.items()}}


def scene_of(record: Mapping[str, Any]) -> Scene:
    """The scene that a record says. ValueError naming the key."""
    for key, check in KEYS.items():
        if key not in record or not check(record[key]):
            raise ValueError(f"{key}: missing" if key not in record else f"{key} = {str(record[key])[:40]}: cannot be meant")
    check_name(record["name"])
    return Scene(**{key: record[key] for key in KEYS if key != "points"}, points={s: points_of(p) for s, p in record["points"].items()})
