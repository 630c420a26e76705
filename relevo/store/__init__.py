"""The one store: Redis. Connections, key names, and what a conversation leaves in it.

`tracker_store` and `lock_store` run inside the Rasa server and are the only modules here that import it.
"""
