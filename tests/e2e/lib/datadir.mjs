// Looking at a data directory from outside. The checks and their numbers are those of the data directory's specification
// (spec 06, part 2).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { column, query } from './sqlite.mjs';

const shared = fileURLToPath(new URL('../../../../shared/conformance/fixture', import.meta.url));

// A data directory that the reference wrote over many versions; null where the conformance material is not beside us.
export const fixture = fs.existsSync(path.join(shared, 'data.db')) ? shared : null;

// The reference program and the release after it; null where they could not be had.
const program = (name) => (process.env[name] && fs.existsSync(process.env[name]) ? process.env[name] : null);
export const reference = program('WOMBAT_REFERENCE');
export const nextReference = program('WOMBAT_REFERENCE_NEXT');

export const systemMigrations = [
  '1640988000_aux_init.go', '1640988000_init.go', '1717233556_v0.23_migrate.go', '1717233557_v0.23_migrate2.go',
  '1717233558_v0.23_migrate3.go', '1717233559_v0.23_migrate4.go', '1763020353_update_default_auth_alert_templates.go',
  '1778828400_normalize_indexes.go',
];

export const data = (dir) => path.join(dir, 'data.db');
export const auxiliary = (dir) => path.join(dir, 'auxiliary.db');

// What a clean start of either program must leave as it is.
export function snapshot(dir) {
  return {
    collections: query(data(dir), 'SELECT * FROM _collections ORDER BY id'),
    params: query(data(dir), 'SELECT id, hex(value) AS value, created, updated FROM _params'),
    migrations: query(data(dir), 'SELECT file, applied FROM _migrations ORDER BY file'),
    schema: query(data(dir), "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"),
  };
}

export function assertSound(dir) {
  for (const file of [data(dir), auxiliary(dir)]) {
    assert.deepEqual(column(file, 'PRAGMA integrity_check'), ['ok'], file);
    assert.deepEqual(column(file, 'PRAGMA journal_mode'), ['wal'], file);
    assert.deepEqual(column(file, 'PRAGMA user_version'), [0], file);
  }
}

// B12: collections whose declared indexes are not those of the database.
export function indexesOutOfStep(dir) {
  return column(data(dir), `SELECT c.name FROM _collections c WHERE c.type <> 'view' AND json_array_length(c.indexes) <>
    (SELECT count(*) FROM sqlite_master m WHERE m.type = 'index' AND m.tbl_name = c.name AND m.sql IS NOT NULL)`);
}

// Mails that could not be sent are about the machine, not about the directory.
export function errorsLogged(dir) {
  return column(auxiliary(dir), "SELECT message FROM _logs WHERE level >= 4 AND message NOT LIKE '%send login alert%'");
}

export function copyOf(dir, home) {
  const target = path.join(home, 'pb_data');
  fs.cpSync(dir, target, { recursive: true });
  return target;
}
