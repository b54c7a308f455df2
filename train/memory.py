"""Memory that training asks for again at each step stays with the process."""

import ctypes

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # of glibc's mallopt(3)
MOST = 2**31 - 1  # bytes


def keep_memory() -> bool:
    """Let what is freed stay with the process, where the C library is glibc; whether it does.

    Each step of a training asks for the same large blocks. By default glibc gives blocks of some megabytes back to the system and gets
    them again page by page, which takes a good part of an LSTM's time (`mvae.train.throughput` measures it on the plain one).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    return bool(mallopt(MMAP_MAX, 0) and mallopt(TRIM_THRESHOLD, MOST))
