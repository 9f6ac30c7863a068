"""A retailer to practise with: its SFTP server on this machine, and its desk, written against `x12` alone."""
