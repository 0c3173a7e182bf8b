"""When visits are due: windows, holidays, calendars to subscribe to, reminders."""
