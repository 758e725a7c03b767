"""What `python -m benchmarks.fuzz_scanners` is made of.

`codes.py`    valid codes of every agency and form, with the device each is of
`texts.py`    texts that are no code: noise, pieces of codes, and long ones
`damage.py`   what scanners, keyboards and accidents do to a code
`judging.py`  what must hold of every answer, how long it took, and what is counted
"""
