recorded, not linked
