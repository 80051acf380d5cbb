"""The quality year in chapters; each continues the one before, and test_year.py runs them all."""
