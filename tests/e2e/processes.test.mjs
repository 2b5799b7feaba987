// The processes of a server as an operator sees them: titles, signals, respawn, commands beside a running server.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { binary, command, isReference, Server, sleep, superuser, until, withServer } from './lib/server.mjs';
import { alive, title } from './lib/processes.mjs';
import { column } from './lib/sqlite.mjs';
import { Wire } from './lib/wire.mjs';

describe('the processes', { skip: isReference && 'the reference is one process' }, () => {
  let server, root;

  before(async () => {
    server = await Server.start({ workers: 3 });
    root = await server.superuserClient();
    await root.collections.create({ name: 'things', type: 'base', listRule: '', viewRule: '', createRule: '', fields: [{ name: 'x', type: 'text' }] });
  });
  after(() => server?.close());

  it('are one supervisor, one writer and the workers asked for, and say so in their titles', () => {
    const roles = server.children().map((child) => child.role).sort();
    assert.deepEqual(roles, ['worker', 'worker', 'worker', 'writer']);
    const indexes = server.children().filter((child) => child.role === 'worker').map((child) => child.index).sort();
    assert.deepEqual(indexes, [1, 2, 3]);
    for (const child of server.children()) assert.match(child.title, /wombat/);
    assert.match(title(server.pid), /wombat/);
  });

  it('come back when they are killed, and the others serve on', async () => {
    for (const role of ['worker', 'writer']) {
      const before = server.children();
      const victim = before.find((child) => child.role === role);
      process.kill(victim.pid, 'SIGKILL');
      await until(`a new ${role}`, () => {
        const now = server.children();
        return now.length === before.length && !now.some((child) => child.pid === victim.pid) && now.every((child) => child.role);
      });
      const kept = before.filter((child) => child.pid !== victim.pid).map((child) => child.pid);
      const now = server.children().map((child) => child.pid);
      assert.ok(kept.every((pid) => now.includes(pid)), `the death of a ${role} took others with it`);
      const record = await until('a write to work', () => root.collection('things').create({ x: role }).catch(() => null));
      assert.equal((await root.collection('things').getOne(record.id)).x, role);
    }
  });

  it('let a write wait for the next writer instead of failing', async () => {
    const wire = await Wire.open(server.port);
    await wire.request('GET', '/api/health');
    process.kill(server.writer().pid, 'SIGKILL');
    const answer = await wire.request('POST', '/api/collections/things/records', { body: { x: 'while the writer was dead' } });
    assert.equal(answer.status, 200, answer.text);
    wire.close();
  });

  it('take a command for the same directory while they serve', async () => {
    const made = command(server.dir, ['superuser', 'upsert', 'second@example.com', 'another password']);
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /Successfully saved superuser "second@example\.com"!/);
    const client = server.client();
    await client.collection('_superusers').authWithPassword('second@example.com', 'another password');
    assert.ok((await client.collections.getFullList()).length > 5);

    const changed = command(server.dir, ['superuser', 'update', 'second@example.com', 'a third password']);
    assert.equal(changed.status, 0, changed.stderr);
    await assert.rejects(client.collection('_superusers').authRefresh(), (error) => error.status === 401);
    await client.collection('_superusers').authWithPassword('second@example.com', 'a third password');

    const removed = command(server.dir, ['superuser', 'delete', 'second@example.com']);
    assert.equal(removed.status, 0, removed.stderr);
    await assert.rejects(client.collection('_superusers').authRefresh(), (error) => error.status === 401);
  });

  it('report a command that fails by its exit status', () => {
    const bad = command(server.dir, ['superuser', 'upsert', 'not an address', 'another password']);
    assert.notEqual(bad.status, 0);
    assert.match(bad.stderr, /missing or invalid email address/);
  });

  it('keep a second server from the same directory and say who holds it', async () => {
    const second = spawnSync(binary, ['serve', '--http', '127.0.0.1:0', '--dir', server.dir, '--workers', '1'], { encoding: 'utf8', timeout: 20_000 });
    assert.notEqual(second.status, 0);
    assert.notEqual(second.status, null, 'the second server kept running');
    assert.match(second.stderr + second.stdout, new RegExp(`\\b${server.pid}\\b|${server.dir}`));
    assert.equal(await server.healthy(), true);
  });
});

describe('SIGTERM', { skip: isReference && 'the reference is one process' }, () => {
  it('ends every process, answers what is in flight and leaves closed databases', async () => {
    await withServer({ workers: 2 }, async (server) => {
      const root = await server.superuserClient();
      await root.collections.create({ name: 'things', type: 'base', createRule: '', fields: [{ name: 'x', type: 'text' }] });
      const wires = await Promise.all(Array.from({ length: 16 }, () => Wire.open(server.port)));
      const body = { x: 'y'.repeat(100) };
      let running = true;
      const acknowledged = [];
      const broken = [];
      const load = wires.map(async (wire) => {
        while (running && wire.open) {
          try {
            const answer = await wire.request('POST', '/api/collections/things/records', { body });
            if (answer.status === 200) acknowledged.push(answer.json.id);
            else broken.push(answer.status);
          } catch {
            return;
          }
        }
      });
      await sleep(500);
      const pids = [server.pid, ...server.children().map((child) => child.pid)];
      const started = Date.now();
      const ended = await server.stop();
      running = false;
      await Promise.all(load);
      wires.forEach((wire) => wire.close());

      assert.deepEqual(ended, { code: 0, signal: null });
      assert.ok(Date.now() - started < 5000, 'the drain took too long');
      assert.deepEqual(pids.filter(alive), []);
      assert.ok(acknowledged.length > 0);
      assert.ok(broken.every((status) => status === 503), `answers while draining: ${broken}`);
      assert.equal(fs.existsSync(`${server.dir}/data.db-wal`), false, 'the write-ahead log is left over');
      const stored = new Set(column(`${server.dir}/data.db`, 'SELECT id FROM things'));
      assert.deepEqual(acknowledged.filter((id) => !stored.has(id)), []);
      assert.deepEqual(column(`${server.dir}/data.db`, 'PRAGMA integrity_check'), ['ok']);
    });
  });

  it('lets an idle server stop at once, with connections open', async () => {
    await withServer({ workers: 2 }, async (server) => {
      const idle = await Promise.all(Array.from({ length: 20 }, () => Wire.open(server.port)));
      await Promise.all(idle.map((wire) => wire.request('GET', '/api/health')));
      const started = Date.now();
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      assert.ok(Date.now() - started < 3000, `it took ${Date.now() - started} ms`);
      for (const wire of idle) assert.equal(await wire.closed(1000), true);
    });
  });
});

describe('the death of the supervisor', { skip: isReference && 'the reference is one process' }, () => {
  it('ends its children, so that a new server can take the directory', async () => {
    const server = await Server.start({ workers: 2 });
    try {
      const orphans = server.children().map((child) => child.pid);
      process.kill(server.pid, 'SIGKILL');
      await until('the children to end', () => !orphans.some(alive), 15_000);
      await server.launch();
      await server.superuserClient();
    } finally {
      await server.close();
    }
  });
});

describe('the command line', () => {
  it('makes a superuser without a server, who can sign in afterwards', async () => {
    await withServer({ superuser: false }, async (server) => {
      await server.stop();
      const made = command(server.dir, ['superuser', 'create', superuser.email, superuser.password]);
      assert.equal(made.status, 0, made.stderr);
      await server.launch();
      const client = await server.superuserClient();
      assert.equal(client.authStore.record.email, superuser.email);
    });
  });

  it('prints its version and its help without touching anything', () => {
    for (const words of [['--help'], ['serve', '--help'], ['--version']]) {
      const done = spawnSync(binary, words, { encoding: 'utf8', timeout: 20_000, cwd: '/' });
      assert.equal(done.status, 0);
      assert.ok(done.stdout.length > 5);
    }
  });
});
