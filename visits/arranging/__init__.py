"""Acts for what goes wrong at real sites: move, void, transfer, note, miss, upgrade, correct."""
