// The data directory is the reference's: either program opens what the other wrote. Numbers (A1, B5, ...) are those of the
// specification's list of checks.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { binary, command, isReference, Server, superuser, temporaryDirectory, until } from './lib/server.mjs';
import {
  assertSound, auxiliary, copyOf, data, errorsLogged, fixture, indexesOutOfStep, nextReference, reference, snapshot, systemMigrations,
} from './lib/datadir.mjs';
import { column, execute, query } from './lib/sqlite.mjs';

const noReference = !reference && 'the reference program is not there';
const noFixture = !fixture && 'the fixture is not there';

const homes = [];
function home() {
  homes.push(temporaryDirectory());
  return homes.at(-1);
}
after(() => homes.forEach((one) => fs.rmSync(one, { recursive: true, force: true })));

// Runs a server on a directory for as long as `use` takes.
async function serving(dir, use, options = {}) {
  const server = await Server.start({ dir, superuser: false, workers: 2, ...options });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

const idle = async (server) => server.healthy();

// The reference adds its installer's superuser after it has started to listen; Wombat adds none.
async function fresh(options = {}) {
  const dir = path.join(home(), 'pb_data');
  const superusers = () => column(data(dir), 'SELECT count(*) FROM _superusers')[0];
  const complete = isReference || options.program ? () => superusers() === 1 : () => true;
  await serving(dir, () => until('the installer superuser', complete), options);
  return dir;
}

async function signIn(server, email, password, collection = '_superusers') {
  const client = server.client();
  await client.collection(collection).authWithPassword(email, password);
  return client;
}

const get = async (client, url) => client.send(url, {});

describe('a fresh directory', () => {
  let dir;
  before(async () => {
    dir = await fresh();
  });

  it('A1 is sound, in WAL mode and closed cleanly', () => {
    assert.equal(fs.existsSync(`${data(dir)}-wal`), false);
    assertSound(dir);
  });

  it('A2 records the system migrations in their order, in microseconds', () => {
    assert.deepEqual(column(data(dir), 'SELECT file FROM _migrations ORDER BY applied'), systemMigrations);
    assert.ok(column(data(dir), 'SELECT min(applied) FROM _migrations')[0] > 1.6e15);
  });

  it('A3 A4 has the tables and indexes of the reference and no others', () => {
    const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1";
    assert.deepEqual(column(data(dir), tables),
      ['_authOrigins', '_collections', '_externalAuths', '_mfas', '_migrations', '_otps', '_params', '_superusers', 'users']);
    assert.equal(column(data(dir), "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")[0], 10);
  });

  it('A5 has the log table in the auxiliary database and nothing else', () => {
    const names = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
    assert.deepEqual(column(auxiliary(dir), names), ['_logs', 'idx_logs_created_hour', 'idx_logs_level', 'idx_logs_message']);
  });

  it('A6 A7 A8 has the system collections with their fields and rules', () => {
    const rows = query(data(dir), 'SELECT name, id, type, system, length(fields) AS length FROM _collections ORDER BY rowid');
    assert.deepEqual(rows.map((row) => [row.name, row.id, row.type, row.system, row.length]), [
      ['_mfas', 'pbc_2279338944', 'base', 1, 1126], ['_otps', 'pbc_1638494021', 'base', 1, 1301],
      ['_externalAuths', 'pbc_2281828961', 'base', 1, 1334], ['_authOrigins', 'pbc_4275539003', 'base', 1, 1131],
      ['_superusers', 'pbc_3142635823', 'auth', 1, 1347], ['users', '_pb_users_auth_', 'auth', 0, 1821],
    ]);
    const rules = (name) => query(data(dir), `SELECT listRule, createRule FROM _collections WHERE name = '${name}'`)[0];
    assert.deepEqual(rules('users'), { listRule: 'id = @request.auth.id', createRule: '' });
    assert.deepEqual(rules('_superusers'), { listRule: null, createRule: null });
  });

  it('A9 has the default settings as a blob', () => {
    const [row] = query(data(dir), "SELECT id, typeof(value) AS type, length(value) AS length, json_extract(CAST(value AS TEXT), '$.meta.appName') AS name FROM _params");
    assert.deepEqual(row, { id: 'settings', type: 'blob', length: 1056, name: 'Acme' });
  });

  it('A10 has ten token secrets of fifty characters, all different', () => {
    const secrets = column(data(dir), `SELECT json_extract(c.options, '$.' || t.value || '.secret') FROM _collections c,
      json_each('["authToken","passwordResetToken","emailChangeToken","verificationToken","fileToken"]') t WHERE c.type = 'auth'`);
    assert.equal(secrets.length, 10);
    assert.ok(secrets.every((secret) => /^[A-Za-z0-9]{50}$/.test(secret)));
    assert.equal(new Set(secrets).size, 10);
  });

  it('A11 A12 has the columns of the reference', () => {
    assert.equal(column(data(dir), "SELECT dflt_value FROM pragma_table_info('users') WHERE name = 'id'")[0], "'r'||lower(hex(randomblob(7)))");
    assert.deepEqual(column(data(dir), "SELECT name FROM pragma_table_info('_otps') ORDER BY cid"),
      ['collectionRef', 'created', 'id', 'password', 'recordRef', 'sentTo', 'updated']);
  });

  it('A13 allows many empty addresses but each token key once', () => {
    const copy = copyOf(dir, home());
    execute(data(copy), "INSERT INTO users (email, password, tokenKey) VALUES ('', 'x', 'k1'), ('', 'x', 'k2')");
    assert.throws(() => execute(data(copy), "INSERT INTO users (email, password, tokenKey) VALUES ('a@b.co', 'x', 'k1')"), /UNIQUE/);
  });

  it('A14 A15 A16 is opened by the reference, which changes nothing in it', { skip: noReference }, async () => {
    const copy = copyOf(dir, home());
    const was = snapshot(copy);
    const output = await serving(copy, async (server) => (await idle(server), server), { program: reference });
    assert.deepEqual(snapshot(copy), was);
    assert.deepEqual(errorsLogged(copy), []);
    assert.doesNotMatch(output.output, /error|fail/i);
  });

  it('A17 takes a superuser that the reference made, and the installer goes', { skip: noReference }, async () => {
    const copy = copyOf(dir, home());
    assert.equal(command(copy, ['superuser', 'upsert', 'a@b.co', '1234567890'], { program: reference }).status, 0);
    await serving(copy, (server) => signIn(server, 'a@b.co', '1234567890'));
    assert.deepEqual(column(data(copy), 'SELECT email FROM _superusers'), ['a@b.co']);
  });

  it('A18 hands superusers and tokens on to the reference and back', { skip: noReference }, async () => {
    const copy = copyOf(dir, home());
    assert.equal(command(copy, ['superuser', 'upsert', 'a@b.co', '1234567890']).status, 0);
    const ours = await serving(copy, async (server) => (await signIn(server, 'a@b.co', '1234567890')).authStore.token);
    const theirs = await serving(copy, async (server) => {
      const client = server.client();
      client.authStore.save(ours, null);
      await client.collection('_superusers').authRefresh();
      return (await signIn(server, 'a@b.co', '1234567890')).authStore.token;
    }, { program: reference });
    await serving(copy, async (server) => {
      const client = server.client();
      client.authStore.save(theirs, null);
      await client.collection('_superusers').authRefresh();
    });
  });

  for (const [name, program, missing] of [['itself', undefined, false], ['the reference', reference, noReference]]) {
    it(`A19 gets its auxiliary database back from ${name} after somebody deleted it`, { skip: missing }, async () => {
      const copy = copyOf(dir, home());
      for (const suffix of ['', '-wal', '-shm']) fs.rmSync(auxiliary(copy) + suffix, { force: true });
      await serving(copy, idle, program ? { program } : {});
      assert.equal(column(auxiliary(copy), "SELECT count(*) FROM sqlite_master WHERE name = '_logs'")[0], 1);
      const files = column(data(copy), 'SELECT file FROM _migrations ORDER BY applied');
      assert.equal(files.length, 8);
      assert.equal(files.at(-1), '1640988000_aux_init.go');
    });
  }

  it('A20 with settings that the reference encrypted opens with the key and with nothing else', { skip: noReference }, async () => {
    const copy = copyOf(dir, home());
    const args = ['--encryptionEnv=PB_K'];
    const env = { PB_K: 'abcdabcdabcdabcdabcdabcdabcdabcd' };
    assert.equal(command(copy, ['superuser', 'upsert', superuser.email, superuser.password]).status, 0);
    await serving(copy, async (server) => (await server.superuserClient()).settings.update({ meta: { appName: 'Sealed' } }), { args, env, program: reference });
    const was = snapshot(copy);
    assert.equal(column(data(copy), 'SELECT typeof(value) FROM _params')[0], 'text');
    await serving(copy, (server) => server.superuserClient(), { args, env });
    assert.deepEqual(snapshot(copy).params, was.params);
    await assert.rejects(serving(copy, idle, { args }), /invalid settings db data or missing encryption key "PB_K"/);
    await assert.rejects(serving(copy, idle, { args, env: { PB_K: 'another key of thirty-two bytes!' } }), /cipher: message authentication failed/);
  });
});

describe('a directory that the reference made', { skip: noReference }, () => {
  it('B1 is not changed by a start', async () => {
    const dir = await fresh({ program: reference });
    const was = snapshot(dir);
    await serving(dir, idle);
    assert.deepEqual(snapshot(dir), was);
    assertSound(dir);
  });

  it('B18 with an unknown field type is refused', async () => {
    const dir = await fresh({ program: reference });
    execute(data(dir), "UPDATE _collections SET fields = replace(fields, '\"type\":\"file\"', '\"type\":\"foo\"') WHERE name = 'users'");
    await assert.rejects(serving(dir, idle), /missing or unknown field type in/);
  });

  it('B20 gets collection and field ids as the reference gives them', async () => {
    const dir = await fresh({ program: reference });
    command(dir, ['superuser', 'upsert', superuser.email, superuser.password]);
    await serving(dir, async (server) => {
      const root = await server.superuserClient();
      const made = await root.collections.create({ name: 'demo', type: 'base', fields: [{ name: 'title', type: 'text' }] });
      assert.equal(made.id, 'pbc_4048533520');
      assert.equal(made.fields.find((field) => field.name === 'title').id, 'text724990059');
    });
  });
});

describe('a directory of the release after the reference', { skip: !nextReference && 'that release is not there' }, () => {
  it('opens, keeps its records and can be opened there again', async () => {
    const dir = path.join(home(), 'pb_data');
    const made = await serving(dir, async (server) => {
      const root = await server.superuserClient();
      await root.collections.create({ name: 'demo', type: 'base', listRule: '', fields: [{ name: 'title', type: 'text' }] });
      return root.collection('demo').create({ title: 'from there' });
    }, { program: nextReference, superuser: true });
    await serving(dir, async (server) => {
      const root = await server.superuserClient();
      assert.equal((await root.collection('demo').getOne(made.id)).title, 'from there');
      await root.collection('demo').create({ title: 'from here' });
    });
    await serving(dir, async (server) => {
      const titles = (await server.client().collection('demo').getFullList({ sort: 'title' })).map((record) => record.title);
      assert.deepEqual(titles, ['from here', 'from there']);
    }, { program: nextReference });
  });
});

describe('a directory that went through many versions', { skip: noFixture }, () => {
  let dir, server, root;

  before(async () => {
    dir = copyOf(fixture, home());
    assert.deepEqual(indexesOutOfStep(dir), []);
    server = await Server.start({ dir, superuser: false, workers: 2 });
    root = await signIn(server, 'test@example.com', '1234567890');
  });
  after(() => server?.stop());

  it('B2 shows its collections', async () => {
    const list = await get(root, '/api/collections?perPage=100');
    assert.equal(list.totalItems, 16);
    const types = list.items.map((collection) => collection.type).sort().join();
    assert.equal(types, `${'auth,'.repeat(4)}${'base,'.repeat(9)}view,view,view`);
  });

  it('B3 keeps the names of old migrations', () => {
    assert.equal(column(data(dir), 'SELECT count(*) FROM _migrations')[0], 77);
  });

  it('B4 keeps its settings', () => {
    assert.equal(column(data(dir), 'SELECT typeof(value) FROM _params')[0], 'blob');
    assert.equal(column(data(dir), "SELECT json_extract(CAST(value AS TEXT), '$.meta.appName') FROM _params")[0], 'acme_test');
  });

  it('B5 B6 reads old cells', async () => {
    const one = await root.collection('demo1').getOne('84nmscqy84lsi1t');
    assert.deepEqual([one.number, one.bool, one.json, one.point, one.file_many.length, one.rel_many],
      [123456, true, [1, 2, 3], { lon: 0, lat: 0 }, 5, ['oap640cot4yru2s']]);
    const two = await root.collection('demo1').getOne('al1h9ijdeojtsjy');
    assert.deepEqual([two.json, two.datetime, two.point], [null, '', { lon: 23.333157, lat: 42.654318 }]);
  });

  it('B7 lists in order', async () => {
    const list = await root.collection('demo2').getList(1, 30, { sort: 'id' });
    assert.deepEqual(list.items.map((record) => [record.id, record.title, record.active]),
      [['0yxhwia2amd8gec', 'test3', true], ['achvryl401bhse3', 'test2', true], ['llvuca81nly1qls', 'test1', false]]);
  });

  it('B8 B9 shows views', async () => {
    const numeric = await root.collection('numeric_id_view').getList();
    assert.deepEqual(numeric.items.map((record) => record.id).sort(), ['1', '2']);
    const view = await root.collection('view2').getOne('84nmscqy84lsi1t');
    assert.deepEqual([view.state, view.file_many.length], [true, 5]);
  });

  it('B10 verifies old password hashes', async () => {
    await signIn(server, 'test@example.com', '1234567890', 'clients');
  });

  it('B12 keeps its indexes in step', () => {
    assert.deepEqual(indexesOutOfStep(dir), []);
  });

  it('B13 writes logs beside old columns', async () => {
    await server.client().collection('nowhere').getList().catch(() => {});
    const stored = await until('a log entry', () => column(auxiliary(dir), "SELECT data FROM _logs WHERE data LIKE '%nowhere%'")[0]);
    const keys = Object.keys(JSON.parse(stored));
    assert.ok(keys.length > 5);
    assert.deepEqual(keys, [...keys].sort());
  });

  it('is opened by the reference afterwards', { skip: noReference }, async () => {
    await server.stop();
    assertSound(dir);
    const was = errorsLogged(dir);
    await serving(dir, async (other) => {
      const client = await signIn(other, 'test@example.com', '1234567890');
      assert.equal((await client.collection('demo2').getList()).totalItems, 3);
    }, { program: reference });
    assert.deepEqual(errorsLogged(dir), was);
    assert.equal(column(data(dir), 'SELECT count(*) FROM _migrations')[0], 77);
  });
});

describe('a directory from before some migrations', { skip: noFixture }, () => {
  const collection = (dir, name) => query(data(dir), `SELECT * FROM _collections WHERE name = '${name}'`)[0];

  it('B14 gets indexes that somebody made by hand into its collections', async () => {
    const dir = copyOf(fixture, home());
    execute(data(dir), "DELETE FROM _migrations WHERE file = '1778828400_normalize_indexes.go'; CREATE INDEX x_ext ON demo2 (title);");
    await serving(dir, idle);
    assert.equal(column(data(dir), "SELECT count(*) FROM _migrations WHERE file = '1778828400_normalize_indexes.go'")[0], 1);
    assert.ok(JSON.parse(collection(dir, 'demo2').indexes).some((index) => /x_ext/.test(index)));
    assert.deepEqual(indexesOutOfStep(dir), []);
  });

  it('B17 opens without the keys that came later', async () => {
    const dir = copyOf(fixture, home());
    execute(data(dir), `UPDATE _collections SET fields = replace(fields, '"help":"",', '');
      UPDATE _params SET value = CAST(json_remove(CAST(value AS TEXT), '$.superuserIPs', '$.meta.accentColor') AS BLOB);`);
    await serving(dir, async (server) => {
      const root = await signIn(server, 'test@example.com', '1234567890');
      const demo = await root.collections.getOne('demo1');
      assert.ok(demo.fields.every((field) => field.type === 'autodate' || field.help === ''));
    });
  });

  it('B16 from before 0.23 is refused and left untouched', { skip: isReference && 'the reference upgrades it' }, async () => {
    const dir = path.join(home(), 'pb_data');
    fs.mkdirSync(dir);
    execute(data(dir), `CREATE TABLE _migrations (file VARCHAR(255) PRIMARY KEY NOT NULL, applied INTEGER NOT NULL);
      CREATE TABLE _admins (id TEXT PRIMARY KEY, email TEXT);
      CREATE TABLE _collections (id TEXT PRIMARY KEY, name TEXT, schema JSON);`);
    const hash = () => createHash('sha256').update(fs.readFileSync(data(dir))).digest('hex');
    const was = hash();
    const done = spawnSync(binary, ['serve', '--http', '127.0.0.1:0', '--dir', dir], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(done.status, 1, done.stderr);
    assert.match(done.stderr, /the data directory was created by PocketBase < v0\.23; start it once with a PocketBase v0\.23\.\.v0\.39 executable to upgrade it and then try again/);
    assert.equal(hash(), was);
    assert.deepEqual(fs.readdirSync(dir).filter((name) => /-wal|-journal|auxiliary/.test(name)), []);
  });
});
