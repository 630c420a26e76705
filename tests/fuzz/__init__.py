"""Hostile and broken requests by the hundred thousand, against a running bot."""
