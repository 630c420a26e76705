"""Channels: how customers' messages come in and how words go out. Runs inside the Rasa server."""
