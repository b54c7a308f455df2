"""mvae in Sardine: start mvae-live, evaluate the first block once in a Sardine session, then one function after the other."""

from sardine_core.run import *  # noqa: F403  (a session has begun with it)

mvae = OSCHandler(ip="127.0.0.1", port=7770, name="mvae", loop=osc_loop)  # noqa: F405
ear = OSCInHandler(ip="127.0.0.1", port=7774, name="mvae's ear", loop=osc_loop)  # noqa: F405
mvae.send_raw("/mvae/subscribe", [7774])
mvae.send_raw("/mvae/continue", [])  # it plays on, from bar 1 the first time


@swim  # noqa: F405
def density(p=4, i=0):
    mvae.send_raw("/mvae/knob/density", [P("-1 0 1 2", i)])  # noqa: F405
    again(density, p=4, i=i + 1)  # noqa: F405


@swim  # noqa: F405
def around(p=0.5, i=0):
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))  # A, B, D, C
    mvae.send_raw("/mvae/xy", [*corners[i // 8 % 4]])
    again(around, p=0.5, i=i + 1)  # noqa: F405


def fills(bar):  # in every eighth bar of the instrument
    if bar % 8 == 7:
        mvae.send_raw("/mvae/fill", [1])


ear.attach("/mvae/bar", lambda bar: fills(bar))  # once; fills itself can be evaluated again
