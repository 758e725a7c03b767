"""Large files handed in through a page: kept on disk, taken in one after another by a process of their own.

    folder.py      where they are kept until they are taken in; an upload that breaks off leaves nothing
    jobs.py        a file is handed in, and a person stops it
    queries.py     how far each is
    doing.py       one file is taken in: a register, or another system's export
    running.py     the process that does so, alone or beside a web server
    pages.py       how far one is, for people

What was killed is gone on with: a register where it stopped, an export from its beginning, since it is taken
in one transaction. Either way it counts once.
"""
