"""The 45 faults of requirements.md §5: what each is, in a line, and why one cannot be had here.

A test that brings about a fault carries `@fault(number)`. `make faults` runs these and prints the table;
`make test` leaves this folder out.
"""

import pytest

FAULTS: dict[int, str] = {
    1: "kill -9 the worker in the middle of a PDF",
    2: "a task that kills its worker each time",
    3: "Redis stopped for minutes",
    4: "Redis flushed, or started again without its file",
    5: "PostgreSQL ends the connection, or is started again, in the middle of a request",
    6: "the connection is lost after COMMIT, before the reply",
    7: "disk full: database, files, logs",
    8: "clock one hour ahead or behind; leap second",
    9: "the web worker is killed, or hangs and is ended, in the middle of a save",
    10: "deploy during entry",
    11: "a migration fails half-way",
    12: "scanner of files or mail server down",
    13: "double click, F5 on a POST, the same form ten times",
    14: "two tabs with the same form",
    15: "back button after a save, then submit",
    16: "session ended on submit",
    17: "token of the form renewed by a sign-in elsewhere",
    18: "network gone, slow or losing packets",
    19: "tampered hidden fields",
    20: "another site's subject in URL, body, file, export, query",
    21: "POST to a locked form: pages, services, raw SQL",
    22: "change of a signed form",
    23: "two people unlock; a lock and a save at once",
    24: "query closed while the site answers",
    25: "role, training or account ended in the middle of an edit",
    26: "the investigator signs while the coordinator saves",
    27: "1 MB in a text, a body too large, too many fields",
    28: "NUL in form, URL, search, JSON",
    29: "a lone surrogate",
    30: "emoji, rare characters, combining marks",
    31: "bidirectional override, zero width, byte order mark",
    32: "decimal comma, full width, other digits, NaN, 1E400",
    33: "zero, negative, out of range",
    34: "dates that are none or can be read in two ways",
    35: "events about midnight; summer time of 1986 to 1991",
    36: "a visit before consent, a death before a visit, outside the window",
    37: "script, template, formula, SQL and paths in texts and file names",
    38: "EICAR, zip bomb, polyglot, huge image, DICOM with names",
    39: "forged X-Forwarded-For, Host, next=",
    40: "five wrong passwords, codes and signatures, and Redis flushed between",
    41: "a hand in the database: a value, an entry, the last entry",
    42: "restore of yesterday's backup",
    43: "export during heavy entry",
    44: "one person enrolled at two sites; a number used again",
    45: "a query that takes for ever; a lock held by an idle session",
}

NOT_HERE: dict[int, str] = {}
"""Why a fault cannot be had here at all."""
IN_PART: dict[int, str] = {
    3: "the broker is away while all other faults run, five minutes at least, not always ten",
    7: "without root no volume can be mounted, and the parts that need one are skipped",
    8: "the machine's own clock is left alone; that of one web process is shifted",
    10: "two releases of different code: the same code is stopped and started",
    18: "lost packets: connections are cut, which is what a program sees of them",
    38: "a virus inside of a whole PDF: that is for the scanner, which is a hook",
    44: "nothing is randomised; nothing kept names a person, so that a double is asked about, not refused",
}
"""What of a fault is not brought about, although a test brings about the rest."""


def fault(number: int) -> pytest.MarkDecorator:
    """Mark a test as bringing about this fault."""
    assert number in FAULTS
    return pytest.mark.fault(number)
