"""A faithful local stand-in of WhatsApp's Cloud (Graph) API, with its state in memory.

It checks every request against the documented limits, enforces the customer-service window and the rates,
answers with the documented errors, and sends signed webhooks, on demand with duplicates and out of order.
Where a real account behaves otherwise, the account is right.
"""
