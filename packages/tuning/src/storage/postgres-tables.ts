/** Version of the tables. */
export const FORMAT_VERSION = 1;

/** Advisory lock held while the tables are created. The number is arbitrary. */
const LOCK = 4_772_031;

/**
 * Creates the schema `gru4rec` and those of its tables that are missing. Sent as one text, it is one transaction.
 *
 * A trial's `claim` identifies the attempt that counts: reports of other attempts are not read. Numbers are stored as
 * float8 or in JSON, which keep every bit. `json`, unlike `jsonb`, accepts every JavaScript string.
 */
export const createTables: string = `
SELECT pg_advisory_xact_lock(${LOCK});
CREATE SCHEMA IF NOT EXISTS gru4rec;
CREATE TABLE IF NOT EXISTS gru4rec.studies (name text PRIMARY KEY, space json NOT NULL, direction text NOT NULL,
  sampler json NOT NULL, pruner json NOT NULL, seed text NOT NULL, fingerprint json NOT NULL);
CREATE TABLE IF NOT EXISTS gru4rec.trials (study text REFERENCES gru4rec.studies ON DELETE CASCADE, number integer,
  "values" json NOT NULL, state text NOT NULL, value float8, error text, started_ms bigint NOT NULL, ended_ms bigint,
  claim uuid NOT NULL, leased_until timestamptz, PRIMARY KEY (study, number));
CREATE TABLE IF NOT EXISTS gru4rec.reports (study text, trial integer, claim uuid, step bigint, value float8 NOT NULL,
  PRIMARY KEY (study, trial, claim, step),
  FOREIGN KEY (study, trial) REFERENCES gru4rec.trials ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS gru4rec.format (version integer);
INSERT INTO gru4rec.format SELECT ${FORMAT_VERSION} WHERE NOT EXISTS (SELECT FROM gru4rec.format);`;

/** Returns whether the tables exist. */
export const findTables: string = `SELECT to_regclass('gru4rec.format') IS NOT NULL AS there`;

/** Returns the version of the tables. */
export const readVersion: string = 'SELECT version FROM gru4rec.format';

/** Returns the row of a study. Parameter: its name. */
export const readStudy: string = 'SELECT * FROM gru4rec.studies WHERE name = $1';

/** Adds a study. Parameters: its name and its other columns. */
export const addStudy: string =
  'INSERT INTO gru4rec.studies VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING';

/** Returns the trials of a study, with their reports as a JSON array of [step, value]. Parameter: name of the study. */
export const readTrials: string = `
SELECT number, "values", state, value, error, started_ms, ended_ms,
  (SELECT json_agg(json_build_array(step, reports.value) ORDER BY step) FROM gru4rec.reports
   WHERE reports.study = trials.study AND trial = number AND reports.claim = trials.claim) AS reports
FROM gru4rec.trials WHERE study = $1 ORDER BY number`;

/**
 * The end of a lease of `parameter` milliseconds. It uses the server's clock, because those of the machines may differ.
 */
const leaseOf = (parameter: string) => `clock_timestamp() + ${parameter}::float8 * interval '1 millisecond'`;

/**
 * Adds a trial. Parameters: study, number, values, start, claim, lease. If the statement is sent again because its answer
 * was lost, the answer is again that the row was added.
 */
export const addTrial: string = `
INSERT INTO gru4rec.trials AS kept (study, number, "values", state, started_ms, claim, leased_until)
VALUES ($1, $2, $3, 'running', $4, $5, ${leaseOf('$6')})
ON CONFLICT (study, number) DO UPDATE SET leased_until = excluded.leased_until WHERE kept.claim = excluded.claim`;

/**
 * Takes a trial whose lease has expired. Parameters: study, exclusive limit of the number, start, claim, lease, numbers that
 * this coordinator holds already.
 *
 * When the server starts, every lease gets its full length again, because nobody could renew it while the server was
 * down.
 */
export const takeAbandoned: string = `
UPDATE gru4rec.trials SET claim = $4, started_ms = $3, leased_until = ${leaseOf('$5')}
WHERE study = $1 AND number = (
  SELECT number FROM gru4rec.trials
  WHERE study = $1 AND state = 'running' AND number < $2 AND number <> ALL ($6::integer[]) AND (claim = $4
    OR leased_until IS NULL
    OR greatest(leased_until, pg_postmaster_start_time() + $5::float8 * interval '1 millisecond') < clock_timestamp())
  ORDER BY claim = $4 DESC, number LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING number`;

/** Renews the lease of a trial. Parameters: study, number, claim, lease. */
export const renewLease: string = `
UPDATE gru4rec.trials SET leased_until = ${leaseOf('$4')}
WHERE study = $1 AND number = $2 AND claim = $3 AND state = 'running'`;

/** Ends the leases of some claims. Parameters: study, claims. */
export const releaseLeases: string = `
UPDATE gru4rec.trials SET leased_until = NULL WHERE study = $1 AND claim = ANY ($2::uuid[]) AND state = 'running'`;

/** Adds a report of a trial. Parameters: study, trial, claim, step, value. */
export const addReport: string = `
INSERT INTO gru4rec.reports SELECT study, number, claim, $4::bigint, $5::float8 FROM gru4rec.trials
WHERE study = $1 AND number = $2 AND claim = $3 ON CONFLICT DO NOTHING`;

/** Stores how a trial ended. Parameters: study, number, claim, state, value, error, end. */
export const endTrial: string = `
UPDATE gru4rec.trials SET state = $4, value = $5, error = $6, ended_ms = $7, leased_until = NULL
WHERE study = $1 AND number = $2 AND claim = $3`;
