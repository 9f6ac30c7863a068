"""Who the trading partners are and how they want their documents."""
