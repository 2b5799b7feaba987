// The power goes under load: what was acknowledged is on the disk.
import assert from 'node:assert/strict';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { Server, sleep, until } from '../e2e/lib/server.mjs';
import { column } from '../e2e/lib/sqlite.mjs';
import { Load } from './lib/load.mjs';
import { cutPower, seeded } from './lib/powercut.mjs';

const cuts = Number(process.env.CHAOS_CUTS ?? 50);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1e9);
const program = process.env.WOMBAT_POWERCUT ??
  fileURLToPath(new URL('../../build-tests/tests/chaos/wombat_powercut', import.meta.url));

async function start(env) {
  const server = await Server.start({ program, isWombat: true, workers: 2, superuser: false });
  // The collection is made on an honest disk and closed cleanly; only then may the disk begin to lie.
  try {
    server.makeSuperuser();
    const root = await server.superuserClient();
    await root.collections.create({
      name: 'marks', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '',
      fields: [{ name: 'x', type: 'text', max: 100_000 }, { name: 'n', type: 'number' }],
    });
    server.env = env;
    await server.restart();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

// Runs the load for a moment, cuts the power, starts again: the acknowledged records that are missing, and what was lost
// beneath SQLite.
async function cutOnce(server, generation, mode, random, acknowledged) {
  const load = new Load(server, 'marks', { generation });
  load.start();
  await until('some acknowledged records', () => load.acknowledged.length > 0, 30_000).catch((error) => {
    load.abandon();
    throw new Error(`${error.message} after cut ${generation}: ${load.errors.slice(0, 3).join('; ')}\n${server.output}`);
  });
  await sleep(30 + random() * 250);
  load.abandon();
  await server.killAll();
  await load.done;
  acknowledged.push(...load.acknowledged);
  const lost = cutPower(server.dir, mode, random);
  await server.launch();
  const stored = new Set(column(path.join(server.dir, 'data.db'), 'SELECT id FROM marks'));
  return { errors: load.errors, lost, missing: acknowledged.filter((id) => !stored.has(id)) };
}

const assertSound = (server) => {
  for (const file of ['data.db', 'auxiliary.db']) {
    assert.deepEqual(column(path.join(server.dir, file), 'PRAGMA integrity_check'), ['ok'], file);
  }
};

describe(`power cuts under load (seed ${seed})`, () => {
  it(`${cuts} of them lose nothing that was acknowledged`, async (t) => {
    const random = seeded(seed);
    const server = await start({});
    const acknowledged = [];
    let lostBytes = 0;
    try {
      for (let n = 0; n < cuts; n++) {
        const mode = n % 2 ? 'some' : 'all';
        const { errors, lost, missing } = await cutOnce(server, n, mode, random, acknowledged);
        assert.deepEqual(errors, []);
        assert.deepEqual(missing, [], `cut ${n} (${mode} of the unsynced writes lost) of seed ${seed}`);
        assertSound(server);
        lostBytes += lost;
      }
    } finally {
      await server.close();
    }
    assert.ok(lostBytes > 0, 'no cut ever lost a byte: the test did not test anything');
    t.diagnostic(`NOTE ${acknowledged.length} acknowledged records survived ${cuts} power cuts`);
  });

  it('on a disk that does not sync do lose acknowledged records: the test would notice', async (t) => {
    const random = seeded(seed + 1);
    const server = await start({ WOMBAT_TEST_NO_SYNC: '1' });
    const acknowledged = [];
    let missing = [];
    try {
      for (let n = 0; n < 5 && missing.length === 0; n++) missing = (await cutOnce(server, n, 'all', random, acknowledged)).missing;
    } finally {
      await server.close();
    }
    assert.ok(missing.length > 0, 'everything survived without a single sync');
    t.diagnostic(`NOTE ${missing.length} of ${acknowledged.length} records were lost without syncs`);
  });
});
