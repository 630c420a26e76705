"""`relevo whatsapp doctor`: what keeps WhatsApp from working, and how to mend it.

Each module examines one thing and tells findings; `examination` runs them in order, because what one finds
may leave the next nothing to look at.
"""
