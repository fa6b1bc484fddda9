"""What the makers of pages share: text as roff that mandoc finds no fault with."""

import re
import textwrap


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text[:1] in ".'" else text


def lines(text):
    """A line a sentence, none too long and none that looks like a request."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
    # 72 where mandoc wants at most 80: what is escaped grows by one to three bytes.
    return [roff(line) for sentence in sentences for line in textwrap.wrap(sentence, 72)]
