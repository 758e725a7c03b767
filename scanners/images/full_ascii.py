"""Whether the pairs in a Code 39 symbol stand for characters of full ASCII.

The symbol does not say it. A HIBC never uses them (and ``+D65825032111`` must not become
``d65825032111``); anything else is converted if each ``$ % / +`` in it begins a pair, as every reader does.
"""
