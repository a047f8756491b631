-- What the shared subset cannot say: the journal is append-only by the engine's own hand.  Guards look at all
-- rows of a statement at once, so that many rows may be written together.

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

CREATE FUNCTION entry_follows() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	first bigint;
	last bigint;
	many bigint;
	before bigint;
BEGIN
	SELECT min(seq), max(seq), count(*) INTO first, last, many FROM fresh;
	SELECT coalesce(max(seq), 0) INTO before FROM entry WHERE seq < first;
	IF many > 0 AND (last - first + 1 <> many OR first <> before + 1) THEN
		RAISE EXCEPTION 'not the next sequence number';
	END IF;
	RETURN NULL;
END $$;

-- 64: TRANSFER_ID_STEP of ledger/base/limits.h.  Only the last entry takes transfers, and those of the same
-- transaction, which may be written together: where the first entry that takes some is of this transaction, so
-- are all behind it.
CREATE FUNCTION transfer_follows() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	first bigint;
	last bigint;
	newest bigint;
BEGIN
	SELECT min(id) / 64, max(id) / 64 INTO first, last FROM fresh;
	SELECT max(seq) INTO newest FROM entry;
	IF first IS NOT NULL AND (newest IS NULL OR last > newest OR (first < newest AND NOT EXISTS
		(SELECT 1 FROM entry WHERE seq = first AND xmin = pg_current_xact_id()::xid))) THEN
		RAISE EXCEPTION 'not a transfer of the last entry';
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the journal is append-only');

CREATE TRIGGER entry_no_delete BEFORE DELETE OR TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the journal is append-only');

CREATE TRIGGER entry_next_only AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION entry_follows();

CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the journal is append-only');

CREATE TRIGGER transfer_no_delete BEFORE DELETE OR TRUNCATE ON transfer
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the journal is append-only');

CREATE TRIGGER transfer_next_only AFTER INSERT ON transfer REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION transfer_follows();

CREATE TRIGGER account_no_delete BEFORE DELETE OR TRUNCATE ON account
FOR EACH STATEMENT EXECUTE FUNCTION refuse('accounts are never deleted');

CREATE TRIGGER account_grows_only BEFORE UPDATE ON account FOR EACH ROW
WHEN (NEW.debits < OLD.debits OR NEW.credits < OLD.credits OR NEW.id <> OLD.id
  OR NEW.kind <> OLD.kind OR NEW.fund <> OLD.fund OR NEW.holder <> OLD.holder)
EXECUTE FUNCTION refuse('gross totals never fall');

CREATE TRIGGER period_no_update BEFORE UPDATE ON period
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a closed period stays closed');

CREATE TRIGGER period_no_delete BEFORE DELETE OR TRUNCATE ON period
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a closed period stays closed');

-- The role that makes the tables, as which ila runs, gives away its own right to change them: what the guards
-- refuse is refused twice. A superuser may do all of it: ila doctor warns.
REVOKE UPDATE, DELETE, TRUNCATE ON entry, transfer, period FROM CURRENT_USER;
REVOKE DELETE, TRUNCATE ON account FROM CURRENT_USER;
