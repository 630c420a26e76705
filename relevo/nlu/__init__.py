"""Understanding: language, words, topic, tone and entities, as components of Rasa's graph.

All of it runs inside the Rasa server. `text` and the estimators know nothing of Rasa; the modules that do
wrap them as graph components, named in `config.yml`.
"""
