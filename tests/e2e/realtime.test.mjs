// Realtime over the SDK and over bare connections: whoever is subscribed hears every change, in the order of the commits and
// once, whichever worker made it and whichever has the connection (spec 05 §1).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import { EventStream } from './lib/event_stream.mjs';
import { ownerOf } from './lib/processes.mjs';
import { isReference, sanitized, Server, sleep, until } from './lib/server.mjs';

globalThis.EventSource = EventSource;

const changes = Number(process.env.E2E_REALTIME_CHANGES ?? (sanitized ? 500 : 10_000));
const workers = isReference ? 1 : 4;

describe('realtime', () => {
  let server, root;

  before(async () => {
    server = await Server.start({ workers });
    root = await server.superuserClient();
    await root.collections.create({ name: 'notes', type: 'base', listRule: '', viewRule: '', fields: [{ name: 'n', type: 'number' }, { name: 'text', type: 'text' }] });
  });
  after(async () => {
    await server?.close();
  });

  it('tells an SDK client of what is created, updated and deleted, until it unsubscribes', async () => {
    const client = server.client();
    const heard = [];
    await client.collection('notes').subscribe('*', ({ action, record }) => heard.push([action, record.n]));
    const { id } = await root.collection('notes').create({ n: 1 });
    await root.collection('notes').update(id, { n: 2 });
    await root.collection('notes').delete(id);
    await until('three events', () => heard.length === 3);
    assert.deepEqual(heard, [['create', 1], ['update', 2], ['delete', 2]]);
    await client.collection('notes').unsubscribe('*');
    await root.collection('notes').create({ n: 3 });
    await sleep(200);
    assert.equal(heard.length, 3);
  });

  it('tells of one record, with options, and of nothing else', async () => {
    const client = server.client();
    const { id } = await root.collection('notes').create({ n: 1 });
    const heard = [];
    await client.collection('notes').subscribe(id, ({ record }) => heard.push(record), { filter: 'n > 5', fields: 'n' });
    await root.collection('notes').update(id, { n: 4 });
    await root.collection('notes').create({ n: 9 });
    await root.collection('notes').update(id, { n: 6 });
    await until('the event', () => heard.length > 0);
    await sleep(100);
    assert.deepEqual(heard, [{ n: 6 }]);
    await client.realtime.unsubscribe();
  });

  it('asks rules as the subscriber, and forgets a subscriber whose password changed', async () => {
    const password = 'the first password';
    const user = await root.collection('users').create({ email: 'reader@example.com', password, passwordConfirm: password });
    await root.collections.create({ name: 'letters', type: 'base', listRule: 'reader = @request.auth.id', fields: [{ name: 'reader', type: 'text' }, { name: 'n', type: 'number' }] });
    const client = server.client();
    await client.collection('users').authWithPassword('reader@example.com', password);
    const stranger = server.client();
    const heard = [], overheard = [];
    await client.collection('letters').subscribe('*', ({ record }) => heard.push(record.n));
    await stranger.collection('letters').subscribe('*', ({ record }) => overheard.push(record.n));
    await root.collection('letters').create({ reader: user.id, n: 1 });
    await root.collection('letters').create({ reader: 'somebody', n: 2 });
    await until('the letter', () => heard.length > 0);
    await root.collection('users').update(user.id, { password: 'the second one', passwordConfirm: 'the second one' });
    await root.collection('letters').create({ reader: user.id, n: 3 });
    await sleep(200);
    assert.deepEqual(heard, [1]);
    assert.deepEqual(overheard, []);
    await client.realtime.unsubscribe();
    await stranger.realtime.unsubscribe();
  });

  it('judges a deleted record by the state before, also when what its rule asks about went with it', async () => {
    const parents = await root.collections.create({ name: 'parents', type: 'base', fields: [{ name: 'open', type: 'bool' }] });
    await root.collections.create({
      name: 'children', type: 'base', listRule: 'parent.open = true',
      fields: [{ name: 'parent', type: 'relation', collectionId: parents.id, cascadeDelete: true, maxSelect: 1 }],
    });
    const client = server.client();
    const heard = [];
    await client.collection('children').subscribe('*', ({ action, record }) => heard.push(`${action} ${record.id}`));
    const open = await root.collection('parents').create({ open: true }), shut = await root.collection('parents').create({ open: false });
    const seen = await root.collection('children').create({ parent: open.id });
    await root.collection('children').create({ parent: shut.id });
    await root.collection('parents').delete(shut.id);
    await root.collection('parents').delete(open.id);
    await until('the deletion', () => heard.length === 2);
    await sleep(100);
    assert.deepEqual(heard, [`create ${seen.id}`, `delete ${seen.id}`]);
    await client.realtime.unsubscribe();
  });

  it('says nothing of a batch that was rolled back, and everything of one that was not', async () => {
    await root.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 5 } });
    const client = server.client();
    const heard = [];
    await client.collection('notes').subscribe('*', ({ action, record }) => heard.push(`${action} ${record.n}`));
    const failing = root.createBatch();
    failing.collection('notes').create({ n: 100 });
    failing.collection('notes').update('nosuchrecord000', { n: 101 });
    await assert.rejects(failing.send());
    const batch = root.createBatch();
    batch.collection('notes').create({ id: 'batched00000001', n: 102 });
    batch.collection('notes').update('batched00000001', { n: 103 });
    await batch.send();
    await until('both events', () => heard.length >= 2);
    assert.deepEqual(heard, ['create 102', 'update 103']);
    await client.realtime.unsubscribe();
  });

  it('asks each of 70 members by themselves, and again when the member or the rule has changed', async () => {
    const password = 'a password of theirs';
    await root.collections.create({ name: 'members', type: 'auth', fields: [{ name: 'password', type: 'password', cost: 4, min: 8, hidden: true, required: true, system: true }, { name: 'level', type: 'number' }] });
    await root.collections.create({ name: 'talks', type: 'base', listRule: '@request.auth.level > 1', fields: [{ name: 'n', type: 'number' }] });
    await root.collections.create({ name: 'mails', type: 'base', listRule: 'owner = @request.auth.id', fields: [{ name: 'owner', type: 'text' }, { name: 'n', type: 'number' }] });
    const levels = Array.from({ length: 70 }, (_, i) => i % 3);
    const members = await Promise.all(levels.map((level, i) => root.collection('members').create({ email: `member${i}@example.com`, password, passwordConfirm: password, level })));
    const streams = await Promise.all(members.map(async ({ email }) => {
      const stream = await EventStream.open(server.port), client = server.client();
      await client.collection('members').authWithPassword(email, password);
      await client.send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['talks/*', 'mails/*', 'notes/*'] } });
      return stream;
    }));
    const everybody = members.map((_, i) => i);
    // Who hears of it; a note for everybody ends the waiting.
    const heardOf = async (collection, body) => {
      const from = streams.map((stream) => stream.events.length);
      await root.collection(collection).create(body);
      const end = await root.collection('notes').create({ n: body.n });
      for (const stream of streams) await stream.until(() => stream.events.at(-1).data.includes(end.id));
      return everybody.filter((i) => streams[i].events.slice(from[i]).some(({ name }) => name === `${collection}/*`));
    };
    const above = everybody.filter((i) => levels[i] > 1);
    assert.deepEqual(await heardOf('talks', { n: 1 }), above);
    assert.deepEqual(await heardOf('talks', { n: 2 }), above, 'an answer that was kept');
    assert.deepEqual(await heardOf('mails', { n: 3, owner: members[7].id }), [7]);
    assert.deepEqual(await heardOf('mails', { n: 4, owner: members[8].id }), [8]);
    await root.collection('members').update(members[0].id, { level: 9 });
    assert.deepEqual(await heardOf('talks', { n: 5 }), [0, ...above]);
    await root.collections.update('talks', { listRule: '@request.auth.level = 1 && n > 6' });
    assert.deepEqual(await heardOf('talks', { n: 6 }), []);
    assert.deepEqual(await heardOf('talks', { n: 7 }), everybody.filter((i) => levels[i] === 1));
    streams.forEach((stream) => stream.close());
  });

  it('brings an SDK client back when its worker was killed', { skip: isReference && 'the reference has no workers' }, async () => {
    const client = server.client();
    const heard = [];
    await client.collection('notes').subscribe('*', ({ record }) => heard.push(record.n));
    const before = client.realtime.clientId;
    for (const pid of server.workerPids()) process.kill(pid, 'SIGKILL');
    await until('another connection', () => client.realtime.clientId && client.realtime.clientId !== before && client.realtime.isConnected, 30_000);
    let sent = 1000;
    await until('an event over it', async () => {
      await root.collection('notes').create({ n: sent++ }).catch(() => {});
      return heard.some((n) => n >= 1000);
    }, 30_000);
    await client.realtime.unsubscribe();
  });
});

describe('realtime on several workers', { skip: isReference && 'the reference has no workers' }, () => {
  let server, root, token;

  before(async () => {
    server = await Server.start({ workers });
    root = await server.superuserClient();
    token = root.authStore.token;
    await root.collections.create({ name: 'ticks', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '', fields: [{ name: 'n', type: 'number' }, { name: 'text', type: 'text' }] });
  });
  after(async () => {
    await server?.close();
  });

  // `each` streams for each worker that lives now.
  async function streams(each) {
    const found = new Map(server.workerPids().map((pid) => [pid, []]));
    for (let tries = 0; tries < 400 && [...found.values()].some((list) => list.length < each); tries++) {
      const stream = await EventStream.open(server.port);
      const mine = found.get(ownerOf(stream.localPort, server.port, [...found.keys()]));
      if (mine && mine.length < each) mine.push(stream);
      else stream.close();
    }
    return found;
  }

  it('takes a subscription on any worker, and has it in force when it answers', async () => {
    const all = [...(await streams(1)).values()].flat();
    const wires = [...(await server.wires(1)).values()].flat();
    assert.equal(all.length, workers);
    for (const stream of all) {
      for (const wire of wires) {
        const n = stream.events.length;
        const set = await wire.request('POST', '/api/realtime', { body: { clientId: stream.id, subscriptions: ['ticks/*'] } });
        assert.equal(set.status, 204, set.text);
        const made = await wires[n % wires.length].request('POST', '/api/collections/ticks/records', { body: { n: 1 } });
        assert.equal(made.status, 200);
        const { data } = await stream.event(n);
        assert.equal(JSON.parse(data).record.id, made.json.id);
        const cleared = await wire.request('POST', '/api/realtime', { body: { clientId: stream.id, subscriptions: [] } });
        assert.equal(cleared.status, 204);
        assert.equal((await wires[n % wires.length].request('POST', '/api/collections/ticks/records', { body: { n: 2 } })).status, 200);
      }
      await sleep(50);
      assert.equal(stream.events.length, wires.length + 1);
    }
    const lost = await wires[0].request('POST', '/api/realtime', { body: { clientId: 'x'.repeat(38) + 'AB', subscriptions: ['a'] } });
    assert.equal(lost.status, 404);
    [...all, ...wires].forEach((one) => one.close());
  });

  it(`tells 8 subscribers on ${workers} workers of ${changes} changes in one order, none doubled, while workers are killed`, async () => {
    const subscribers = await streams(2);
    for (const stream of [...subscribers.values()].flat()) {
      await root.send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['ticks/*'] } });
    }
    const victims = [...subscribers.keys()].slice(0, 2);
    const survivors = [...subscribers].filter(([pid]) => !victims.includes(pid)).flatMap(([, list]) => list);
    assert.equal(survivors.length, 4);

    const acknowledged = new Set();
    let next = 0;
    const write = async () => {
      while (next < changes) {
        const n = next++;
        try {
          await root.collection('ticks').create({ n, text: 'tick' });
          acknowledged.add(n);
        } catch (error) {
          // Its worker was killed: whether the record was made is unknown.
          if (error.status !== 0) throw error;
        }
      }
    };
    let done = false;
    const kill = async () => {
      for (let turn = 0; !done; turn++) {
        await sleep(sanitized ? 4000 : 2000);
        if (done) break;
        // Always a worker that has no survivor: the killed ones and who took their places.
        const kept = [...subscribers.keys()].filter((pid) => !victims.includes(pid));
        const candidates = server.workerPids().filter((pid) => !kept.includes(pid));
        if (candidates.length) process.kill(candidates[turn % candidates.length], 'SIGKILL');
      }
    };
    const killing = kill();
    await Promise.all(Array.from({ length: 16 }, write));
    done = true;
    await killing;

    const last = await root.collection('ticks').create({ n: -1, text: 'end' });
    const heard = [];
    for (const stream of survivors) {
      await stream.until(() => stream.events.at(-1)?.data.includes(last.id));
      heard.push(stream.events.slice(1).map(({ data }) => JSON.parse(data).record.n));
    }
    for (const list of heard) assert.deepEqual(list, heard[0], 'every subscriber sees the same order');
    assert.equal(new Set(heard[0]).size, heard[0].length, 'nothing is told twice');
    const told = new Set(heard[0]);
    assert.deepEqual([...acknowledged].filter((n) => !told.has(n)), [], 'every acknowledged change is told');
    const stored = await root.collection('ticks').getFullList({ fields: 'n', filter: 'text = "tick"', batch: 1000 });
    assert.equal(heard[0].filter((n) => n >= 0).length, stored.length);
    [...subscribers.values()].flat().forEach((stream) => stream.close());
  });

  it('sees the changes of one record in the order in which they were made', async () => {
    const all = [...(await streams(1)).values()].flat();
    for (const stream of all) await root.send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['ticks/*'] } });
    const wires = [...(await server.wires(1)).values()].flat();
    const { id } = await root.collection('ticks').create({ n: 0 });
    const rounds = sanitized ? 100 : 1000;
    for (let n = 1; n <= rounds; n++) {
      const set = await wires[n % wires.length].request('PATCH', `/api/collections/ticks/records/${id}`, { body: { n } });
      assert.equal(set.status, 200, set.text);
    }
    for (const stream of all) {
      await stream.event(rounds + 1);
      assert.deepEqual(stream.events.slice(1).map(({ data }) => JSON.parse(data).record.n), Array.from({ length: rounds + 1 }, (_, n) => n));
    }
    [...all, ...wires].forEach((one) => one.close());
  });

  it('tells through the death of the writer, each change once', async () => {
    const all = [...(await streams(1)).values()].flat();
    for (const stream of all) await root.send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['ticks/*'] } });
    process.kill(server.writer().pid, 'SIGKILL');
    const made = [];
    for (let n = 0; n < 20; n++) made.push((await root.collection('ticks').create({ n })).id);
    for (const stream of all) {
      await stream.event(20);
      assert.deepEqual(stream.events.slice(1).map(({ data }) => JSON.parse(data).record.id), made);
      stream.close();
    }
  });

  it('disconnects who does not read, and only them', async () => {
    const reader = await EventStream.open(server.port), sleeper = await EventStream.open(server.port);
    for (const stream of [reader, sleeper]) await root.send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['ticks/*'] } });
    sleeper.pause();
    const text = 'x'.repeat(4900);
    let sent = 0;
    await until('the sleeper to be forgotten', async () => {
      await Promise.all(Array.from({ length: 50 }, () => root.collection('ticks').create({ n: ++sent, text })));
      const asked = await root.send('/api/realtime', { method: 'POST', body: { clientId: sleeper.id, subscriptions: ['ticks/*'] } }).catch((error) => error);
      return asked?.status === 404;
    }, 120_000);
    await reader.until(() => reader.events.length === sent + 1);
    reader.close();
    sleeper.close();
  });
});
