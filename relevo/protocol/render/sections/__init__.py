"""The sections of the document: functions from a voice to blocks, by parts of the protocol."""
