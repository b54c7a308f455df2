"""A process that closes and opens an input again and again while messages pour in, and says so when it is done."""

import threading

from mvae.live.midi_ports import open_input, open_output
from mvae.live.output import control

TIMES = 40


def main() -> None:
    output, over, heard = open_output(None, "Flood"), threading.Event(), list[bytes]()

    def pour() -> None:
        while not over.wait(0.0005):
            output.send(control(0, 1, 64))

    pouring = threading.Thread(target=pour)
    pouring.start()
    for _ in range(TIMES):
        heard.clear()
        opened = open_input("flood", lambda message, _: heard.append(message))
        while not heard:
            over.wait(0.001)
        opened.close()
    over.set()
    pouring.join()
    output.close()
    print("closed")


if __name__ == "__main__":
    main()
