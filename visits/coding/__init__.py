"""Medical coding: what sites wrote in their own words beside the terms of a dictionary that the study loads.

MedDRA and WHODrug are licensed: none of their content is here, the loader reads the licensee's own files.
A code is proposed, by equal words or by a person, reviewed by somebody else, and asked for anew when the
words that it was given for change.
"""
