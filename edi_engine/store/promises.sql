-- What must hold in every store at every moment, as questions to the database: each asks for the rows that break it.
-- Both databases read this. The line above a question has the number of its promise and says what a found row means;
-- words in braces are the question's columns.
--
-- V1 one state each            V2 bytes as they came        V3 each set judged once      V4 each group acknowledged once
-- V5 each number used once     V6 each document once        V7 each failure in the queue V8 no effect without its cause
-- (V9, the history is as it was written, is in seals.py.)

-- V1: file {id} is {state}, but no bytes of it were stored
SELECT id, state FROM received_file
WHERE state IN ('STORED', 'INTERPRETED', 'DONE', 'UNREADABLE') AND (sha256 IS NULL OR stored_at IS NULL);

-- V1: file {id} is a duplicate, but what it repeats is not there
SELECT f.id FROM received_file f LEFT JOIN received_file o ON o.id = f.arrival_of
WHERE f.state = 'DUPLICATE' AND (o.id IS NULL OR o.sha256 <> f.sha256 OR o.state = 'DUPLICATE');

-- V1: file {id} is INTERPRETED, but nothing of it is left to be worked on
SELECT f.id FROM received_file f
WHERE f.state = 'INTERPRETED'
  AND NOT EXISTS (SELECT 1 FROM interchange i WHERE i.file_id = f.id AND i.state IN ('RECEIVED', 'OPENED'));

-- V1: file {id} is {state}, but its interchange {other} is still being worked on
SELECT f.id, f.state, i.id AS other FROM received_file f JOIN interchange i ON i.file_id = f.id
WHERE f.state <> 'INTERPRETED' AND i.state IN ('RECEIVED', 'OPENED');

-- V2: file {id}: its bytes {sha256} are missing or of another length
SELECT f.id, f.sha256 FROM received_file f LEFT JOIN blob b ON b.sha256 = f.sha256
WHERE f.sha256 IS NOT NULL AND (b.sha256 IS NULL OR b.size <> f.size);

-- V2: document {id}: its bytes {sha256} are missing or of another length
SELECT d.id, d.sha256 FROM document d LEFT JOIN blob b ON b.sha256 = d.sha256
WHERE b.sha256 IS NULL OR b.size <> d.size;

-- V3: set {id} is {state}, but its interchange {other} is closed: it was never judged to the end
SELECT s.id, s.state, i.id AS other FROM transaction_set s JOIN interchange i ON i.id = s.interchange_id
WHERE i.state = 'DONE' AND s.state IN ('RECEIVED', 'ACCEPTED');

-- V3: set {id} was taken out of interchange {other}, which is {state}
SELECT s.id, i.id AS other, i.state FROM transaction_set s JOIN interchange i ON i.id = s.interchange_id
WHERE i.state NOT IN ('OPENED', 'DONE');

-- V3: group {id} holds {wanted} sets, but {found} are recorded
SELECT g.id, g.sets_found AS wanted, count(s.id) AS found
FROM functional_group g LEFT JOIN transaction_set s ON s.group_id = g.id
GROUP BY g.id, g.sets_found HAVING count(s.id) <> g.sets_found;

-- V3: set {id} is MAPPED, but its order {other} is {state}: it should be APPLIED
SELECT s.id, o.id AS other, o.state FROM transaction_set s JOIN purchase_order o ON o.set_id = s.id
WHERE s.state = 'MAPPED' AND o.state <> 'OPEN';

-- V3: set {id} is {state}, but no order came of it and nobody has put it aside
SELECT s.id, s.state FROM transaction_set s JOIN functional_group g ON g.id = s.group_id
WHERE s.order_id IS NULL AND s.state IN ('MAPPED', 'APPLIED') AND g.kind <> 'FA'
  AND NOT EXISTS (SELECT 1 FROM exception_case c
                  WHERE c.subject = 'set:' || CAST(s.id AS TEXT) AND c.state <> 'OPEN')
  AND NOT EXISTS (SELECT 1 FROM event e
                  WHERE e.subject = 'set:' || CAST(s.id AS TEXT) AND e.what = 'order filed');

-- V3: set {id} was booked {found} times
SELECT set_id AS id, count(*) AS found FROM purchase_order GROUP BY set_id HAVING count(*) > 1;

-- V3: order {id} was booked from set {other}, which is {state}
SELECT o.id, s.id AS other, s.state FROM purchase_order o JOIN transaction_set s ON s.id = o.set_id
WHERE s.state NOT IN ('MAPPED', 'APPLIED');

-- V4: group {id} was not acknowledged, but its interchange {other} is closed
SELECT g.id, i.id AS other FROM functional_group g JOIN interchange i ON i.id = g.interchange_id
WHERE i.state = 'DONE' AND g.state = 'RECEIVED';

-- V4: group {id} of kind {kind} is {state}: acknowledgments are never acknowledged, all else is
SELECT id, kind, state FROM functional_group
WHERE (kind = 'FA' AND state = 'ACKNOWLEDGED') OR (kind <> 'FA' AND state = 'SILENT');

-- V4: group {id} is {state}, but has {found} acknowledgments
SELECT g.id, g.state, count(d.id) AS found
FROM functional_group g LEFT JOIN document d ON d.group_id = g.id AND d.again = 0 AND d.kind IN ('997', '999')
GROUP BY g.id, g.state HAVING count(d.id) <> CASE WHEN g.state = 'ACKNOWLEDGED' THEN 1 ELSE 0 END;

-- V4: group {id} names document {other} as its acknowledgment, which is none of it
SELECT g.id, g.document_id AS other
FROM functional_group g LEFT JOIN document d ON d.id = g.document_id AND d.group_id = g.id
WHERE g.state = 'ACKNOWLEDGED' AND d.id IS NULL;

-- V4: group {id} was closed before its set {other} was judged
SELECT g.id, s.id AS other FROM functional_group g JOIN transaction_set s ON s.group_id = g.id
WHERE g.state <> 'RECEIVED' AND s.state = 'RECEIVED';

-- V5: number {id} of {scope} (cycle {cycle}) was given out {found} times
SELECT scope, cycle, number AS id, count(*) AS found FROM number_use
GROUP BY scope, cycle, number HAVING count(*) > 1;

-- V5: {found} numbers of {scope} (cycle {cycle}) are missing, and no row says why
SELECT scope, cycle, max(number) - min(number) + 1 - count(*) - sum(coalesce(skipped, 0)) AS found FROM number_use
GROUP BY scope, cycle HAVING max(number) - min(number) + 1 > count(*) + sum(coalesce(skipped, 0));

-- V5: the counter of {scope} does not fit the numbers given out (look at {id})
SELECT s.scope, s.number AS id
FROM number_scope s LEFT JOIN number_use u ON u.scope = s.scope AND u.cycle = s.cycle AND u.number = s.number
WHERE u.id IS NULL
UNION
SELECT u.scope, u.number AS id FROM number_use u LEFT JOIN number_scope s ON s.scope = u.scope
WHERE s.scope IS NULL OR u.cycle > s.cycle OR (u.cycle = s.cycle AND u.number > s.number);

-- V5: control number {id} of {scope} is carried by no document, and no row says why
SELECT scope, number AS id FROM number_use
WHERE document_id IS NULL AND void_reason IS NULL AND (scope LIKE '% ISA' OR scope LIKE '% GS');

-- V5: document {id} carries the interchange number {other}, which was never given out to it
SELECT d.id, d.interchange_control AS other FROM document d
WHERE d.interchange_control IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM number_use u WHERE u.document_id = d.id AND u.scope LIKE '% ISA')
  AND NOT EXISTS (SELECT 1 FROM document o JOIN number_use u ON u.document_id = o.id AND u.scope LIKE '% ISA'
                  WHERE o.id = d.resend_of AND o.sha256 = d.sha256);

-- V5: document {id} has the numbers of document {other}, which it sends again, but other bytes
SELECT d.id, o.id AS other FROM document d JOIN document o ON o.id = d.resend_of
WHERE d.interchange_control = o.interchange_control AND d.sha256 <> o.sha256;

-- V5: interchange number {id} went to {receiver_qualifier}/{receiver} {found} times
SELECT control AS id, receiver_qualifier, receiver, count(*) AS found FROM interchange
WHERE direction = 'out'
GROUP BY sender_qualifier, sender, receiver_qualifier, receiver, control
HAVING count(*) > 1 + (SELECT coalesce(max(cycle), 0) FROM number_use);

-- V6: the {kind} of {source} exists {found} times (repetition {again})
SELECT source, kind, again, count(*) AS found FROM document GROUP BY source, kind, again HAVING count(*) > 1;

-- V6: the name {name} on {connection} belongs to {found} documents, so that one would lie over the other
SELECT connection, folder, name, count(*) AS found FROM document
WHERE state <> 'VOID' GROUP BY connection, folder, name HAVING count(*) > 1;

-- V6: document {id} is {state}, but no row says when it was sent
SELECT id, state FROM document
WHERE state IN ('SENT', 'CONFIRMED', 'ACCEPTED', 'REJECTED') AND sent_at IS NULL;

-- V6: document {id} is {state}, but no row says under what name its upload was begun
SELECT id, state FROM document
WHERE state IN ('UPLOADING', 'UPLOADED') AND temporary = '';

-- V6: document {id} goes out in {found} interchanges instead of one
SELECT d.id, count(i.id) AS found
FROM document d LEFT JOIN interchange i ON i.document_id = d.id AND i.direction = 'out'
WHERE d.interchange_control IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM document o WHERE o.id = d.resend_of AND o.sha256 = d.sha256)
GROUP BY d.id HAVING count(i.id) <> 1;

-- V7: file {id} is UNREADABLE, but the exception queue has no case for it
SELECT t.id FROM received_file t WHERE t.state = 'UNREADABLE'
  AND NOT EXISTS (SELECT 1 FROM exception_case c WHERE c.subject = 'file:' || CAST(t.id AS TEXT));

-- V7: interchange {id} is QUARANTINED, but the exception queue has no case for it
SELECT t.id FROM interchange t WHERE t.state = 'QUARANTINED'
  AND NOT EXISTS (SELECT 1 FROM exception_case c WHERE c.subject = 'interchange:' || CAST(t.id AS TEXT));

-- V7: set {id} is {state}, but the exception queue has no case for it
SELECT t.id, t.state FROM transaction_set t WHERE t.state IN ('HELD', 'REFUSED')
  AND NOT EXISTS (SELECT 1 FROM exception_case c WHERE c.subject = 'set:' || CAST(t.id AS TEXT));

-- V7: order {id} is HELD, but the exception queue has no open case for it
SELECT t.id FROM purchase_order t WHERE t.state = 'HELD'
  AND NOT EXISTS (SELECT 1 FROM exception_case c
                  WHERE c.subject = 'order:' || CAST(t.id AS TEXT) AND c.state = 'OPEN');

-- V7: case {id} is open, but its order {other} is {state}: nothing of it waits any more
SELECT c.id, o.id AS other, o.state FROM exception_case c
JOIN purchase_order o ON c.subject = 'order:' || CAST(o.id AS TEXT)
WHERE c.state = 'OPEN' AND o.state IN ('ANSWERED', 'PART_SHIPPED', 'SHIPPED', 'INVOICED', 'CLOSED');

-- V7: document {id} is {state}, but the exception queue has no case for it
SELECT t.id, t.state FROM document t WHERE t.state IN ('PARKED', 'REJECTED')
  AND NOT EXISTS (SELECT 1 FROM exception_case c WHERE c.subject = 'document:' || CAST(t.id AS TEXT));

-- V7: document {id} waits for the partner's acknowledgment, but no timer will say so when it is overdue
SELECT d.id FROM document d
WHERE d.state = 'CONFIRMED' AND d.due_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.subject = 'document:' || CAST(d.id AS TEXT)
                  AND t.kind = 'ack_due' AND t.state IN ('WAITING', 'FIRED'));

-- V7: document {id} is overdue, but the exception queue has no case for it
SELECT d.id FROM timer t JOIN document d ON t.subject = 'document:' || CAST(d.id AS TEXT)
WHERE t.kind = 'ack_due' AND t.state = 'FIRED' AND d.state = 'CONFIRMED' AND d.due_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM exception_case c WHERE c.subject = t.subject);

-- V8: document {id} ({kind}) comes from {source}, which is not what it points to
SELECT id, kind, source FROM document
WHERE source <> coalesce('group:' || CAST(group_id AS TEXT), '')
  AND source <> coalesce('order:' || CAST(order_id AS TEXT), '')
  AND source <> coalesce('shipment:' || CAST(shipment_id AS TEXT), '')
  AND NOT (kind = 'TA1' AND EXISTS (SELECT 1 FROM interchange i
                                    WHERE i.direction = 'in' AND 'interchange:' || CAST(i.id AS TEXT) = source));

-- V8: document {id} sends document {other} again, which never left or is another thing
SELECT d.id, o.id AS other FROM document d JOIN document o ON o.id = d.resend_of
WHERE o.sent_at IS NULL OR o.id >= d.id OR o.kind <> d.kind OR o.source <> d.source OR d.again <= o.again;

-- V8: document {id} ({kind}) is about order {other}, which was never answered
SELECT d.id, d.kind, o.id AS other FROM document d JOIN purchase_order o ON o.id = d.order_id
WHERE o.answer_json IS NULL;

-- V8: order {id} is {state}, but its answer is not there
SELECT id, state FROM purchase_order
WHERE (answer_json IS NULL AND answered_at IS NOT NULL) OR (answer_json IS NOT NULL AND answered_at IS NULL)
   OR (answer_json IS NULL AND state IN ('ANSWERED', 'PART_SHIPPED', 'SHIPPED', 'INVOICED', 'CLOSED'));

-- V8: order {id} was answered, but has no 855, although {partner} gets one for other orders
SELECT o.id, o.partner FROM purchase_order o
WHERE o.answer_json IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM document d WHERE d.order_id = o.id AND d.kind = '855')
  AND EXISTS (SELECT 1 FROM document d WHERE d.kind = '855' AND d.partner = o.partner AND d.live = o.live);

-- V8: invoice document {id} is about shipment {other}, which was never invoiced
SELECT d.id, s.id AS other FROM document d JOIN shipment s ON s.id = d.shipment_id
WHERE d.kind = '810' AND s.invoice_number IS NULL;

-- What follows holds states beside the history: an event is written in the commit of what it tells, and never changed.

-- V6: document {id} is {state}, but its history says: {what}
SELECT d.id, d.state, e.what FROM document d JOIN event e ON e.subject = 'document:' || CAST(d.id AS TEXT)
WHERE (e.what = d.kind || ' accepted by partner' AND d.state <> 'ACCEPTED')
   OR (e.what = d.kind || ' rejected by partner' AND d.state <> 'REJECTED')
   OR (e.what = d.kind || ' delivered' AND d.state NOT IN ('CONFIRMED', 'ACCEPTED', 'REJECTED'))
   OR (e.what IN (d.kind || ' void', d.kind || ' not sent again') AND d.state <> 'VOID');

-- V6: document {id} is {state}, but nothing in its history says how it came to that
SELECT d.id, d.state FROM document d
WHERE d.state IN ('CONFIRMED', 'ACCEPTED', 'REJECTED', 'VOID')
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject = 'document:' || CAST(d.id AS TEXT)
                  AND ((d.state = 'CONFIRMED' AND e.what = d.kind || ' delivered')
                    OR (d.state IN ('ACCEPTED', 'REJECTED') AND e.what = d.kind || ' ' || lower(d.state) || ' by partner')
                    OR (d.state = 'VOID' AND e.what IN (d.kind || ' void', d.kind || ' not sent again'))));

-- V6: document {id} is {state}, which does not fit the partner's answer that is kept with it
SELECT id, state FROM document
WHERE (response_json IS NOT NULL AND state NOT IN ('ACCEPTED', 'REJECTED'))
   OR (response_json IS NULL AND state IN ('ACCEPTED', 'REJECTED'));

-- V8: order {id} is {state}, but its history says: {what}
SELECT o.id, o.state, e.what FROM purchase_order o JOIN event e ON e.subject = 'order:' || CAST(o.id AS TEXT)
WHERE (e.what = 'order answered' AND (o.state = 'OPEN' OR o.answer_json IS NULL))
   OR (e.what = 'order shipped' AND o.state IN ('OPEN', 'ANSWERED', 'CANCELLED'))
   OR (e.what IN ('order invoiced', 'order closed') AND o.state IN ('OPEN', 'ANSWERED', 'CANCELLED'))
   OR (e.what = 'order called off' AND o.state <> 'CANCELLED')
   OR (e.what = 'order closed by hand' AND o.state <> 'CANCELLED'
       AND NOT EXISTS (SELECT 1 FROM event r WHERE r.subject = e.subject AND r.what = 'case reopened' AND r.id > e.id));

-- V8: order {id} is {state}, but nothing in its history says how it came to that
SELECT o.id, o.state FROM purchase_order o
WHERE (o.answer_json IS NOT NULL OR o.state IN ('PART_SHIPPED', 'SHIPPED', 'INVOICED', 'CLOSED', 'CANCELLED'))
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject = 'order:' || CAST(o.id AS TEXT)
                  AND ((o.state IN ('OPEN', 'HELD', 'ANSWERED') AND e.what = 'order answered')
                    OR (o.state IN ('PART_SHIPPED', 'SHIPPED') AND e.what = 'order shipped')
                    OR (o.state = 'INVOICED' AND e.what = 'order invoiced')
                    OR (o.state = 'CLOSED' AND e.what = 'order closed')
                    OR (o.state = 'CANCELLED'
                        AND e.what IN ('order answered', 'order called off', 'order closed by hand'))));

-- V8: order {id} is {state}, but shipment {number} of it is not billed
SELECT o.id, o.state, s.number FROM purchase_order o JOIN shipment s ON s.order_id = o.id
WHERE o.state = 'INVOICED' AND s.invoice_number IS NULL;
