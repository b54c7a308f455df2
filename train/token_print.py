"""The record of an evaluation of tokens as JSON gives it, as the card keeps it, and as a table on the terminal."""

from mvae.train.token_metrics import Record

COLUMNS = ("songs", "n_phrases", "teacher_forced", "sampled", "onset_f1", "hold", "nearest", "skill", "nearest_skill")


def plain(record: Record) -> Record:
    """A record with plain numbers in the place of tables by stream where there is one stream; those of several stay."""
    streams = set(record["hold"])
    if len(streams) > 1:
        return record
    rows = {name: _plain(row, streams) for name, row in record["sets"].items()}
    return {name: _plain(value, streams) for name, value in record.items() if name != "sets"} | {"sets": rows}


def _plain(value: object, streams: set[str]) -> object:
    if isinstance(value, dict):
        if set(value) == streams:
            return next(iter(value.values()))
        return {name: _plain(inner, streams) for name, inner in value.items()}
    return value


def headline(record: Record) -> Record:
    """What the card keeps: every figure with its interval, rounded; of data sets only their songs."""
    kept = {name: rounded(value) for name, value in plain(record).items() if name not in ("bundle", "midi", "split", "sets")}
    songs = {name: row["songs"] for name, row in record["sets"].items()}
    return {name: value for name, value in kept.items() if value is not None} | {"songs_by_set": songs}


def rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def print_record(record: Record) -> None:
    """The figures as a table: value and 95 % interval, then a row for each data set."""
    told = f"{record['n_phrases']} phrases of {record['songs']} songs in {', '.join(record['headline_sets'])}"
    cap = f", at most {record['per_song']} of a song" if record["per_song"] else ""
    print(f"{record['bundle']} on {', '.join(record['midi'])} ({record['split']}): {told}{cap}, {record['bars']} bars, z = mu")
    if "note" in record:
        print(record["note"])
    for name, value in record.items():
        if name.endswith("_ci") or name == "sets":
            continue
        intervals = record.get(f"{name}_ci")
        if isinstance(value, dict):
            for stream, number in value.items():
                _line(name if len(value) == 1 else f"{name} {stream}", number, (intervals or {}).get(stream))
        elif isinstance(value, float):
            _line(name, value, intervals)
    for stream in record["hold"]:
        _print_sets(record, stream)


def _line(name: str, value: float | None, interval: list[float] | None) -> None:
    shown = "-" if value is None else f"{value:.4f}"
    print(f"{name:38s}{shown:>10s}" + (f"   {interval[0]:.4f} .. {interval[1]:.4f}" if interval else ""))


def _print_sets(record: Record, stream: str) -> None:
    print("  ".join([f"{stream:14s}", *(f"{name:>14s}" for name in COLUMNS)]))
    for name, row in record["sets"].items():
        values = (row.get(column) for column in COLUMNS)
        numbers = (value.get(stream) if isinstance(value, dict) else value for value in values)
        cells = ("-" if number is None else f"{number:.4f}" if isinstance(number, float) else str(number) for number in numbers)
        print("  ".join([f"{name:14s}", *(f"{cell:>14s}" for cell in cells)]))
