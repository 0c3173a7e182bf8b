"""Safety reporting: serious adverse events with their clocks and reports, and automatic deviations."""
