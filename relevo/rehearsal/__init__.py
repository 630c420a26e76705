"""The dress rehearsal of a protocol: conversations as customers would write them, through the real bot.

`scenes` reads what is to be rehearsed and what must come of it. `process` plays it on the `stage`, with the
trained model, the policies and the actions in one process without ports and with a store of its own; only
these two and `actors` run Rasa. `command` starts them, and `report` shows what came of it.
"""
