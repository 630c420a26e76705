"""The protocol as the document that staff read: one page per language, as HTML and as Markdown.

`document` turns a protocol into a plain structure of `blocks`; `html` and `markdown` write that out. They
know nothing of protocols, and the sections nothing of markup.
"""
