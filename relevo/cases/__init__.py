"""Cases: what a person must see to. Folios, the queue of each area, and the changes of a case."""
