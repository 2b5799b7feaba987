// Processes are killed under load: nothing acknowledged is lost, nothing is applied twice, and who was not connected to a
// killed worker notices nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { reference } from '../e2e/lib/datadir.mjs';
import { Server, sleep, until } from '../e2e/lib/server.mjs';
import { column, query } from '../e2e/lib/sqlite.mjs';
import { Load } from './lib/load.mjs';
import { seeded } from './lib/powercut.mjs';

const kills = Number(process.env.CHAOS_KILLS ?? 20);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1e9);

describe(`killed under load (seed ${seed})`, () => {
  const random = seeded(seed);
  let server, load;

  before(async () => {
    server = await Server.start({ workers: 3 });
    const root = await server.superuserClient();
    await root.collections.create({
      name: 'marks', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '',
      fields: [{ name: 'x', type: 'text' }, { name: 'n', type: 'number' }],
    });
    load = new Load(server, 'marks', { trackOwners: true });
    await load.makeCounters();
    load.start();
    await until('the load to run', () => load.acknowledged.length > 100, 60_000);
  });
  after(() => server?.close());

  // Kills one process of the role and waits until its successor has taken part in the work.
  async function kill(role) {
    const candidates = server.children().filter((child) => child.role === role);
    const victim = candidates[Math.floor(random() * candidates.length)];
    if (role === 'worker') load.killed.add(victim.pid);
    process.kill(victim.pid, 'SIGKILL');
    await until(`the next ${role}`, () => {
      const now = server.children().filter((child) => child.role === role);
      return now.length === candidates.length && now.every((child) => child.pid !== victim.pid);
    }, 30_000);
    const reached = load.acknowledged.length;
    await until('new acknowledged records', () => load.acknowledged.length > reached + 50, 30_000);
    await sleep(random() * 150);
  }

  it(`the writer ${kills} times: no client sees an error`, async () => {
    for (let n = 0; n < kills; n++) await kill('writer');
    assert.deepEqual(load.errors, []);
  });

  it(`a worker ${kills} times: only its own clients lose their connections`, async () => {
    for (let n = 0; n < kills; n++) await kill('worker');
    assert.deepEqual(load.errors, []);
  });

  it('both at once', async () => {
    for (let n = 0; n < 3; n++) {
      const [worker] = server.workerPids();
      load.killed.add(worker);
      process.kill(worker, 'SIGKILL');
      await kill('writer');
      await until('all workers', () => server.workerPids().length === 3, 30_000);
    }
    assert.deepEqual(load.errors, []);
  });

  it('every acknowledged record is there once, every raised counter stands where it was raised to', async (t) => {
    await load.finish();
    assert.deepEqual(load.errors, []);
    const stored = column(`${server.dir}/data.db`, 'SELECT id FROM marks');
    const set = new Set(stored);
    assert.equal(set.size, stored.length);
    assert.deepEqual(load.acknowledged.filter((id) => !set.has(id)), []);
    assert.equal(new Set(load.acknowledged).size, load.acknowledged.length);

    const counters = new Map(query(`${server.dir}/data.db`, "SELECT id, n FROM marks WHERE x = 'counter'").map((row) => [row.id, row.n]));
    for (const client of load.clients) {
      const n = counters.get(client.counter);
      assert.ok(n >= client.raised && n <= client.raised + client.unknown, `${n} for ${client.raised} (and perhaps ${client.unknown}) raises`);
    }
    t.diagnostic(`NOTE ${load.acknowledged.length} acknowledged records survived ${2 * kills + 6} kills`);
  });

  it('leaves sound databases, which the reference opens', async (t) => {
    await server.stop();
    for (const file of ['data.db', 'auxiliary.db']) assert.deepEqual(column(`${server.dir}/${file}`, 'PRAGMA integrity_check'), ['ok']);
    if (!reference) return t.diagnostic('NOTE the reference program is not there: it did not open the directory');
    const other = await Server.start({ dir: server.dir, program: reference, superuser: false });
    try {
      const list = await other.client().collection('marks').getList(1, 1, { filter: 'x != "counter"' });
      assert.equal(list.totalItems, load.acknowledged.length);
    } finally {
      await other.stop();
    }
  });
});
