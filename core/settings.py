"""Reading settings strictly: each key once, of the right type and range, and no key that nobody asked for.

Every complaint is a UserError in one line: file, key, value, remedy. Knows nothing of what the settings mean.
"""

import math
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from mvae.core.errors import UserError
from mvae.core.names import match, unknown

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises UserError for a file that cannot be read or is not TOML, with the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}: give a patch file that can be read") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8 text: give a TOML file") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{path}: not TOML: {error}") from None


class Table:
    """One table of a file; `place` is its name for complaints ("[knob.x]"). Call `done` when every key has been asked for."""

    def __init__(self, file: str, place: str, data: dict[str, Any]) -> None:
        self.file, self.place, self.data = file, place, data
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def wrong(self, key: str, remedy: str) -> UserError:
        """The complaint about a key's value, to be raised."""
        value = self.data.get(key)
        said = f"{key} = {shown(value)}" if key in self.data else key
        return UserError(f"{self.file}: {self.place + ' ' if self.place else ''}{said}: {remedy}")

    def done(self) -> None:
        """Complain of the first key that was not asked for."""
        for key in self.data:
            if key not in self._asked:
                raise self.wrong(key, unknown("key", key, self._asked))

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number from `low` to `high`; without a default it must be there."""
        return self._take(key, default, lambda value: is_number(value) and low <= value <= high, f"give a number {low:g}..{high:g}", float)

    def maybe_number(self, key: str, low: float, high: float) -> float | None:
        """The same, or None where the key is not there."""
        return self.number(key, low, high) if self._asks(key) else None

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`."""
        return self._take(key, default, lambda value: is_whole(value) and low <= value <= high, f"give a whole number {low}..{high}", int)

    def maybe_whole(self, key: str, low: int, high: int) -> int | None:
        """The same, or None where the key is not there."""
        return self.whole(key, low, high) if self._asks(key) else None

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not empty."""
        return self._take(key, default, lambda value: isinstance(value, str) and value.strip() != "", 'give text, such as "name"', str)

    def maybe_text(self, key: str) -> str | None:
        """The same, or None where the key is not there."""
        return self.text(key) if self._asks(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts that are not empty; none where the key is not there."""

        def fits(value: object) -> bool:
            return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)

        given: list[str] = self._take(key, [], fits, 'give a list of texts, such as ["name"]', list)
        return tuple(given)

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Whole numbers from `low` to `high`; none where the key is not there."""

        def fits(value: object) -> bool:
            return isinstance(value, list) and all(is_whole(number) and low <= number <= high for number in value)

        return self._take(key, (), fits, f"give whole numbers {low}..{high}, such as [{low}]", tuple)

    def truth(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return self._take(key, default, lambda value: isinstance(value, bool), "give true or false", bool)

    def one_of(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of `choices`, matched kindly."""
        given = self.text(key, default)
        found = match(given, choices)
        if found is None:
            raise self.wrong(key, unknown(key, given, choices))
        return found

    def pair(self, key: str, low: float, high: float) -> tuple[float, float]:
        """Two rising numbers from `low` to `high`; these two where the key is not there."""

        def fits(value: object) -> bool:
            numbers = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
            return numbers and isinstance(value, list) and low <= value[0] < value[1] <= high

        remedy = f"give two rising numbers within [{low:g}, {high:g}]"
        return self._take(key, (low, high), fits, remedy, lambda value: (float(value[0]), float(value[1])))

    def table(self, key: str) -> "Table":
        """The table under `key`; an empty one where it is not there."""
        data: dict[str, Any] = self._take(key, {}, lambda value: isinstance(value, dict), f"make it a table, such as [{key}]", dict)
        return Table(self.file, self._within(key), data)

    def tables(self, key: str) -> list["Table"]:
        """The array of tables under `key`."""

        def fits(value: object) -> bool:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)

        items: list[dict[str, Any]] = self._take(key, [], fits, f"make it tables, such as [[{key}]]", list)
        return [Table(self.file, f"[[{key}]]", item) for item in items]

    def named(self, key: str) -> list[tuple[str, "Table"]]:
        """The tables under the table `key`, by name: [key.NAME]."""
        group = self.table(key)
        return [(name, group.table(name)) for name in group.data]

    def _within(self, key: str) -> str:
        return f"[{self.place.strip('[]')}.{key}]" if self.place else f"[{key}]"

    def _asks(self, key: str) -> bool:
        self._asked.append(key)
        return key in self.data

    def _take(self, key: str, default: T | None, fits: Callable[[Any], bool], remedy: str, cast: Callable[[Any], T]) -> T:
        if not self._asks(key):
            if default is None:
                raise self.wrong(key, f"missing: {remedy}")
            return default
        if not fits(self.data[key]):
            raise self.wrong(key, remedy)
        return cast(self.data[key])


def is_whole(value: object) -> bool:
    """A whole number, which a boolean is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """A finite number."""
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def shown(value: object) -> str:
    """A value roughly as TOML spells it, cut to what fits a line."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
