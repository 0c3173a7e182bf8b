"""The demo study: 578 invented subjects with reproducible courses, loaded through the real services.

Numbers come from the protocol's demo parameters (protocol.md §8.2); they claim nothing about the true effect.
"""
