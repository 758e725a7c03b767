"""A scanner on a cable, at a workstation: each pull of its trigger becomes one `POST /api/v1/scans`.

A client program, not a room of the service: it runs where the scanner is plugged in, knows the service
only by its HTTP routes, and needs no database but a file of its own.

    port ── ports.py ──> bytes ── framing.py ──> a scan ── desk.py ──> kept on disk ── sending.py ──> service

`ports.py`     finds and opens the port, opens it again when it was unplugged; the reading thread
`framing.py`   cuts the stream of bytes into scans
`patients.py`  whose wristband it is, or a piece for the patient who is being served
`desk.py`      one scan after the other: a command, a wristband, or a piece to be kept
`waiting.py`   what is kept and not yet answered, on disk before anything is said of it
`link.py`      one request, one answer, and what the answer means for the scan
`sending.py`   sends what waits, in order, until there is an answer; the sending thread
`telling.py`   the lines on the terminal, in Chinese or English
`running.py`   puts it together, and leaves cleanly
"""
