"""Tools around WhatsApp's Cloud API: a local stand-in of it, a phone to try it with, and a doctor.

The channel itself is `relevo.channels.whatsapp`; nothing here is needed to serve customers.
"""
