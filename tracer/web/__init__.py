"""The shell of the pages: layout, navigation, sign-in, errors, translations, static files."""
