-- What the shared subset cannot say: the journal is append-only by the engine's own hand.
-- The insert guards also stop REPLACE, which fires no delete trigger.

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER entry_next_only BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'not the next sequence number'); END;

CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- 64: TRANSFER_ID_STEP of ledger/base/limits.h; tests/unit/book/journal.c holds the two together.
CREATE TRIGGER transfer_next_only BEFORE INSERT ON transfer
WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM transfer)
  OR NEW.id / 64 IS NOT (SELECT max(seq) FROM entry)
BEGIN SELECT RAISE(ABORT, 'not a transfer of the last entry'); END;

CREATE TRIGGER account_no_delete BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'accounts are never deleted'); END;

CREATE TRIGGER account_grows_only BEFORE UPDATE ON account
WHEN NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.id <> OLD.id
  OR NEW.kind <> OLD.kind OR NEW.fund <> OLD.fund OR NEW.holder <> OLD.holder
BEGIN SELECT RAISE(ABORT, 'gross totals never fall'); END;

CREATE TRIGGER account_new_only BEFORE INSERT ON account
WHEN EXISTS (SELECT 1 FROM account WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the account exists'); END;

CREATE TRIGGER period_no_update BEFORE UPDATE ON period
BEGIN SELECT RAISE(ABORT, 'a closed period stays closed'); END;

CREATE TRIGGER period_no_delete BEFORE DELETE ON period
BEGIN SELECT RAISE(ABORT, 'a closed period stays closed'); END;
