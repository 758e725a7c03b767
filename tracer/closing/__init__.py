"""The end of the day: closed business days and their variance."""
