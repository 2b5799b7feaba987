// Settings and rate limits are the whole server's, whichever worker is asked.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { command, isReference, Server, until } from './lib/server.mjs';

const rounds = Number(process.env.E2E_SETTINGS_ROUNDS ?? 100);

// Of `requests` spread over all connections: how many were let through, and how many were refused with 429.
async function hammer(wires, requests, path) {
  const counts = { 200: 0, 429: 0 };
  await Promise.all(wires.map(async (wire, index) => {
    for (let i = index; i < requests; i += wires.length) {
      const answer = await wire.request('GET', path);
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    }
  }));
  return counts;
}

for (const workers of [2, 4, 8]) {
  describe(`settings with ${workers} workers`, { skip: isReference && 'the reference has no workers' }, () => {
    let server, root, token, wires;
    const change = (settings) => root.send('/api/settings', { method: 'PATCH', body: settings });

    before(async () => {
      server = await Server.start({ workers });
      root = await server.superuserClient();
      token = root.authStore.token;
      wires = [...(await server.wires(2)).values()].flat();
    });
    after(async () => {
      wires?.forEach((wire) => wire.close());
      await server?.close();
    });

    it(`are in force everywhere before a change is answered (${rounds} rounds)`, async () => {
      for (let n = 0; n < rounds; n++) {
        const name = `round ${n}`;
        const changed = await wires[n % wires.length].request('PATCH', '/api/settings', { token, body: { meta: { appName: name } } });
        assert.equal(changed.status, 200, changed.text);
        const read = await Promise.all(wires.map((wire) => wire.request('GET', '/api/settings?fields=meta.appName', { token })));
        assert.deepEqual(new Set(read.map((answer) => answer.json.meta.appName)), new Set([name]));
      }
    });

    it('lose no change of a section to a change of another', async () => {
      const sections = [(n) => ({ meta: { appName: `name ${n}` } }), (n) => ({ logs: { maxDays: n } }), (n) => ({ batch: { timeout: n } }),
        (n) => ({ backups: { cronMaxKeep: n } })];
      for (let n = 1; n <= 10; n++) {
        await Promise.all(sections.map((section, index) => wires[index % wires.length].request('PATCH', '/api/settings', { token, body: section(n) })));
        const now = await root.send('/api/settings', {});
        assert.deepEqual([now.meta.appName, now.logs.maxDays, now.batch.timeout, now.backups.cronMaxKeep], [`name ${n}`, n, n, n]);
      }
    });

    it('let exactly as many requests through as a rate limit says', async () => {
      for (const limit of [1, 7, 100]) {
        await change({ rateLimits: { enabled: true, rules: [{ label: '/api/health', audience: '', maxRequests: limit, duration: 3600 }] } });
        assert.deepEqual(await hammer(wires, limit + 60, '/api/health'), { 200: limit, 429: 60 });
      }
    });

    it('count anew after every change, and each path under a rule together', async () => {
      const rules = [{ label: '/api/', audience: '@guest', maxRequests: 20, duration: 3600 }];
      await change({ rateLimits: { enabled: true, rules } });
      assert.deepEqual(await hammer(wires, 15, '/api/health'), { 200: 15, 429: 0 });
      const paths = await Promise.all(wires.map((wire) => wire.request('GET', '/api/nothing')));
      assert.equal(paths.filter((answer) => answer.status === 404).length, Math.min(5, wires.length));
      await change({});
      assert.deepEqual(await hammer(wires, 25, '/api/health'), { 200: 20, 429: 5 });
      await change({ rateLimits: { enabled: false } });
      assert.deepEqual(await hammer(wires, 25, '/api/health'), { 200: 25, 429: 0 });
    });

    it('admit superusers again after the command says so', async () => {
      await change({ superuserIPs: ['203.0.113.1'] });
      const locked = await Promise.all(wires.map((wire) => wire.request('GET', '/api/settings', { token })));
      assert.deepEqual(new Set(locked.map((answer) => answer.status)), new Set([403]));
      const freed = command(server.dir, ['superuser', 'ips']);
      assert.equal(freed.status, 0, freed.stderr);
      const read = await Promise.all(wires.map((wire) => wire.request('GET', '/api/settings', { token })));
      assert.deepEqual(new Set(read.map((answer) => answer.status)), new Set([200]));
    });

    it('keep their counts when the writer is killed', async () => {
      await change({ rateLimits: { enabled: true, rules: [{ label: '/api/health', audience: '', maxRequests: 30, duration: 3600 }] } });
      assert.deepEqual(await hammer(wires, 10, '/api/health'), { 200: 10, 429: 0 });
      const killed = server.writer().pid;
      process.kill(killed, 'SIGKILL');
      await server.writerAfter(killed, 30_000);
      await root.collection('users').create({ email: `after${workers}@example.com`, password: '1234567890', passwordConfirm: '1234567890' });
      assert.deepEqual(await hammer(wires, 30, '/api/health'), { 200: 20, 429: 10 });
      await change({ rateLimits: { enabled: false } });
    });
  });
}
