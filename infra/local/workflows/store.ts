import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Execution, HistoryEvent } from './execution.ts';

/** Executions and their history, written through: what was recorded outlives the process however that ends. */
export type ExecutionStore = {
  find(arn: string): Execution | undefined;
  /** Records where an execution stands, and what happened. */
  record(execution: Execution, events: readonly HistoryEvent[]): void;
  running(): readonly Execution[];
  /** Latest first. */
  list(machineArn: string, status: string | undefined, from: number, limit: number): readonly Execution[];
  history(arn: string): readonly HistoryEvent[];
  /** Executions that ended, and nobody was told yet. */
  untold(): readonly Execution[];
  markTold(arn: string): void;
  /** Forgets what ended before then. */
  forget(stoppedBefore: number): void;
  close(): void;
};

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS definitions (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, machine TEXT NOT NULL, status TEXT NOT NULL, startedAt INTEGER NOT NULL,
    stoppedAt INTEGER, told INTEGER NOT NULL DEFAULT 0, definition TEXT NOT NULL, record TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS byMachine ON executions (machine, startedAt);
  CREATE INDEX IF NOT EXISTS byStatus ON executions (status, told);
  CREATE TABLE IF NOT EXISTS history (
    arn TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (arn, number)) STRICT;
`;
const select =
  'SELECT e.record AS record, d.text AS definition FROM executions e JOIN definitions d ON d.hash = e.definition';

type Row = Readonly<Record<string, unknown>>;
const executionIn = ({ record, definition }: Row): Execution => ({
  ...(JSON.parse(String(record)) as Omit<Execution, 'definition'>),
  definition: String(definition),
});

/** Opens the file, or a database in memory. */
export const openExecutions = (file: string | undefined): ExecutionStore => {
  const database = new DatabaseSync(file ?? ':memory:');
  database.exec(schema);
  const one = database.prepare(`${select} WHERE e.arn = ?`);
  const keepDefinition = database.prepare('INSERT OR IGNORE INTO definitions (hash, text) VALUES (?, ?)');
  const put = database.prepare(
    `INSERT INTO executions (arn, machine, status, startedAt, stoppedAt, definition, record) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (arn) DO UPDATE SET status = excluded.status, stoppedAt = excluded.stoppedAt, record = excluded.record`,
  );
  const addEvent = database.prepare(
    'INSERT INTO history (arn, number, event) SELECT ?, COALESCE(MAX(number), 0) + 1, ? FROM history WHERE arn = ?',
  );
  const whole = (work: () => void): void => {
    database.exec('BEGIN');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    find(arn) {
      const row = one.get(arn);
      return row && executionIn(row);
    },
    record(execution, events) {
      const { definition, ...record } = execution;
      const { arn, machineArn, status, startedAt, stoppedAt } = record;
      const hash = createHash('sha256').update(definition).digest('hex');
      whole(() => {
        keepDefinition.run(hash, definition);
        put.run(arn, machineArn, status, startedAt, stoppedAt ?? null, hash, JSON.stringify(record));
        for (const event of events) addEvent.run(arn, JSON.stringify(event), arn);
      });
    },
    running: () =>
      database.prepare(`${select} WHERE e.status = 'RUNNING' ORDER BY e.startedAt`).all().map(executionIn),
    list: (machineArn, status, from, limit) =>
      database
        .prepare(
          `${select} WHERE e.machine = ?1 AND (?2 IS NULL OR e.status = ?2) ORDER BY e.startedAt DESC, e.rowid DESC LIMIT ?3 OFFSET ?4`,
        )
        .all(machineArn, status ?? null, limit, from)
        .map(executionIn),
    history: (arn) =>
      database
        .prepare('SELECT event FROM history WHERE arn = ? ORDER BY number')
        .all(arn)
        .map(({ event }) => JSON.parse(String(event)) as HistoryEvent),
    untold: () =>
      database.prepare(`${select} WHERE e.status <> 'RUNNING' AND e.told = 0`).all().map(executionIn),
    markTold: (arn) => void database.prepare('UPDATE executions SET told = 1 WHERE arn = ?').run(arn),
    forget: (stoppedBefore) =>
      whole(() => {
        const old = 'SELECT arn FROM executions WHERE stoppedAt < ?';
        database.prepare(`DELETE FROM history WHERE arn IN (${old})`).run(stoppedBefore);
        database.prepare('DELETE FROM executions WHERE stoppedAt < ?').run(stoppedBefore);
        database.exec('DELETE FROM definitions WHERE hash NOT IN (SELECT definition FROM executions)');
      }),
    close: () => database.close(),
  };
};
