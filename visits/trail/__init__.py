"""The trail for people: histories in words, lists to review, export, redaction (AUD-12 to AUD-17)."""
