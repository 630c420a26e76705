"""The parts of a protocol, one module per file of the folder."""
