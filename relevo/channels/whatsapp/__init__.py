"""WhatsApp, by Meta's Cloud API.

In: `connector` takes webhooks (`signature`, `webhook`), `receiving` reads what customers send (`reading`,
`identity`) and keeps it in the inbox; `fetching` fetches their files from the clock's process. Out: `output`
makes messages within the limits (`writing`, `text`), `relevo.sending` keeps them, and `carrier` posts them
(`graph_api`) from there too. What an error asks for (`errors`, `aftermath`) is done whether Meta refuses at
once or a status tells it later (`late_failures`). `messages` knows what a message id stands for, and its
status. Only `connector` and `output` need Rasa.
"""
