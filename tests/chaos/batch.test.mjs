// The writer is killed under a load of batches: each acknowledged batch is there as a whole, none by half, none twice.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, sleep, until } from '../e2e/lib/server.mjs';
import { query } from '../e2e/lib/sqlite.mjs';
import { Wire } from '../e2e/lib/wire.mjs';
import { seeded } from './lib/powercut.mjs';

const kills = Number(process.env.CHAOS_KILLS ?? 20);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1e9);
const clients = 12;
const perBatch = 4;

describe(`batches while the writer is killed (seed ${seed})`, () => {
  const random = seeded(seed);
  const acknowledged = [], errors = [];
  let server, running = true, done, counters;

  // Creates `perBatch` records and raises the client's counter, once in one mutation and once in a session: an item that
  // changes a row for the second time cannot be prepared without having seen the first.
  async function run(number) {
    const wire = await Wire.open(server.port);
    const records = '/api/collections/marks/records';
    const raise = { method: 'PATCH', url: `${records}/${counters[number]}`, body: { 'n+': 1 } };
    for (let n = 0; running; n++) {
      const batch = `${number}-${n}`;
      const requests = Array.from({ length: perBatch }, () => ({ method: 'POST', url: records, body: { batch } }));
      requests.push(raise);
      if (n % 2) requests.push(raise);
      const answer = await wire.request('POST', '/api/batch', { body: { requests } });
      if (answer.status === 200) acknowledged.push({ batch, number, raises: n % 2 ? 2 : 1 });
      else errors.push(`${batch}: ${answer.status} ${answer.text}`);
    }
    wire.close();
  }

  before(async () => {
    server = await Server.start({ workers: 2 });
    const root = await server.superuserClient();
    await root.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 60 } });
    await root.collections.create({
      name: 'marks', type: 'base', listRule: '', createRule: '', updateRule: '',
      fields: [{ name: 'batch', type: 'text' }, { name: 'n', type: 'number' }],
    });
    counters = [];
    for (let i = 0; i < clients; i++) counters.push((await root.collection('marks').create({ batch: 'counter', n: 0 })).id);
    done = Promise.all(counters.map((_, number) => run(number)));
    await until('the load to run', () => acknowledged.length > 20, 60_000);
  });
  after(() => server?.close());

  it(`${kills} times: no client sees an error`, async () => {
    for (let n = 0; n < kills; n++) {
      const { pid } = server.writer();
      process.kill(pid, 'SIGKILL');
      await server.writerAfter(pid, 30_000);
      const reached = acknowledged.length;
      await until('new acknowledged batches', () => acknowledged.length > reached + 10, 30_000);
      await sleep(random() * 150);
    }
    running = false;
    await done;
    assert.deepEqual(errors, []);
  });

  it('every batch is there as a whole or not at all, and every counter stands where it was raised to', (t) => {
    const file = `${server.dir}/data.db`;
    const stored = new Map(query(file, 'SELECT batch, COUNT(*) AS count FROM marks GROUP BY batch').map((row) => [row.batch, row.count]));
    stored.delete('counter');
    assert.deepEqual([...stored].filter(([, count]) => count !== perBatch), []);
    assert.deepEqual([...stored.keys()].sort(), acknowledged.map(({ batch }) => batch).sort());
    const raised = counters.map((_, number) => acknowledged.reduce((sum, one) => sum + (one.number === number ? one.raises : 0), 0));
    const values = new Map(query(file, "SELECT id, n FROM marks WHERE batch = 'counter'").map((row) => [row.id, row.n]));
    assert.deepEqual(counters.map((id) => values.get(id)), raised);
    t.diagnostic(`NOTE ${acknowledged.length} acknowledged batches survived ${kills} kills`);
  });
});
