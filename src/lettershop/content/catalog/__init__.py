"""Items to write about: products, articles, offers, with prices per market, stock and validity.

    catalog/NAME.toml (reading, folder) -> Definition      what a file's columns are
    its file (rows) -> Item (making, cells), refused rows  -> records (storing)
    by the API: said -> Item                               -> records
    records -> Assortment (assortment)                     all items of a catalog in memory
    Assortment + template.Items -> items per recipient     (choosing, chooser)

Start with definition.py and item.py.
"""
