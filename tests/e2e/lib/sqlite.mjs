// SQLite's own shell on a database file: a second pair of eyes that shares no code with the server.
import { execFileSync } from 'node:child_process';

// Runs statements; returns the rows of the last SELECT-like ones as objects.
export function query(file, sql, { readonly = true } = {}) {
  const args = ['-batch', '-json', '-cmd', '.timeout 10000'];
  if (readonly) args.push('-readonly');
  const output = execFileSync('sqlite3', [...args, file, sql], { encoding: 'utf8', maxBuffer: 1 << 30 });
  return output.trim() ? JSON.parse(output) : [];
}

// The first column of each row.
export function column(file, sql, options) {
  return query(file, sql, options).map((row) => Object.values(row)[0]);
}

export function execute(file, sql) {
  execFileSync('sqlite3', ['-batch', '-bail', '-cmd', '.timeout 10000', file], {
    input: sql, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'pipe'],
  });
}
