"""Sending to networks that aren't ours: a durable queue, a sender with patience, and what people must see.

`ticks` tells how far each message has come.

Knows nothing of Rasa: the clock sends, the desk shows what could not be sent.
"""
