"""Where graphs run: which of onnxruntime's providers are really usable on this machine, and sessions fit for the stage.

onnxruntime lists what it was built with, not what is there, and prints when a provider fails to start: so a provider is
looked for before it is tried. Knows nothing of bundles or models.
"""

import contextlib
import ctypes
import io
import sys
from collections.abc import Callable
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]
from onnxruntime.capi import onnxruntime_pybind11_state as states  # type: ignore[import-untyped]

from mvae.core.errors import UserError, listing

PROVIDERS = {"cuda": "CUDAExecutionProvider", "coreml": "CoreMLExecutionProvider", "cpu": "CPUExecutionProvider"}  # in order of preference
SILENT = 4  # onnxruntime's severity "fatal": failures come as exceptions, never as log lines
DRIVER = {"win32": "nvcuda.dll"}.get(sys.platform, "libcuda.so.1")
CUDA_LIBRARIES = {
    "win32": ("onnxruntime_providers_shared.dll", "onnxruntime_providers_cuda.dll"),
}.get(sys.platform, ("libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"))
# what a session raises when a graph does not load, a provider does not start or an input does not fit: they share no base of their own
RUN_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError, ValueError, states.Fail, states.InvalidArgument, states.NoSuchFile, states.NoModel, states.EngineError,
    states.RuntimeException, states.InvalidProtobuf, states.ModelLoaded, states.NotImplemented, states.InvalidGraph, states.EPFail,
)

onnxruntime.set_default_logger_severity(SILENT)


def open_session(path: Path, kind: str, threads: int = 1) -> onnxruntime.InferenceSession:
    """A session of the graph at `path` on the provider `kind`, for one caller at a time.

    Its threads never spin, denormals count as zero. RuntimeError when the graph cannot be loaded or the provider does not start.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    names = [PROVIDERS[kind]] if kind == "cpu" else [PROVIDERS[kind], PROVIDERS["cpu"]]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=names, enable_fallback=0)
    except RUN_ERRORS as error:
        raise RuntimeError(" ".join(str(error).split())) from error
    if PROVIDERS[kind] not in session.get_providers():
        raise RuntimeError(f"{PROVIDERS[kind]} did not start")
    return session


def candidates(asked: str) -> tuple[list[str], list[str]]:
    """The kinds to try for `auto` or a kind by name, best first, and a line for each that is passed over.

    UserError listing what exists when a kind asked for by name is not there.
    """
    why_not = {kind: absence(kind) for kind in PROVIDERS}
    there = [kind for kind, reason in why_not.items() if reason is None]
    if asked == "auto":
        return there, [f"{kind}: {reason}" for kind, reason in why_not.items() if reason]
    if asked not in PROVIDERS:
        raise UserError(f"--provider {asked}: not known; choose auto, {listing(list(PROVIDERS))}; usable here: {listing(there)}")
    if asked not in there:
        raise UserError(f"--provider {asked}: {why_not[asked]}; usable here: {listing(there)}")
    return [asked], []


def absence(kind: str) -> str | None:
    """Why the provider `kind` cannot be used on this machine, None when it can."""
    if PROVIDERS[kind] not in onnxruntime.get_available_providers():
        return "this onnxruntime was built without it"
    return cuda_absence(ctypes.CDLL) if kind == "cuda" else None


def cuda_absence(load: Callable[[str], ctypes.CDLL]) -> str | None:
    """Why CUDA cannot be used, None when it can: a driver with a device, and every library that onnxruntime's provider needs."""
    try:
        driver = load(DRIVER)
    except OSError:
        return f"no NVIDIA driver ({DRIVER})"
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0:
        return "the NVIDIA driver sees no device"
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find; the loads below say it better
        onnxruntime.preload_dlls()
    folder = Path(onnxruntime.__file__).parent / "capi"
    for name in CUDA_LIBRARIES:
        if (folder / name).exists():
            try:
                load(str(folder / name))
            except OSError as error:
                return f"a CUDA library is missing ({str(error).split(':')[0]}); install mvae[cuda]"
    return None
