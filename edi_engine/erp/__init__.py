"""Where business meets the ERP: our values as JSON and XML, and the instructions that come back. Pure."""
