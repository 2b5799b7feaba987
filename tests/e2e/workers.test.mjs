// Several workers must look like one server: what one of them has acknowledged, every other one knows.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isReference, sanitized, Server } from './lib/server.mjs';

const rounds = Number(process.env.E2E_ROUNDS ?? (sanitized ? 500 : 10_000));
const ruleRounds = Number(process.env.E2E_RULE_ROUNDS ?? (sanitized ? 30 : 300));
const workers = 4;

describe('several workers', { skip: isReference && 'the reference has no workers' }, () => {
  let server, root, token, wires;

  before(async () => {
    server = await Server.start({ workers });
    root = await server.superuserClient();
    token = root.authStore.token;
    await root.collections.create({ name: 'counters', type: 'base', listRule: '', viewRule: '', updateRule: '', fields: [{ name: 'n', type: 'number' }] });
    wires = [...(await server.wires(2)).values()].flat();
  });
  after(async () => {
    wires?.forEach((wire) => wire.close());
    await server?.close();
  });

  it(`show a write to every other connection's next request (${rounds} rounds)`, async () => {
    const { id } = await root.collection('counters').create({ n: 0 });
    const path = `/api/collections/counters/records/${id}`;
    let stale = 0;
    for (let n = 1; n <= rounds; n++) {
      const written = await wires[n % wires.length].request('PATCH', path, { body: { n } });
      assert.equal(written.status, 200, written.text);
      const read = await Promise.all(wires.map((wire) => wire.request('GET', `${path}?fields=n`)));
      for (const answer of read) {
        assert.equal(answer.status, 200, answer.text);
        if (answer.json.n !== n) stale++;
      }
    }
    assert.equal(stale, 0, `${stale} stale reads`);
  });

  it('list a created record and miss a deleted one at once', async () => {
    for (let n = 0; n < 50; n++) {
      const [from, ...others] = [...wires.slice(n % wires.length), ...wires.slice(0, n % wires.length)];
      const made = await from.request('POST', '/api/collections/counters/records', { token, body: { n: -1 } });
      assert.equal(made.status, 200, made.text);
      const list = `/api/collections/counters/records?filter=${encodeURIComponent(`id="${made.json.id}"`)}`;
      for (const answer of await Promise.all(others.map((wire) => wire.request('GET', list)))) assert.equal(answer.json.totalItems, 1);
      const gone = await from.request('DELETE', `/api/collections/counters/records/${made.json.id}`, { token });
      assert.equal(gone.status, 204);
      for (const answer of await Promise.all(others.map((wire) => wire.request('GET', list)))) assert.equal(answer.json.totalItems, 0);
    }
  });

  it(`follow a collection's changed rule at once (${ruleRounds} rounds)`, async () => {
    const { id } = await root.collection('counters').create({ n: 1 });
    const path = `/api/collections/counters/records/${id}`;
    for (let n = 1; n <= ruleRounds; n++) {
      const open = n % 2 === 0;
      const changed = await wires[n % wires.length].request('PATCH', '/api/collections/counters', { token, body: { viewRule: open ? '' : 'n = 2' } });
      assert.equal(changed.status, 200, changed.text);
      const read = await Promise.all(wires.map((wire) => wire.request('GET', path)));
      assert.deepEqual(read.map((answer) => answer.status), wires.map(() => (open ? 200 : 404)), `round ${n}`);
    }
  });

  it('know a new collection and its fields at once, and forget a deleted one', async () => {
    for (let n = 0; n < 10; n++) {
      const name = `fresh${n}`;
      const from = wires[n % wires.length];
      const made = await from.request('POST', '/api/collections', { token, body: { name, type: 'base', listRule: '', fields: [{ name: 'x', type: 'text' }] } });
      assert.equal(made.status, 200, made.text);
      const list = `/api/collections/${name}/records?filter=x%3D%221%22`;
      for (const answer of await Promise.all(wires.map((wire) => wire.request('GET', list)))) assert.equal(answer.status, 200, answer.text);
      assert.equal((await from.request('DELETE', `/api/collections/${name}`, { token })).status, 204);
      for (const answer of await Promise.all(wires.map((wire) => wire.request('GET', list)))) assert.equal(answer.status, 404, answer.text);
    }
  });

  it('refuse a token from before a changed password, all of them at once', async () => {
    const password = 'the first password';
    const users = root.collection('users');
    for (let n = 0; n < 10; n++) {
      const email = `user${n}@example.com`;
      const user = await users.create({ email, password, passwordConfirm: password });
      const login = { body: { identity: email, password } };
      const { token: old } = (await wires[0].request('POST', '/api/collections/users/auth-with-password', login)).json;
      const refresh = (wire, token) => wire.request('POST', '/api/collections/users/auth-refresh', { token });
      const own = `/api/collections/users/records/${user.id}`;

      // Every worker has verified the token before the change.
      for (const answer of await Promise.all(wires.map((wire) => refresh(wire, old)))) assert.equal(answer.status, 200, answer.text);
      for (const answer of await Promise.all(wires.map((wire) => wire.request('GET', own, { token: old })))) assert.equal(answer.status, 200, answer.text);

      const next = 'the second password';
      const changed = await wires[n % wires.length].request('PATCH', own, { token: old, body: { oldPassword: password, password: next, passwordConfirm: next } });
      assert.equal(changed.status, 200, changed.text);

      for (const answer of await Promise.all(wires.map((wire) => refresh(wire, old)))) assert.equal(answer.status, 401, answer.text);
      for (const answer of await Promise.all(wires.map((wire) => wire.request('GET', own, { token: old })))) assert.equal(answer.status, 404, answer.text);
      const again = await wires[1].request('POST', '/api/collections/users/auth-with-password', { body: { identity: email, password: next } });
      assert.equal(again.status, 200, again.text);
    }
  });

  it('share the work of many connections', async () => {
    const owners = await server.wires(1);
    assert.equal(owners.size, workers);
    for (const wire of [...owners.values()].flat()) {
      assert.equal((await wire.request('GET', '/api/health')).status, 200);
      wire.close();
    }
  });
});
