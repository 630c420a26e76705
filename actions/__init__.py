"""What the bot does beyond answering: Rasa custom actions, one module per capability.

An action reads the tracker, calls the domain (cases, follow-ups), says words of the protocol and returns
events. The action server loads this package; it does not import `rasa`.
"""
