"""WhatsApp, by Meta's Cloud API.

In: `connector` takes webhooks (`signature`, `webhook`), `receiving` reads what customers send (`reading`,
`identity`) and keeps it in the inbox. Out: `output` makes messages within the limits (`writing`, `text`),
`relevo.sending` keeps them, and `carrier` posts them (`graph_api`, `errors`) from the clock's process.
`messages` knows what a message id stands for, and its status. Only `connector` and `output` need Rasa.
"""
