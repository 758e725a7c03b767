"""Items, their five codes, packaging levels and prices."""
