// Input that no good client sends: it gets a clear refusal or a closed connection, and costs the server nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isReference, sanitized, Server, sleep } from './lib/server.mjs';
import { pss } from './lib/processes.mjs';
import { ConnectionClosed, Wire } from './lib/wire.mjs';

const idleConnections = 2000;
const allowedGrowth = 48 * 1024;    // KiB a process, after everything in this file

describe('bad input', () => {
  let server, root, token, pids, memory;

  before(async () => {
    server = await Server.start({ workers: 2 });
    root = await server.superuserClient();
    token = root.authStore.token;
    await root.collections.create({
      name: 'inbox', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '',
      fields: [{ name: 'x', type: 'text' }, { name: 'n', type: 'number' }, { name: 'j', type: 'json' }, { name: 'b', type: 'bool' }],
    });
    for (let n = 0; n < 50; n++) await root.collection('inbox').create({ x: 'warm' });
    pids = server.children().map((child) => child.pid);
    memory = pids.map(pss);
  });
  after(() => server?.close());

  // Sends raw bytes on a connection of their own: the status of the answer, or 'closed'.
  async function raw(bytes, { timeout = 10_000, finish = false } = {}) {
    const wire = await Wire.open(server.port);
    wire.write(bytes);
    if (finish) wire.finish();
    try {
      return (await wire.answer('GET', timeout)).status;
    } catch (error) {
      if (error instanceof ConnectionClosed) return 'closed';
      throw error;
    } finally {
      wire.close();
    }
  }

  async function send(method, path, body, headers = {}) {
    const wire = await Wire.open(server.port);
    try {
      return await wire.request(method, path, { body, headers });
    } finally {
      wire.close();
    }
  }

  const create = (body, headers) => send('POST', '/api/collections/inbox/records', body, headers);
  const refused = (outcome) => assert.ok(outcome === 'closed' || (outcome >= 400 && outcome < 500) || outcome === 505, `got ${outcome}`);

  it('in the form of broken JSON is answered with 400', async () => {
    for (const body of ['{', '{"x":', '{"x":"a"', '[1,2', '{"x":tru}', '{"x":"a",}', "{'x':1}", '{"x":"\\ud8zz"}', '\u0000']) {
      const answer = await create(body);
      assert.equal(answer.status, 400, `${body} gave ${answer.status} ${answer.text}`);
      assert.equal(answer.json.status, 400);
    }
  });

  it('in the form of JSON that is not an object is answered with 400', async () => {
    for (const body of ['[]', '"text"', '5', 'true']) assert.equal((await create(body)).status, 400, body);
  });

  it('with wrong types is converted or refused, never stored as it is', async () => {
    for (const body of [{ x: { a: 1 } }, { x: [1, 2] }, { n: 'many' }, { n: {} }, { b: 'perhaps' }, { b: [] }, { j: { deep: [1, { x: null }] } }]) {
      const answer = await create(body);
      assert.ok([200, 400].includes(answer.status), `${JSON.stringify(body)} gave ${answer.status}`);
      if (answer.status !== 200) continue;
      assert.equal(typeof answer.json.x, 'string');
      assert.equal(typeof answer.json.n, 'number');
      assert.equal(typeof answer.json.b, 'boolean');
    }
  });

  it('with unknown fields is stored without them', async () => {
    const answer = await create({ x: 'known', nothing: 1, 'x; DROP TABLE inbox': 2, collectionId: 'other', __proto__x: {} });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json).sort(), ['b', 'collectionId', 'collectionName', 'id', 'j', 'n', 'x']);
  });

  it('that nests deeply is refused or stored, never followed down', async () => {
    for (const depth of [1000, 10_000, 100_000, 1_000_000]) {
      for (const [open, close] of [['[', ']'], ['{"a":', '}']]) {
        const answer = await create(`{"j":${open.repeat(depth)}1${close.repeat(depth)}}`).catch((error) => error);
        if (answer instanceof ConnectionClosed) continue;
        assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `depth ${depth}: ${answer.status}`);
      }
    }
    for (const depth of [100, 1000, 100_000]) {
      const filter = encodeURIComponent(`${'('.repeat(depth)}x="a"${')'.repeat(depth)}`);
      const answer = await send('GET', `/api/collections/inbox/records?filter=${filter}`).catch((error) => error);
      if (answer instanceof ConnectionClosed) continue;
      assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `filter depth ${depth}: ${answer.status}`);
    }
  });

  it('in a filter, sort, expand or fields parameter ends in a clear answer', async () => {
    const list = '/api/collections/inbox/records?';
    const words = ['"', "'", '((', ')', '&&', 'x=', '=1', 'x="a" ||', '@', '@request.', '@collection.nothing.x=1', '\u0000', '\ud83d\ude00=1', 'x=1 && '.repeat(300) + 'x=1', '@request.auth.'.repeat(500), 'a.'.repeat(2000) + 'b=1', '%'.repeat(50), '//', '/*', 'x ~ "%' + '_%'.repeat(200) + '"'];
    for (const word of words) {
      for (const name of ['filter', 'sort', 'expand', 'fields', 'page', 'perPage']) {
        const answer = await send('GET', `${list}${name}=${encodeURIComponent(word)}`);
        assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `${name}=${word.slice(0, 40)}: ${answer.status}`);
      }
    }
    for (const query of ['filter=%', 'filter=%zz', 'filter=%ff%fe', 'page=-1', 'page=99999999999999999999', 'perPage=-5', 'perPage=1e9', `${'a=b&'.repeat(5000)}`]) {
      const answer = await send('GET', list + query);
      assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), `${query.slice(0, 40)}: ${answer.status}`);
    }
  });

  it('that is not UTF-8 is refused or mended', async () => {
    const body = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff, 0xfe, 0xc0, 0xaf, 0xed, 0xa0, 0x80]), Buffer.from('"}')]);
    const head = `POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const wire = await Wire.open(server.port);
    wire.write(Buffer.concat([Buffer.from(head), body]));
    const answer = await wire.answer();
    wire.close();
    assert.ok([200, 400].includes(answer.status), answer.text);
    if (answer.status === 200) assert.ok(!/[\ud800-\udfff]/.test(answer.json.x));
    const path = Buffer.concat([Buffer.from('GET /api/collections/'), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('/records HTTP/1.1\r\nHost: x\r\n\r\n')]);
    refused(await raw(path));
  });

  it('that is too large is answered with 413 or cut off', async () => {
    const declared = await raw(`POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${1 << 30}\r\n\r\n{"x":"`);
    assert.equal(declared, 413);
    const enormous = await raw('POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n');
    refused(enormous);

    const wire = await Wire.open(server.port);
    wire.write('POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const answer = wire.answer().then((value) => value.status, (error) => (error instanceof ConnectionClosed ? 'closed' : Promise.reject(error)));
    wire.write('7\r\n{"x":"a\r\n');
    const chunk = `100000\r\n${'a'.repeat(1 << 20)}\r\n`;
    for (let n = 0; n < 48 && wire.open; n++) {
      wire.write(chunk);
      await sleep(2);
    }
    wire.write('2\r\n"}\r\n0\r\n\r\n');
    refused(await answer);
    wire.close();
  });

  it('with headers past every limit is refused', async () => {
    for (const head of [
      `GET /api/health HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(4 << 20)}\r\n\r\n`,
      `GET /api/health HTTP/1.1\r\nHost: x\r\n${'X-Many: 1234567890\r\n'.repeat(200_000)}\r\n`,
      `GET /${'a'.repeat(4 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ]) refused(await raw(head));
  });

  it('that is not HTTP is refused', async () => {
    for (const bytes of [
      'hello\r\n\r\n', '\r\n\r\n\r\n\r\nnothing\r\n\r\n', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0d, 0x0a, 0x0d, 0x0a]),
      'GET /api/health HTTP/9.9\r\nHost: x\r\n\r\n', 'GET /api/health\r\n\r\n', 'GET  /api/health HTTP/1.1\r\n\r\n',
      'GET /api/health HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n', 'GET /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n',
      'POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      'POST /api/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'GET /api/health HTTP/1.1\r\nNull: \0\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ]) refused(await raw(bytes, { finish: true }));
  });

  it('that stops in the middle costs only its own connection', async () => {
    const halves = ['G', 'GET /api/health HT', 'GET /api/health HTTP/1.1\r\nHo', 'POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"x":"a'];
    for (const half of halves) {
      for (const finish of [true, false]) {
        const wire = await Wire.open(server.port);
        wire.write(half);
        if (finish) wire.finish();
        await sleep(20);
        wire.close();
      }
    }
    assert.equal(await server.healthy(), true);
    assert.equal((await root.collection('inbox').getList(1, 1, { filter: 'x = "a"' })).totalItems, 0);
  });

  it('sent byte by byte is understood, and delays nobody else', async () => {
    const wire = await Wire.open(server.port);
    const body = '{"x":"slow"}';
    const text = `POST /api/collections/inbox/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = wire.answer();
    for (const byte of text) {
      wire.write(byte);
      await sleep(1);
      if (byte === ' ') assert.equal(await server.healthy(), true);
    }
    assert.equal((await answer).status, 200);
    wire.close();
  });

  it('that pipelines requests gets the answers in their order', async () => {
    const wire = await Wire.open(server.port);
    const ids = [];
    for (let n = 0; n < 30; n++) ids.push(`pipelined${String(n).padStart(6, '0')}`);
    // Reads and writes alternate: a read must wait for the write before it on the same connection.
    const answers = ids.flatMap((id) => [
      wire.request('POST', '/api/collections/inbox/records', { body: { id, x: id } }),
      wire.request('GET', `/api/collections/inbox/records/${id}`),
    ]);
    const done = await Promise.all(answers);
    wire.close();
    assert.deepEqual(done.map((answer) => answer.status), done.map(() => 200));
    assert.deepEqual(done.map((answer) => answer.json.id), ids.flatMap((id) => [id, id]));
  });

  it('that pipelines without reading the answers does not grow memory', async () => {
    const wire = await Wire.open(server.port);
    const socket = await import('node:net').then(({ connect }) => connect({ port: server.port, host: '127.0.0.1' }));
    socket.on('error', () => {});
    socket.pause();
    const batch = 'GET /api/collections/inbox/records?perPage=50 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500);
    for (let n = 0; n < 40; n++) socket.write(batch);
    await sleep(1500);
    assert.equal((await wire.request('GET', '/api/health')).status, 200);
    const grown = pids.map((pid, n) => pss(pid) - memory[n]);
    socket.destroy();
    wire.close();
    if (!isReference && !sanitized) assert.ok(Math.max(...grown) < allowedGrowth, `grown by ${grown} KiB`);
  });

  it(`in the form of ${idleConnections} idle connections leaves room for the others`, async () => {
    const idle = [];
    for (let n = 0; n < idleConnections; n += 100) idle.push(...await Promise.all(Array.from({ length: 100 }, () => Wire.open(server.port))));
    idle.slice(0, idleConnections / 2).forEach((wire) => wire.write('GET /api/hea'));
    for (let n = 0; n < 20; n++) {
      const started = Date.now();
      assert.equal((await create({ x: 'beside' })).status, 200);
      assert.ok(Date.now() - started < 2000);
    }
    const grown = pids.map((pid, n) => pss(pid) - memory[n]);
    idle.forEach((wire) => wire.close());
    if (!isReference && !sanitized) assert.ok(Math.max(...grown) < allowedGrowth, `grown by ${grown} KiB`);
    assert.equal(await server.healthy(), true);
  });

  it('repeated without end does not grow memory', async () => {
    const wire = await Wire.open(server.port);
    for (let n = 0; n < (sanitized ? 300 : 5000); n++) {
      const answer = await wire.request('POST', '/api/collections/inbox/records', { body: `{"x":"${n}` });
      assert.equal(answer.status, 400);
      if (n % 10 === 0) await wire.request('GET', `/api/collections/inbox/records?filter=${encodeURIComponent(`x = "${n}" && nothing${n} = 1`)}`);
    }
    wire.close();
    await sleep(200);
    const grown = pids.map((pid, n) => pss(pid) - memory[n]);
    if (!isReference && !sanitized) assert.ok(Math.max(...grown) < allowedGrowth, `grown by ${grown} KiB`);
  });

  it('has killed no process', async () => {
    assert.deepEqual(server.children().map((child) => child.pid), pids);
    assert.equal((await root.collection('inbox').getList(1, 1)).page, 1);
    assert.ok(token);
  });
});
