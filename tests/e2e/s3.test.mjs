// Files of records in a bucket: through the official JavaScript SDK, and what of them is in the bucket.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { Bucket, missing } from './lib/s3.mjs';
import { Server, superuser, until } from './lib/server.mjs';

let server, bucket, root, docs;

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

// A PNG of one colour.
function png(width, height) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const head = Buffer.alloc(4), tail = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    tail.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * width, 200)]);
  const pixels = zlib.deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

const file = (name, content) => new File([content], name);
const prefix = (record) => `${record.collectionId}/${record.id}/`;
const kept = async (record) => (await bucket.keys(prefix(record))).map((key) => key.slice(prefix(record).length));
const download = (record, name, query = {}, options = {}) => fetch(root.files.getURL(record, name, query), options);
const all = () => root.collection('docs');

describe('files in a bucket', { skip: missing }, () => {
  before(async () => {
    [bucket, server] = await Promise.all([Bucket.start(), Server.start({ workers: 2 })]);
    root = await server.superuserClient();
    docs = await root.collections.create({
      name: 'docs', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '',
      fields: [
        { name: 'title', type: 'text', max: 20 },
        { name: 'files', type: 'file', maxSelect: 5, maxSize: 100_000_000, thumbs: ['20x10', '0x8'] },
      ],
    });
    await root.settings.update({ s3: bucket.settings() });
  });
  after(async () => {
    await server?.close();
    await bucket?.close();
  });

  it('are tried out with the settings', async () => {
    assert.equal(await root.settings.testS3('storage'), true);
    assert.deepEqual(await bucket.keys(), []);
    const fails = async (changes, words) => {
      await root.settings.update({ s3: bucket.settings(changes) });
      await assert.rejects(root.settings.testS3('storage'),
        (error) => error.status === 400 && error.response.message.startsWith(`Failed to test the S3 filesystem. Raw error: \n${words}`));
    };
    await fails({ bucket: 'none' }, 'failed to upload a test file: [key: pb_settings_test_');
    await fails({ endpoint: 'http://127.0.0.1:1' }, 'failed to upload a test file: [key: pb_settings_test_');
    await fails({ enabled: false }, 'S3 storage filesystem is not enabled.');
    await root.settings.update({ s3: bucket.settings() });
  });

  it('lie under their keys with their types and names, and nowhere else', async () => {
    const record = await all().create({ files: [file('My ünï + pic (1).png', png(60, 30)), file('notes.txt', 'hello')] });
    assert.deepEqual(await kept(record), [...record.files].sort());
    assert.equal(fs.existsSync(path.join(server.dir, 'storage', record.collectionId)), false);
    const object = await bucket.fetch(prefix(record) + record.files[0], { method: 'HEAD' });
    assert.equal(object.headers.get('content-type'), 'image/png');
    assert.equal(object.headers.get('x-amz-meta-original-filename'), 'My%20%C3%BCn%C3%AF%20+%20pic%20%281%29.png');
  });

  it('are served with ranges and conditions', async () => {
    const { files: [name], ...record } = await all().create({ files: file('range.txt', 'hello file') });
    const whole = await download(record, name);
    assert.equal(whole.status, 200);
    assert.equal(whole.headers.get('content-length'), '10');
    assert.equal(whole.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(whole.headers.get('content-disposition'), `attachment; filename=${name}`);
    assert.equal(whole.headers.get('accept-ranges'), 'bytes');
    assert.equal(await whole.text(), 'hello file');
    const part = await download(record, name, {}, { headers: { Range: 'bytes=6-9' } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), 'bytes 6-9/10');
    assert.equal(await part.text(), 'file');
    const parts = await (await download(record, name, {}, { headers: { Range: 'bytes=0-1,8-9' } })).text();
    assert.match(parts, /Content-Range: bytes 0-1\/10\r\n[^]*\r\n\r\nhe\r\n[^]*\r\n\r\nle\r\n/);
    assert.equal((await download(record, name, {}, { headers: { Range: 'bytes=10-' } })).status, 416);
    const modified = whole.headers.get('last-modified');
    assert.equal((await download(record, name, {}, { headers: { 'If-Modified-Since': modified } })).status, 304);
    const head = await download(record, name, {}, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), '10');
    const empty = await all().create({ files: file('empty.txt', '') });
    const nothing = await download(empty, empty.files[0]);
    assert.deepEqual([nothing.status, await nothing.text()], [200, '']);
  });

  it('have thumbs, each made once', async () => {
    const { files: [name], ...record } = await all().create({ files: file('photo.png', png(120, 60)) });
    bucket.takeLines();
    const size = async (thumb) => {
      const bytes = Buffer.from(await (await download(record, name, { thumb })).arrayBuffer());
      return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    };
    assert.deepEqual(await Promise.all(Array.from({ length: 12 }, () => size('20x10'))), Array(12).fill([20, 10]));
    assert.deepEqual(await size('0x8'), [16, 8]);
    assert.deepEqual(await kept(record), [name, `thumbs_${name}/0x8_${name}`, `thumbs_${name}/20x10_${name}`]);
    assert.equal(bucket.takeLines().filter((line) => /^PUT .*\/20x10_/.test(line)).length, 1);
  });

  it('can be protected', async () => {
    await root.collections.create({
      name: 'secrets', type: 'base', viewRule: '@request.auth.id != ""', fields: [{ name: 'plan', type: 'file', protected: true }],
    });
    const record = await root.collection('secrets').create({ plan: file('plan.txt', 'top secret') });
    assert.equal((await download(record, record.plan)).status, 404);
    const token = await root.files.getToken();
    assert.equal(await (await download(record, record.plan, { token })).text(), 'top secret');
  });

  it('go when they are replaced, and with their record and collection', async () => {
    let record = await all().create({ files: [file('a.png', png(20, 20)), file('b.txt', 'b')] });
    const [a, b] = record.files;
    await download(record, a, { thumb: '100x100' });
    record = await all().update(record.id, { 'files-': [a] });
    await until('the removed file and its thumb to go', async () => (await kept(record)).length === 1);
    assert.deepEqual(await kept(record), [b]);
    await all().delete(record.id);
    await until('the files of the deleted record to go', async () => (await kept(record)).length === 0);
    const other = await root.collections.create({ name: 'other', type: 'base', fields: [{ name: 'f', type: 'file' }] });
    for (let i = 0; i < 3; i++) await root.collection('other').create({ f: file(`${i}.txt`, 'x') });
    assert.equal((await bucket.keys(other.id)).length, 3);
    await root.collections.delete('other');
    await until('the files of the deleted collection to go', async () => (await bucket.keys(other.id)).length === 0);
  });

  it('stay when their record is made again under its old id at once', async () => {
    const id = 'madeagain000001';
    for (let i = 0; i < 10; i++) {
      const record = await all().create({ id, files: file(`${i}.txt`, String(i)) });
      assert.equal(await (await download(record, record.files[0])).text(), String(i));
      if (i < 9) await all().delete(id);
    }
    await until('the older ones to go', async () => (await kept({ collectionId: docs.id, id })).length === 1);
    const record = await all().getOne(id);
    assert.equal(await (await download(record, record.files[0])).text(), '9');
  });

  it('that no record was made for are taken out again', async () => {
    const record = await all().create({ files: file('first.txt', '1') });
    await assert.rejects(all().create({ id: record.id, files: file('second.txt', '2') }), (error) => error.status === 400);
    await until('the second file to go', async () => (await kept(record)).length === 1);
    assert.deepEqual(await kept(record), record.files);
  });

  it('of many megabytes are sent in parts and come back whole', async () => {
    const content = Buffer.alloc(70_000_000, 'wombat ');
    bucket.takeLines();
    const { files: [name], ...record } = await all().create({ files: file('big.bin', content) });
    assert.deepEqual(bucket.takeLines().filter((line) => line.includes('uploadId')).map((line) => line.replace(/^(\w+) .*\?(partNumber=\d+)?.*/, '$1 $2')),
      ['PUT partNumber=1', 'PUT partNumber=2', 'PUT partNumber=3', 'PUT partNumber=4', 'PUT partNumber=5', 'POST ']);
    const answer = await download(record, name);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(content));
    const part = await download(record, name, {}, { headers: { Range: 'bytes=69999990-' } });
    assert.equal(await part.text(), content.subarray(69_999_990).toString());
    await all().delete(record.id);
  });

  it('are neither lost nor promised while the bucket is not there', async () => {
    const record = await all().create({ title: 'before', files: file('before.txt', 'safe') });
    const gone = await all().create({ files: file('gone.txt', 'x') });
    await bucket.shut();
    try {
      await assert.rejects(all().create({ title: 'lost', files: file('lost.txt', 'x') }),
        (error) => error.status === 400 && error.response.message === 'Failed to create record.');
      await assert.rejects(all().update(record.id, { title: 'after', 'files+': file('lost.txt', 'x') }),
        (error) => error.status === 400 && error.response.message === 'Failed to update record.');
      assert.equal((await all().getList(1, 1, { filter: 'title="lost"' })).totalItems, 0);
      assert.deepEqual((await all().getOne(record.id)).files, record.files);
      assert.equal((await all().getOne(record.id)).title, 'before');
      assert.equal((await download(record, record.files[0])).status, 404);
      assert.equal(await all().delete(gone.id), true);
    } finally {
      await bucket.open();
    }
    assert.equal(await (await download(record, record.files[0])).text(), 'safe');
    await until('the deleted file to go', async () => (await kept(gone)).length === 0);
  });

  it('that could not be deleted before a restart go after it', async () => {
    const gone = await all().create({ files: file('gone.txt', 'x') });
    await bucket.shut();
    try {
      await all().delete(gone.id);
      await server.killAll();
    } finally {
      await bucket.open();
    }
    await server.launch();
    root = await server.superuserClient();
    await until('the deleted file to go', async () => (await kept(gone)).length === 0);
  });

  it('are looked for where the settings say, on every worker, from the next request on', async () => {
    const inBucket = await all().create({ files: file('bucket.txt', 'in the bucket') });
    await root.settings.update({ s3: { enabled: false } });
    const local = await all().create({ files: file('local.txt', 'on the disk') });
    assert.ok(fs.existsSync(path.join(server.dir, 'storage', local.collectionId, local.id, local.files[0])));
    for (const [, [wire]] of await server.wires()) {
      const status = async (record) => (await wire.request('GET', `/api/files/docs/${record.id}/${record.files[0]}`)).status;
      assert.deepEqual([await status(inBucket), await status(local)], [404, 200]);
      wire.close();
    }
    await root.settings.update({ s3: { enabled: true } });
    for (const [, [wire]] of await server.wires()) {
      const status = async (record) => (await wire.request('GET', `/api/files/docs/${record.id}/${record.files[0]}`)).status;
      assert.deepEqual([await status(inBucket), await status(local)], [200, 404]);
      wire.close();
    }
  });

  it('are the same to the reference program', { skip: !process.env.WOMBAT_REFERENCE && 'the reference program is not there' }, async () => {
    const image = png(80, 40);
    const ours = await all().create({ files: [file('ours.png', image), file('ours.txt', 'made here')] });
    await download(ours, ours.files[0], { thumb: '20x10' });
    await server.stop();
    const reference = await Server.start({ dir: server.dir, program: process.env.WOMBAT_REFERENCE, superuser: false });
    let theirs;
    try {
      const url = (record, name) => `${reference.url}/api/files/docs/${record.id}/${name}`;
      assert.ok(Buffer.from(await (await fetch(url(ours, ours.files[0]))).arrayBuffer()).equals(image));
      bucket.takeLines();
      assert.equal((await fetch(`${url(ours, ours.files[0])}?thumb=20x10`)).headers.get('content-type'), 'image/png');
      assert.equal(bucket.takeLines().some((line) => line.startsWith('PUT')), false);
      const client = reference.client();
      await client.collection('_superusers').authWithPassword(superuser.email, superuser.password);
      theirs = await client.collection('docs').create({ files: [file('theirs.png', image), file('théirs.txt', 'made there')] });
      await fetch(`${url(theirs, theirs.files[0])}?thumb=20x10`);
    } finally {
      await reference.close();
      await server.launch();
    }
    root = await server.superuserClient();
    assert.equal(await (await download(theirs, theirs.files[1])).text(), 'made there');
    bucket.takeLines();
    assert.equal((await download(theirs, theirs.files[0], { thumb: '20x10' })).headers.get('content-type'), 'image/png');
    assert.equal(bucket.takeLines().some((line) => line.startsWith('PUT')), false);
    const headers = async (record, name) => {
      const object = await bucket.fetch(prefix(record) + name, { method: 'HEAD' });
      const own = [...object.headers].filter(([header]) => !['date', 'etag', 'last-modified', 'x-amzn-requestid', 'x-amz-meta-original-filename'].includes(header));
      return [object.headers.has('x-amz-meta-original-filename'), own];
    };
    assert.deepEqual(await headers(ours, ours.files[0]), await headers(theirs, theirs.files[0]));
    const thumb = (record) => `thumbs_${record.files[0]}/20x10_${record.files[0]}`;
    assert.equal((await headers(ours, thumb(ours)))[0], (await headers(theirs, thumb(theirs)))[0]);
  });
});
