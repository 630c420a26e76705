"""What a changed contingency plan would have done: conversations are decided over again.

`moments` reads the customer's messages from a conversation's log, as they were understood; `course` decides
over them under a plan; `comparison` puts two plans side by side, and `load` counts who would get how many
cases at which hour. `stored` reads conversations from Redis; `picture`, `tables` and `command` show it all.
"""
