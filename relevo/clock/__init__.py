"""The process that makes time pass: follow-ups fall due, what is in the outbox reaches the customer."""
