"""The dashboard: how far the study is, as tables with charts drawn from them, and the lists they count."""
