"""The company's customer-service protocol: validated data that drives the bot, the queue and the desk.

`load_protocol` reads a folder of YAML files. Only `importer` runs inside Rasa and imports it.
"""

from relevo.protocol.loader import ProtocolError, load_protocol
from relevo.protocol.schema import LANGUAGES, Language, Protocol, Text

__all__ = ["LANGUAGES", "Language", "Protocol", "ProtocolError", "Text", "load_protocol"]
