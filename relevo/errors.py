"""The errors that Relevo raises on purpose; each carries a message that a person can act on."""


class RelevoError(Exception):
    """Base of every error that Relevo raises on purpose."""


class ConfigurationError(RelevoError):
    """A setting is missing or wrong; the message names it and says how to mend it."""
