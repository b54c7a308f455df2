"""Small capitals for pictures: three pixels wide, five high. Knows nothing of what is written."""

import numpy as np

from mvae.core.png import Pixels

WIDTH, HEIGHT = 3, 5
SPACING = 1

GLYPHS = {  # five rows, each an octal digit: the left pixel is 4, the right one 1
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553", "H": "55755", "I": "72227",
    "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "25552", "P": "65644", "Q": "25563", "R": "65655",
    "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255", "Y": "55222", "Z": "71247",
    "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616", "6": "34757", "7": "71222", "8": "75757",
    "9": "75716", "#": "57575", "-": "00700", "+": "02720", ".": "00002", ",": "00024", "_": "00007", ":": "02020", "/": "11244",
    "%": "51245", "=": "07070", "(": "24442", ")": "21112",
}  # fmt: skip


def write(pixels: Pixels, x: int, y: int, text: str, colour: tuple[int, int, int], scale: int = 2) -> None:
    """Draw `text` into a picture, its upper left corner at (x, y); what falls outside is cut, and unknown letters are blank."""
    for index, letter in enumerate(text.upper()):
        left = x + index * (WIDTH + SPACING) * scale
        for row, bits in enumerate(GLYPHS.get(letter, "00000")):
            for column in range(WIDTH):
                if int(bits) >> (WIDTH - 1 - column) & 1:
                    top, start = y + row * scale, left + column * scale
                    pixels[max(top, 0) : max(top + scale, 0), max(start, 0) : max(start + scale, 0)] = np.array(colour, np.uint8)


def text_width(text: str, scale: int = 2) -> int:
    """How many pixels wide `text` is."""
    return max(0, len(text) * (WIDTH + SPACING) - SPACING) * scale
