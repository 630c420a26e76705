"""A phone-like page on which anyone can be a customer on WhatsApp, against the stand-in of its API."""
