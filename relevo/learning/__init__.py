"""Learning from the desk: supervisors correct how a message was understood, and the corrections reach the
training files when somebody has looked at them.

`suggestions` keeps the corrections, `training_text` takes personal data out of them, `training_files` writes
them, `command` is `relevo learn`. The desk imports the first two; nothing here imports Rasa.
"""
