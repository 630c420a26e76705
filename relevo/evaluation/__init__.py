"""How well messages are understood: files that say what should be understood, against what is.

`expected` reads the files, `measures` holds the numbers, `report` puts them together, `tables` and `matrix`
show them. Nothing here knows Rasa: messages are parsed by `relevo.parsing`, in a process of its own.
"""
