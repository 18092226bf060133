"""Pure rendering: figures and areas in, folium maps, tables and HTML fragments out (no database, no web)."""
