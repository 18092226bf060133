"""What stands between the internet and the routes: headers, forms, limits, log lines and where to report a leak."""
