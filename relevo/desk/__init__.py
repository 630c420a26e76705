"""The desk: the supervisors' console, where people take cases, answer customers and keep follow-ups.

A Sanic app that renders pages on the server and tells browsers by server-sent events when something changed.
It does not import Rasa. `python -m relevo.desk` starts it.
"""


def main() -> None:
    """Run the desk until it is stopped.

    Raises:
        ConfigurationError: a setting is missing or the port is taken.
    """
    # Imported here so that whoever only needs the user directory doesn't load the web server.
    from relevo.desk.app import serve  # noqa: PLC0415

    serve()
