"""The order rules, one file each.

A rule's `check(order, facts, policy)` gives findings; one about a line carries the line's position in `where.line`.
`OFFERS` names, for a finding's code or its kind (the code's first two words), the choices that make sense and what each
one does, as a sentence. `REASON` is what we answer for a line that a person rejects on this ground. A rule that offers
keep-ours says in `keep_ours(promise, line, facts, policy)` what that does to our promise on a line.
"""
