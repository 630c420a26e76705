"""Deciding what comes next where the contingency plan has a say. Runs inside the Rasa server."""
