"""Understanding in bulk, without a server: single messages in, what they mean out, as JSON lines.

`process` runs Rasa, in a process of its own; `command` starts it; the rest knows nothing of Rasa.
"""
