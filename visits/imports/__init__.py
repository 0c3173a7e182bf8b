"""Files from elsewhere: staged, mapped to items, checked as a person's entry is, loaded whole (EDQ-10).

A file is a laboratory's results, the core laboratory's readings or an old sheet. Nothing of it is in the
record until all of it is; a row that stands already changes nothing; a row that disagrees with what a person
entered is an error, since no import ever changes a person's value.
"""
