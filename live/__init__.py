"""The instrument. For a REPL, a notebook or a script: `from mvae.live import Instrument, Model`, which load when they are asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mvae.core.errors import UserError
    from mvae.live.door import Instrument
    from mvae.live.model_door import Model

__all__ = ["Instrument", "Model", "UserError"]
DOORS = {"Instrument": "mvae.live.door", "Model": "mvae.live.model_door", "UserError": "mvae.core.errors"}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(DOORS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *DOORS})
