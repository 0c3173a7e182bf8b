"""Electronic signatures: what was signed, whether it stands, what may be signed now (SIG-01 to SIG-10)."""
