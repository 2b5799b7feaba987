// Large files go through the server without staying in its memory, and leave nothing behind where they become no record.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server, isReference, sanitized, sleep, temporaryDirectory, until } from './lib/server.mjs';
import { pss, tree } from './lib/processes.mjs';

const largeBytes = Number(process.env.E2E_LARGE_BYTES ?? 300e6);
const allowedGrowth = 16 << 20;
const boundary = 'e2e-7f3a';

let server, root, films;

const head = (name, fileName) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName ? `; filename="${fileName}"` : ''}\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;

// Sends a form with one file of `size` bytes as its pieces come; the answer, and the file's SHA-256.
function upload(size, { chunked = false, collection = 'films', values = {}, onPiece = () => {} } = {}) {
  const start = Object.entries(values).map(([name, value]) => `${head(name)}${value}\r\n`).join('') + head('film', 'film.bin');
  const digest = crypto.createHash('sha256');
  const piece = crypto.randomBytes(1 << 20);
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
    if (!chunked) headers['Content-Length'] = start.length + size + tail.length;
    const request = http.request(`${server.url}/api/collections/${collection}/records`, { method: 'POST', headers }, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      resolve({ status: answer.statusCode, json: JSON.parse(text), digest: digest.digest('hex') });
    });
    request.once('error', reject);
    (async () => {
      request.write(start);
      for (let sent = 0; sent < size;) {
        piece.writeDoubleBE(sent, 0);
        const part = piece.subarray(0, Math.min(piece.length, size - sent));
        digest.update(part);
        sent += part.length;
        // The bytes are copied: the socket may still hold the last ones.
        if (!request.write(Buffer.from(part))) await new Promise((drained) => request.once('drain', drained));
        await onPiece(sent);
        if (request.destroyed) return;
      }
      request.end(tail);
    })().catch(reject);
  });
}

async function download(url) {
  const digest = crypto.createHash('sha256');
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  for await (const part of answer.body) digest.update(part);
  return digest.digest('hex');
}

// Proportional set sizes by pid, in bytes.
const memory = () => new Map(tree(server.pid).map((pid) => [pid, pss(pid) * 1024]));

// The largest growth of any process while `work` runs.
async function growthDuring(work) {
  const start = memory();
  let largest = 0, running = true;
  const watch = (async () => {
    while (running) {
      for (const [pid, bytes] of memory()) largest = Math.max(largest, bytes - (start.get(pid) ?? bytes));
      await sleep(25);
    }
  })();
  const result = await work().finally(() => (running = false));
  await watch;
  return { result, largest };
}

// Every file below the data directory's storage, and what the server has open there without a name.
function walk(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(path.join(folder, entry.name)) : [path.join(folder, entry.name)]) : [];
}
const files = () => walk(path.join(server.dir, 'storage'));
const openSpools = () => tree(server.pid).flatMap((pid) => fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
  try {
    return fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
})).filter((target) => target.includes('/storage') && target.endsWith('(deleted)'));
const nothingOpen = () => until('the last spooled file to go', () => openSpools().length === 0);

describe('large files', { skip: isReference }, () => {
  before(async () => {
    server = await Server.start({ workers: 2 });
    root = await server.superuserClient();
    const fields = [{ name: 'title', type: 'text', max: 5 }, { name: 'film', type: 'file', maxSelect: 1, maxSize: 3e9 }];
    films = await root.collections.create({ name: 'films', type: 'base', viewRule: '', createRule: '', fields });
    await root.collections.create({ name: 'closed', type: 'base', createRule: null, fields });
    await root.collections.create({
      name: 'small', type: 'base', createRule: '', fields: [{ name: 'film', type: 'file', maxSelect: 1, maxSize: 2e6 }],
    });
  });
  after(() => server?.close());

  it(`of ${Math.round(largeBytes / 1e6)} MB pass through in little memory, up and down`, async (t) => {
    const up = await growthDuring(() => upload(largeBytes));
    assert.equal(up.result.status, 200, JSON.stringify(up.result.json));
    const { id, film } = up.result.json;
    assert.equal(fs.statSync(path.join(server.dir, 'storage', films.id, id, film)).size, largeBytes);
    const down = await growthDuring(() => download(`${server.url}/api/files/films/${id}/${film}`));
    assert.equal(down.result, up.result.digest);
    t.diagnostic(`NOTE grew by ${(up.largest / 1e6).toFixed(1)} MB up, ${(down.largest / 1e6).toFixed(1)} MB down`);
    if (!sanitized) assert.ok(up.largest <= allowedGrowth && down.largest <= allowedGrowth);
    const { md5 } = JSON.parse(fs.readFileSync(path.join(server.dir, 'storage', films.id, id, `${film}.attrs`)));
    const content = crypto.createHash('md5');
    for await (const part of fs.createReadStream(path.join(server.dir, 'storage', films.id, id, film))) content.update(part);
    assert.equal(md5, content.digest('base64'));
  });

  it('of unknown length arrive whole', async () => {
    const { status, json, digest } = await upload(5_000_000, { chunked: true, values: { title: 'a' } });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.title, 'a');
    assert.equal(await download(`${server.url}/api/files/films/${json.id}/${json.film}`), digest);
  });

  it('leave nothing behind where no record comes of them', async () => {
    const before = files();
    assert.equal((await upload(3_000_000, { values: { title: 'much too long' } })).status, 400);
    assert.equal((await upload(3_000_000, { collection: 'closed' })).status, 403);
    const large = await upload(3_000_000, { collection: 'small' });
    assert.equal(large.status, 400);
    assert.equal(large.json.data.film.code, 'validation_file_size_limit');
    assert.equal((await upload(3_000_000, { collection: 'missing' })).status, 404);
    await nothingOpen();
    assert.deepEqual(files(), before);
  });

  it('leave nothing behind when their client vanishes', async () => {
    const before = files();
    const length = 50_000_000;
    const socket = net.connect(server.port, '127.0.0.1');
    socket.write(`POST /api/collections/films/records HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\n` +
      `Content-Length: ${length}\r\n\r\n${head('film', 'film.bin')}`);
    socket.write(Buffer.alloc(length / 2));
    await until('the beginning of the file on the disk', () => openSpools().length > 0);
    socket.destroy();
    await nothingOpen();
    assert.deepEqual(files(), before);
  });

  it('past the body limit are refused, however their length is told', async () => {
    const before = files();
    const limit = (32 << 20) + 2e6;
    const declared = await fetch(`${server.url}/api/collections/small/records`, {
      method: 'POST', headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` }, body: Buffer.alloc(limit + 1),
    }).catch((error) => error);
    // A client that is still sending may see the connection end before it reads the answer.
    assert.ok(declared instanceof Error || declared.status === 413);
    const counted = await upload(limit + 5_000_000, { collection: 'small', chunked: true }).catch((error) => error);
    assert.ok(counted instanceof Error || counted.status === 413);
    await nothingOpen();
    assert.deepEqual(files(), before);
    assert.equal((await upload(1_900_000, { collection: 'small' })).status, 200);
  });

  it('of many clients at once are all stored', async () => {
    const sizes = Array.from({ length: 12 }, (_, n) => 600_000 + n * 333_333);
    const answers = await Promise.all(sizes.map((size) => upload(size)));
    assert.deepEqual(answers.map((answer) => answer.status), Array(12).fill(200));
    for (const { json, digest } of answers)
      assert.equal(await download(`${server.url}/api/files/films/${json.id}/${json.film}`), digest);
  });

  it('come in batches, too', async () => {
    await root.settings.update({ batch: { enabled: true, maxRequests: 10, timeout: 20 } });
    const batch = root.createBatch();
    const contents = [crypto.randomBytes(2_000_000), crypto.randomBytes(1000), crypto.randomBytes(1_500_000)];
    contents.forEach((content, n) => batch.collection('films').create({ title: String(n), film: new File([content], `f${n}.bin`) }));
    const records = (await batch.send()).map((answer) => answer.body);
    for (const [n, record] of records.entries())
      assert.equal(await download(`${server.url}/api/files/films/${record.id}/${record.film}`),
        crypto.createHash('sha256').update(contents[n]).digest('hex'));
  });
});

describe('a large file on a small disk', { skip: isReference }, () => {
  const home = temporaryDirectory();
  const disk = path.join(home, 'disk');
  fs.mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk], { stdio: 'ignore' }).status === 0;
  const skip = !mounted && 'mounting a small file system is not permitted here';

  after(async () => {
    await server?.stop();
    if (mounted) execFileSync('umount', ['-l', disk]);
    fs.rmSync(home, { recursive: true, force: true });
  });

  it('is refused with a clear error, and its room is free again', { skip }, async () => {
    server = await Server.start({ workers: 1, dir: path.join(disk, 'pb_data') });
    root = await server.superuserClient();
    await root.collections.create({
      name: 'films', type: 'base', viewRule: '', createRule: '', fields: [{ name: 'film', type: 'file', maxSelect: 1, maxSize: 1e9 }],
    });
    for (const chunked of [false, true]) {
      const full = await upload(80_000_000, { chunked });
      assert.equal(full.status, 507);
      assert.match(full.json.message, /disk is full/);
    }
    await nothingOpen();
    assert.deepEqual(files(), []);
    const { status, json, digest } = await upload(20_000_000);
    assert.equal(status, 200);
    assert.equal(await download(`${server.url}/api/files/films/${json.id}/${json.film}`), digest);
  });
});
