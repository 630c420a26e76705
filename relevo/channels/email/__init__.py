"""E-mail, by the company's own mailbox (IMAP) and mail server (SMTP).

In: the clock's process fetches (`mailbox`, `fetching`), understands (`reading`, `robots`) and accepts mail
(`receiving`); a letter of ours that came back goes to people (`reports`, `sent`, `returned`).
Out: `output` queues what is said piece by piece, and `carrier` sends one letter of it (`writing`,
`submission`). `connector` is the channel; only it and `output` need Rasa.
"""
