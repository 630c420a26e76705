"""The website chat: the connector of the bot's server, and the widget on the customer's page."""
