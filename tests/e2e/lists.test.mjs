// What lists cost: the memory of large ones, the time of empty ones, and totals that are kept but never stale.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { isReference, sanitized, Server } from './lib/server.mjs';
import { execute } from './lib/sqlite.mjs';
import { Wire } from './lib/wire.mjs';

const rows = 500, bytes = 100 * 1024;
const text = { name: 'text', type: 'text', max: 200_000 };

// The most memory that a process has had, in bytes, since it was last reset.
const peak = (pid) => Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
const resetPeak = (pid) => fs.writeFileSync(`/proc/${pid}/clear_refs`, '5');

describe('lists', () => {
  let server, root, wire, worker;

  before(async () => {
    server = await Server.start({ workers: 1 });
    root = await server.superuserClient();
    const open = { listRule: '', viewRule: '', createRule: '' };
    const kinds = await root.collections.create({ name: 'kinds', type: 'base', ...open, fields: [{ name: 'name', type: 'text' }] });
    await root.collections.create({
      name: 'large', type: 'base', ...open,
      fields: [text, { name: 'kind', type: 'relation', collectionId: kinds.id, maxSelect: 1 }],
    });
    await root.collections.create({ name: 'ruled', type: 'base', listRule: 'text != ""', viewRule: '', createRule: '', fields: [text] });
    await server.stop();
    execute(`${server.dir}/data.db`, `
      INSERT INTO kinds (id, name) VALUES ('kind00000000001', 'only');
      INSERT INTO large (id, text, kind)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      SELECT printf('large%010d', i), hex(zeroblob(${bytes / 2})), 'kind00000000001' FROM n;
      PRAGMA wal_checkpoint(TRUNCATE);`);
    await server.launch();
    [worker] = server.workerPids();
    wire = await Wire.open(server.port);
  });
  after(async () => {
    wire?.close();
    await server?.close();
  });

  const list = (query) => wire.request('GET', `/api/collections/${query}`);

  for (const [what, query] of [['', ''], [' with an expansion', '&expand=kind'], [' with chosen fields', '&fields=id,text']]) {
    it(`of ${rows} records of ${bytes / 1024} KB each${what} take less than three times their size`,
      { skip: (isReference || sanitized) && 'measures a worker\'s own memory' }, async () => {
        await list('large/records?perPage=2');
        resetPeak(worker);
        const idle = peak(worker);
        const answer = await list(`large/records?perPage=${rows}${query}`);
        assert.equal(answer.json.items.length, rows);
        const grown = peak(worker) - idle;
        assert.ok(grown < 3 * answer.text.length, `${Math.round(grown / 1e6)} MB for ${Math.round(answer.text.length / 1e6)} MB`);
      });
  }

  it('that are empty again and again keep a guest waiting now and then, and nobody else', async () => {
    // Random delays below half a second: thirty without one above 100 ms is a chance of one in 10^21.
    const ask = async (path, token) => {
      const times = [];
      for (let n = 0; n < 34; n++) {
        const started = performance.now();
        const answer = await wire.request('GET', `/api/collections/${path}`, { token });
        times.push(performance.now() - started);
        assert.equal(answer.json.items.length, 0);
      }
      return times;
    };
    const slow = (times) => times.filter((ms) => ms > 100).length;
    const nothing = encodeURIComponent('text = "nothing"');
    assert.ok(slow(await ask(`ruled/records?filter=${nothing}`)) > 5);
    if (sanitized) return;
    assert.ok(slow(await ask(`ruled/records?filter=${nothing}`, root.authStore.token)) < 5, 'a superuser');
    assert.ok(slow(await ask('ruled/records')) < 5, 'without a filter');
    assert.ok(slow(await ask(`kinds/records?filter=${encodeURIComponent('name = "nothing"')}`)) < 5, 'without a rule');
  });

  it('tell the total as it is after every write', async () => {
    const path = `ruled/records?perPage=1&filter=${encodeURIComponent('text ~ "counted"')}`;
    for (let n = 0; n < 50; n++) {
      assert.equal((await list(path)).json.totalItems, n);
      assert.equal((await list(path)).json.totalItems, n);
      const written = await wire.request('POST', '/api/collections/ruled/records', { body: { text: `counted ${n}` } });
      assert.equal(written.status, 200, written.text);
    }
  });
});
