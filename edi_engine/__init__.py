"""An EDI desk in one program: purchase orders in, acknowledgments, ship notices and invoices out."""

__version__ = "0.1.0"
