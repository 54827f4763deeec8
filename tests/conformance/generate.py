"""Random text for the comparers: bytes that are likely to matter, and mutation of given text."""

SPACES = [b" ", b" ", b" ", b"  ", b"\t", b"\n", b"\r", b"\v", b"\f", b"\xc2\xa0", b"\xc2\x85",
          b"\xe2\x80\x83", b"\xe3\x80\x80", b"\xe2\x80\x8b"]
ODD = [b"\x00", b"\xff", b"\xc3", b"\xe3\x81", b"\xef\xbb\xbf", b"\xef\xbf\xbd", b"\xed\xa0\x80",
       b"\xf0\x9f\x90\xb3", b"\xc3\xa9", b"\xe2\x84\xaa", b"\x7f", b"\x85", b"\xa0"]


def pick(rng, weighted):
    """A choice of [(weight, value)...]."""
    at = rng.randrange(sum(weight for weight, _ in weighted))
    for weight, value in weighted:
        at -= weight
        if at < 0:
            return value
    raise AssertionError


def soup(rng, tokens, longest):
    return b"".join(rng.choice(tokens) for _ in range(rng.randint(0, longest)))


def mutate(rng, text, tokens):
    """`text` with a few small damages."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(text))
        to = min(len(text), at + rng.randint(0, 4))
        how = rng.randrange(5)
        if how == 0:
            text = text[:at] + text[to:]
        elif how == 1:
            text = text[:at] + rng.choice(tokens) + text[at:]
        elif how == 2:
            text = text[:to] + text[at:to] + text[to:]
        elif how == 3:
            text = text[:at] + rng.choice(tokens) + text[to:]
        else:
            other = rng.randint(0, len(text))
            text = text[:at] + text[other:other + 6] + text[at:]
    return text
