"""Changes a few keys of a TOML text and leaves all else as it was written: comments, order, spaces.

Knows the lines that people write: a header, a key and a value on one line each. Every edit is proved by reading the text again; a text laid
out in another way is left alone. Knows nothing of files, nor of what the keys mean.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from mvae.core.toml_text import toml_text

Scalar: TypeAlias = str | int | float | bool
Path: TypeAlias = tuple[str, ...]
VALUE: Final = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#]+)([ \t]*)(#.*)?$""")


class Unusual(ValueError):
    """The text is laid out in a way that cannot be edited line by line."""


def edited(text: str, path: Path, changes: Mapping[str, Scalar | None]) -> str:
    """The text with these keys of the table [path] set, or taken out where None; the table is added at the end if it is not there.

    Raises Unusual for a text that cannot be edited so, and for one that is not TOML.
    """
    wanted = _changed(_read(text), path, changes)
    lines, end = _lines(text)
    span = _span(lines, path)
    if span is None:
        own = {key: value for key, value in changes.items() if value is not None}
        lines += [*([""] if lines and lines[-1].strip() else []), _header(path), *(_line(key, value) for key, value in own.items())]
    else:
        lines[slice(*span)] = _body(lines[slice(*span)], changes)
    return _proved(end.join([*lines, ""]), wanted)


def without_table(text: str, path: Path) -> str:
    """The text without the table [path]: its header and its keys; comments stay. Raises Unusual as `edited`."""
    wanted = deepcopy(_read(text))
    inner = wanted
    for key in path[:-1]:
        inner = inner.get(key, {})
    inner.pop(path[-1], None)
    if path[:-1] and not inner:
        _prune(wanted, path[:-1])
    lines, end = _lines(text)
    span = _span(lines, path)
    if span is None:
        raise Unusual(f"there is no table {_header(path)}")
    kept = [line for line in lines[slice(*span)] if not line.strip() or line.lstrip().startswith("#")]
    header = _comment(lines[span[0] - 1])
    lines[span[0] - 1 : span[1]] = [*([header] if header else []), *kept]
    return _proved(end.join([*lines, ""]), wanted)


def _lines(text: str) -> tuple[list[str], str]:
    """Its lines, and what ends them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines, "\r\n" if "\r\n" in text else "\n"


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unusual(f"not TOML: {error}") from None


def _proved(text: str, wanted: dict[str, Any]) -> str:
    if _read(text) != wanted:
        raise Unusual("it is laid out in a way that is not edited")
    return text


def _changed(table: dict[str, Any], path: Path, changes: Mapping[str, Scalar | None]) -> dict[str, Any]:
    """The table as it is to be read afterwards."""
    whole = deepcopy(table)
    inner: Any = whole
    for key in path:
        inner = inner.setdefault(key, {}) if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        raise Unusual(f"{_header(path)} is no table")
    for key, value in changes.items():
        inner.pop(key, None)
        if value is not None:
            inner[key] = value
    return whole


def _prune(table: dict[str, Any], path: Path) -> None:
    """Take out a table that was there only for what was in it."""
    inner = table
    for key in path[:-1]:
        inner = inner[key]
    if not inner[path[-1]]:
        del inner[path[-1]]


def _span(lines: Sequence[str], path: Path) -> tuple[int, int] | None:
    """The lines of a table's body, without its header and without the blank lines and comments before the next one."""
    begin = next((place + 1 for place, line in enumerate(lines) if _header_path(line) == path), None)
    if begin is None:
        return None
    end = next((place for place in range(begin, len(lines)) if _is_header(lines[place])), len(lines))
    while end > begin and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return begin, end


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[") and _tables(line) is not None


def _header_path(line: str) -> Path | None:
    """The path that a line [a.b] names; None for any other line, [[a]] among them."""
    tables = _tables(line) if line.lstrip().startswith("[") and not line.lstrip().startswith("[[") else None
    path: list[str] = []
    while tables:
        ((key, tables),) = tables.items()
        path.append(key)
    return tuple(path) or None


def _tables(line: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None


def _body(lines: Sequence[str], changes: Mapping[str, Scalar | None]) -> list[str]:
    """The lines of a table with the changes in them: where a key was, else at the end."""
    left, found = dict(changes), list[str]()
    for line in lines:
        key = _key(line)
        if key not in left or key is None:
            found.append(line)
            continue
        value = left.pop(key)
        found += [_replaced(line, value)] if value is not None else filter(None, [_comment(line)])
    return [*found, *(_line(key, value) for key, value in left.items() if value is not None)]


def _key(line: str) -> str | None:
    """The key of a line that says one, on that line alone."""
    said = _tables(line)
    return next(iter(said)) if said and not line.lstrip().startswith("[") else None


def _replaced(line: str, value: Scalar) -> str:
    """The line with another value; its comment stays in its column as long as there is room."""
    before, equals, after = line.partition("=")
    lead = after[: len(after) - len(after.lstrip())]
    match = VALUE.match(after.lstrip())
    if match is None:
        raise Unusual(f"{line.strip()}: not a value on one line")
    old, space, comment = match.groups()
    new = _literal(value)
    gap = max(1, len(old) + len(space) - len(new)) if comment else 0
    return f"{before}{equals}{lead}{new}{' ' * gap}{comment or ''}"


def _comment(line: str) -> str:
    """The comment at the end of a line, which outlives its key."""
    match = re.search(r"#.*$", re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', lambda found: "_" * len(found[0]), line))
    return line[match.start() :] if match else ""


def _line(key: str, value: Scalar) -> str:
    return toml_text({key: value}).strip()


def _literal(value: Scalar) -> str:
    return _line("k", value).partition(" = ")[2]


def _header(path: Path) -> str:
    inner: dict[str, Any] = {}
    for key in reversed(path):
        inner = {key: inner}
    return toml_text(inner).strip()
