"""Tables as TOML 1.0 text: strings, numbers, truths, lists and tables within tables. Knows nothing of files or of what they mean.

The standard library reads TOML and does not write it.
"""

from collections.abc import Mapping
from typing import Any


def toml_text(table: Mapping[str, Any]) -> str:
    """The table as the text of a file. TypeError for what TOML has no word for, None above all."""
    return "\n".join(_lines(table, ())) + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """A table as TOML lines: its own values first, then its tables, each under a header."""
    own = [f"{_key(key)} = {_literal(value)}" for key, value in table.items() if not isinstance(value, Mapping)]
    header = [f"[{'.'.join(_key(part) for part in path)}]"] if path and (own or not table) else []
    lines = header + own + ([""] if header or own else [])
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _lines(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key) else _string(key)


def _literal(value: Any) -> str:
    """One value of TOML 1.0. TypeError for what TOML has no word for, None above all."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    raise TypeError(f"TOML holds strings, numbers, truths, lists and tables, not {value!r}")


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() or c == " " else f"\\U{ord(c):08X}" for c in escaped) + '"'
