// Files through the official JavaScript SDK, and what of them is on the disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { pss } from './lib/processes.mjs';
import { Server, sanitized, until } from './lib/server.mjs';

let server, root, docs;

// 64 × 48, its upper left quarter dark.
const jpeg = Buffer.from([
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H///',
  '/6/+b9//j/wAALCAAwAEABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAAAAYF/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwDJAVACXAVA',
  'CXAVAAAAAAAAAD//2Q==',
].join(''), 'base64');

// The same with an orientation in its EXIF data.
function turned(orientation) {
  const exif = Buffer.from('45786966000049492a0008000000010012010300010000000000000000000000', 'hex');
  exif.writeUInt16LE(orientation, 24);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

// A GIF of many frames, each of one pixel.
function gif(width, height, frames) {
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0]);
  const head = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([width & 255, width >> 8, height & 255, height >> 8, 0x80, 0, 0]),
    Buffer.from([0, 0, 0, 255, 255, 255])]);
  return Buffer.concat([head, ...Array(frames).fill(frame), Buffer.from([0x3b])]);
}

// A PNG of one colour.
function png(width, height, depth = 8) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const head = Buffer.alloc(4), tail = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    tail.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, depth === 8 ? 2 : 0, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(depth === 8 ? 3 * width : Math.ceil(width / 8), 200)]);
  const pixels = zlib.deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

const file = (name, content) => new File([content], name);
const folder = (record) => path.join(server.dir, 'storage', record.collectionId, record.id);
const stored = (record) => (fs.existsSync(folder(record)) ? fs.readdirSync(folder(record)).filter((name) => !name.endsWith('.attrs')).sort() : []);
const download = (record, name, query = {}) => fetch(root.files.getURL(record, name, query));

before(async () => {
  server = await Server.start({ workers: 2 });
  root = await server.superuserClient();
  docs = await root.collections.create({
    name: 'docs', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '',
    fields: [
      { name: 'title', type: 'text', max: 20 },
      { name: 'one', type: 'file', maxSelect: 1, maxSize: 1000, mimeTypes: ['text/plain'] },
      { name: 'many', type: 'file', maxSelect: 3, maxSize: 100_000_000, thumbs: ['20x10', '0x8', '30x30f'] },
    ],
  });
});
after(() => server?.close());

describe('uploads', () => {
  it('are stored with the record and downloaded again', async () => {
    const record = await root.collection('docs').create({ title: 'first', one: file('My Notes.txt', 'hello') });
    assert.match(record.one, /^my_notes_[a-z0-9]{10}\.txt$/);
    const answer = await download(record, record.one);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(answer.headers.get('content-disposition'), `attachment; filename=${record.one}`);
    assert.equal(answer.headers.get('x-frame-options'), null);
    assert.equal(await answer.text(), 'hello');
  });

  it('replace, join and leave what is stored', async () => {
    const all = root.collection('docs');
    let record = await all.create({ many: [file('a.txt', 'a'), file('bbb.txt', 'b')] });
    const [a, b] = record.many;
    record = await all.update(record.id, { 'many+': file('ccc.txt', 'c') });
    assert.deepEqual(record.many.slice(0, 2), [a, b]);
    record = await all.update(record.id, { 'many-': [a] });
    assert.equal(record.many.length, 2);
    await until('the removed file to go', () => stored(record).length === 2);
    assert.equal((await download(record, a)).status, 404);
    record = await all.update(record.id, { many: [file('ddd.txt', 'd')] });
    assert.equal(record.many.length, 1);
    await until('the replaced files to go', () => stored(record).length === 1);
    assert.equal(await (await download(record, record.many[0])).text(), 'd');
    record = await all.update(record.id, { many: [] });
    assert.deepEqual(record.many, []);
    await until('the last file to go', () => stored(record).length === 0);
  });

  it('that fail leave nothing behind', async () => {
    const all = root.collection('docs');
    const record = await all.create({ many: file('keep.txt', 'k') });
    const fails = async (body, field, code) => {
      await assert.rejects(all.update(record.id, body), (error) => error.status === 400 && error.response.data[field]?.code === code);
      assert.deepEqual(stored(record), [record.many[0]]);
    };
    await fails({ title: 'much too long a title for it', 'many+': file('x.txt', 'x') }, 'title', 'validation_max_text_constraint');
    await fails({ one: file('long.txt', 'x'.repeat(1001)) }, 'one', 'validation_file_size_limit');
    await fails({ one: file('image.txt', png(2, 2)) }, 'one', 'validation_invalid_mime_type');
    await fails({ 'many+': [file('1.txt', '1'), file('2.txt', '2'), file('3.txt', '3')] }, 'many', 'validation_too_many_files');
    await fails({ many: ['unknown.txt'] }, 'many', 'validation_invalid_file');
  });

  it('of many megabytes arrive whole', async () => {
    const content = Buffer.alloc(40_000_000, 'wombat ');
    const record = await root.collection('docs').create({ many: file('big.bin', content) });
    const answer = await download(record, record.many[0]);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(content));
  });

  it('go with their record', async () => {
    const record = await root.collection('docs').create({ many: file('gone.txt', 'x') });
    await root.collection('docs').delete(record.id);
    assert.equal(fs.existsSync(folder(record)), false);
  });

  it('of a batch are stored together or not at all', async () => {
    await root.settings.update({ batch: { enabled: true, maxRequests: 10, timeout: 5 } });
    const good = root.createBatch();
    good.collection('docs').create({ id: 'batchrecord0001', many: [file('one.txt', '1'), file('two.txt', '2')] });
    good.collection('docs').create({ id: 'batchrecord0002', one: file('three.txt', '3') });
    const [first, second] = (await good.send()).map((answer) => answer.body);
    assert.equal(first.many.length, 2);
    assert.equal(await (await download(second, second.one)).text(), '3');
    const bad = root.createBatch();
    bad.collection('docs').create({ id: 'batchrecord0003', many: [file('one.txt', '1')] });
    bad.collection('docs').create({ id: 'batchrecord0001', many: [file('two.txt', '2')] });
    await assert.rejects(bad.send());
    assert.deepEqual(stored({ collectionId: docs.id, id: 'batchrecord0003' }), []);
    assert.equal(stored(first).length, 2);
  });
});

describe('serving', () => {
  it('knows ranges and conditions', async () => {
    const record = await root.collection('docs').create({ one: file('range.txt', 'hello file') });
    const url = root.files.getURL(record, record.one);
    const part = await fetch(url, { headers: { Range: 'bytes=6-9' } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), 'bytes 6-9/10');
    assert.equal(await part.text(), 'file');
    const modified = part.headers.get('last-modified');
    assert.equal((await fetch(url, { headers: { 'If-Modified-Since': modified } })).status, 304);
    assert.equal((await fetch(url, { headers: { 'If-None-Match': part.headers.get('etag') } })).status, 304);
    assert.equal((await fetch(url, { method: 'HEAD' })).headers.get('content-length'), '10');
  });

  it('makes each thumb once, however many ask for it', async () => {
    const record = await root.collection('docs').create({ many: file('photo.png', png(120, 60)) });
    const [name] = record.many;
    const size = async (thumb) => {
      const bytes = Buffer.from(await (await download(record, name, { thumb })).arrayBuffer());
      return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    };
    assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => size('20x10'))), Array(20).fill([20, 10]));
    assert.deepEqual(await size('0x8'), [16, 8]);
    assert.deepEqual(await size('30x30f'), [30, 15]);
    assert.deepEqual(await size('100x100'), [100, 100]);
    assert.deepEqual(await size('7x7'), [120, 60]);
    assert.deepEqual(fs.readdirSync(path.join(folder(record), `thumbs_${name}`)).filter((entry) => !entry.endsWith('.attrs')).sort(),
      [`0x8_${name}`, `100x100_${name}`, `20x10_${name}`, `30x30f_${name}`]);
  });

  it('answers with the original where an image cannot be scaled', async () => {
    const broken = png(50, 50).subarray(0, 60);
    const record = await root.collection('docs').create({ many: file('broken.png', broken) });
    const answer = await download(record, record.many[0], { thumb: '100x100' });
    assert.equal(answer.status, 200);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(broken));
  });

  it('shows protected files only with a token', async () => {
    await root.collections.create({
      name: 'secrets', type: 'base', viewRule: '@request.auth.id != ""', fields: [{ name: 'plan', type: 'file', protected: true }],
    });
    const record = await root.collection('secrets').create({ plan: file('plan.txt', 'top secret') });
    assert.equal((await download(record, record.plan)).status, 404);
    assert.equal((await fetch(root.files.getURL(record, record.plan), { headers: { Authorization: root.authStore.token } })).status, 404);
    const token = await root.files.getToken();
    assert.equal(await (await download(record, record.plan, { token })).text(), 'top secret');
    await assert.rejects(server.client().files.getToken(), (error) => error.status === 401);
  });

  it('goes on after a restart, with nothing left over', async () => {
    const record = await root.collection('docs').create({ one: file('after.txt', 'still here') });
    await server.restart();
    root = await server.superuserClient();    // it has another port
    assert.equal(await (await fetch(`${server.url}/api/files/docs/${record.id}/${record.one}`)).text(), 'still here');
    assert.deepEqual(fs.existsSync(path.join(server.dir, '.notify/files')) ? fs.readdirSync(path.join(server.dir, '.notify/files')) : [], []);
  });
});

describe('images made by an enemy', () => {
  let workers;
  before(() => (workers = server.workerPids()));
  after(() => assert.deepEqual(server.workerPids(), workers));      // nobody died of them

  async function thumb(name, content, size = '20x10') {
    const record = await root.collection('docs').create({ many: file(name, content) });
    const answer = await download(record, record.many[0], { thumb: size });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(answer.headers.get('content-security-policy'), /default-src 'none'.*sandbox/);
    return { answer, body: Buffer.from(await answer.arrayBuffer()), name: record.many[0] };
  }

  it('that would need gigabytes are served as they are', async () => {
    for (const [width, height] of [[50_000, 40_000], [0x7fffffff, 0x7fffffff], [100_000_001, 1]]) {
      const bomb = png(8, 8, 1);
      bomb.writeUInt32BE(width, 16);
      bomb.writeUInt32BE(height, 20);
      bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
      assert.ok((await thumb('bomb.png', bomb)).body.equals(bomb));
    }
    // Its only frame is small: either the original or a thumb of that.
    assert.ok((await thumb('screen.gif', gif(65535, 65535, 1))).body.length < 1000);
  });

  it('of many pixels in few bytes are scaled in little memory', async () => {
    const dense = png(9000, 9000, 1);
    assert.ok(dense.length < 100_000);
    const start = workers.map(pss);
    const { body } = await thumb('dense.png', dense);
    assert.deepEqual([body.readUInt32BE(16), body.readUInt32BE(20)], [20, 10]);
    if (!sanitized) workers.forEach((pid, n) => assert.ok(pss(pid) - start[n] < 100 << 10, `grew by ${pss(pid) - start[n]} kB`));
  });

  it('of very many frames cost no more than the first', async () => {
    const film = gif(100, 100, 20_000), started = Date.now();
    const { body } = await thumb('film.gif', film);
    assert.equal(body.subarray(0, 4).toString(), 'GIF8');
    assert.deepEqual([body.readUInt16LE(6), body.readUInt16LE(8)], [20, 10]);
    assert.ok(body.length < 1000);
    assert.ok(Date.now() - started < 10_000);
  });

  it('that are cut off are served as they are, and the log tells', async () => {
    const cut = { 'cut.jpg': jpeg.subarray(0, -40), 'cut.png': png(50, 50).subarray(0, 70), 'cut.gif': gif(50, 50, 1).subarray(0, 24) };
    const names = [];
    for (const [name, content] of Object.entries(cut)) {
      const served = await thumb(name, content);
      assert.ok(served.body.equals(content), name);
      names.push(served.name);
    }
    for (const name of names) {
      const asked = { filter: `message = "Fallback to original - failed to create thumb 20x10_${name}"` };
      const { level, data } = await until('the warning', async () => (await root.logs.getList(1, 1, asked)).items[0]);
      assert.equal(level, 4);
      assert.ok(data.error);
      assert.ok(data.original.endsWith(`/${name}`));
      assert.ok(data.thumb.endsWith(`/thumbs_${name}/20x10_${name}`));
    }
  });

  it('that carry scripts run none', async () => {
    const script = '<script>alert(document.domain)</script>';
    const drawing = await thumb('drawing.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`);
    assert.equal(drawing.answer.headers.get('content-type'), 'image/svg+xml');
    assert.match(drawing.answer.headers.get('content-disposition'), /^attachment;/);
    const page = await thumb('page.png', `<html><body>${script}</body></html>`);
    assert.equal(page.answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page.answer.headers.get('content-disposition'), /^attachment;/);
    // An image to some, a script or a page to others.
    for (const polyglot of [Buffer.from(`GIF89a/*${'\0'.repeat(7)}*/=1;${script}`), Buffer.concat([gif(30, 30, 1), Buffer.from(script)])]) {
      const { answer } = await thumb('both.html', polyglot);
      assert.equal(answer.headers.get('content-type'), 'image/gif');
    }
    const made = await thumb('both.png', Buffer.concat([png(60, 60), Buffer.from(script)]));
    assert.equal(made.body.readUInt32BE(16), 20);
    assert.equal(made.body.includes('script'), false);
  });
});

describe('photos', () => {
  it('are turned as their EXIF data says', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const record = await root.collection('docs').create({ many: file('photo.jpg', turned(orientation)) });
      const answer = await download(record, record.many[0], { thumb: '0x8' });
      const [width, height] = orientation > 4 ? [6, 8] : [11, 8];
      const body = Buffer.from(await answer.arrayBuffer());
      const frame = body.indexOf(Buffer.from([0xff, 0xc0]));
      assert.deepEqual([body.readUInt16BE(frame + 7), body.readUInt16BE(frame + 5)], [width, height], `orientation ${orientation}`);
    }
  });
});
