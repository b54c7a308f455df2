"""Points that the user has kept, under the names by which a patch may call them where it says `[anchors]`. A bundle's own come first."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from mvae.core.latent import Space
from mvae.core.names import match
from mvae.core.patch import Patch
from mvae.core.points import Points, points_of
from mvae.live.library import Library

KIND: Final = "anchors"  # of the library


def kept_points(folder: Path) -> dict[str, Points]:
    """Every point of the library below a folder that can be read, by name and bundle."""
    found = dict[str, Points]()
    for record in Library(folder).records(KIND, []):
        texts = record.get("points")
        try:
            found[record["name"]] = points_of(texts if isinstance(texts, dict) else {})
        except ValueError:  # the anchor board complains of it
            continue
    return found


def with_kept(spaces: Mapping[str, Space], kept: Mapping[str, Points]) -> dict[str, Space]:
    """Each bundle's space with the points that it can have besides its own."""
    return {
        bundle: replace(space, anchors={**space.anchors, **{
            name: points[bundle] for name, points in kept.items()
            if bundle in points and points[bundle].shape == (space.z_size,) and match(name, space.anchors) != name
        }})
        for bundle, space in spaces.items()
    }  # fmt: skip


def as_named(patch: Patch, own: Space, more: Space) -> Space:
    """A bundle's own space, and of the points besides those that the patch, as the bundle sees it, has in its slots."""
    named = {name: more.anchors[name] for _, name in patch.anchors if name not in own.anchors}
    return replace(own, anchors={**own.anchors, **named}) if named else own
