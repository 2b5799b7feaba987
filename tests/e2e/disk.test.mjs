// A full disk and a directory that cannot be written: writes fail clearly, reads go on, nothing acknowledged is lost.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isReference, Server, temporaryDirectory, until } from './lib/server.mjs';
import { column } from './lib/sqlite.mjs';
import { Wire } from './lib/wire.mjs';

const mebibytes = 48;

// A small file system of its own; null when this machine does not let us have one.
function smallDisk(directory) {
  fs.mkdirSync(directory, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory], { stdio: 'ignore' }).status === 0;
}

const refusedWrite = (answer) => answer.status >= 400 && answer.status < 600;

describe('a full disk', () => {
  const home = temporaryDirectory();
  const disk = path.join(home, 'disk');
  const mounted = smallDisk(disk);
  const skip = !mounted && 'mounting a small file system is not permitted here';
  let server, root, wire;

  before(async () => {
    if (!mounted) return;
    server = await Server.start({ workers: 2, dir: path.join(disk, 'pb_data') });
    root = await server.superuserClient();
    await root.collections.create({ name: 'blobs', type: 'base', listRule: '', viewRule: '', createRule: '', fields: [{ name: 'x', type: 'text', max: 1_000_000 }] });
    wire = await Wire.open(server.port);
  });
  after(async () => {
    wire?.close();
    await server?.stop();
    if (mounted) execFileSync('umount', ['-l', disk]);
    fs.rmSync(home, { recursive: true, force: true });
  });

  const write = (size) => wire.request('POST', '/api/collections/blobs/records', { body: { x: 'x'.repeat(size) } });

  it('fails writes with a clear error, serves reads, and takes writes again when there is room', { skip }, async () => {
    const acknowledged = [];
    const pids = server.children().map((child) => child.pid);

    // Something else takes the disk, so that little is left to the server.
    const ballast = path.join(disk, 'ballast');
    const { bavail, bsize } = fs.statfsSync ? fs.statfsSync(disk) : { bavail: mebibytes << 8, bsize: 4096 };
    fs.writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - (6 << 20)), 1));

    for (let round = 0; round < 3; round++) {
      let refusal;
      await until('the disk to be full', async () => {
        const answer = await write(200_000);
        if (answer.status === 200) acknowledged.push(answer.json.id);
        else refusal = answer;
        return refusal;
      }, 60_000);
      assert.ok(refusedWrite(refusal), `${refusal.status} ${refusal.text}`);
      assert.ok(refusal.json.message.length > 5);

      for (const id of acknowledged.slice(-5)) {
        const seen = await wire.request('GET', `/api/collections/blobs/records/${id}?fields=id`);
        assert.deepEqual([seen.status, seen.json.id], [200, id]);
      }
      const list = await wire.request('GET', '/api/collections/blobs/records?perPage=1&fields=id');
      assert.equal(list.json.totalItems, acknowledged.length);

      fs.truncateSync(ballast, Math.max(0, fs.statSync(ballast).size - (8 << 20)));
      const again = await until('a write to work again', async () => {
        const answer = await write(1000);
        return answer.status === 200 && answer;
      });
      acknowledged.push(again.json.id);
    }
    if (!isReference) assert.deepEqual(server.children().map((child) => child.pid), pids);

    fs.rmSync(ballast);
    await server.killAll();
    await server.launch();
    wire = await Wire.open(server.port);
    const stored = new Set(column(`${server.dir}/data.db`, 'SELECT id FROM blobs'));
    assert.deepEqual(acknowledged.filter((id) => !stored.has(id)), []);
    assert.deepEqual(column(`${server.dir}/data.db`, 'PRAGMA integrity_check'), ['ok']);
  });

  it('from the start is said clearly, without hanging', { skip }, async () => {
    const empty = path.join(home, 'tiny');
    fs.mkdirSync(empty);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', empty], { stdio: 'ignore' }).status !== 0) return;
    try {
      const started = Server.start({ workers: 1, dir: path.join(empty, 'pb_data'), superuser: false });
      await assert.rejects(started, /did not start[^]*(full|space|I\/O|disk)/i);
    } finally {
      execFileSync('umount', ['-l', empty]);
    }
  });
});

// For root no file is read-only, so root gets a file system that is; everybody else a directory without write permission.
describe('a read-only directory', () => {
  const home = temporaryDirectory();
  const disk = path.join(home, 'disk');
  const isRoot = process.getuid() === 0;
  fs.mkdirSync(disk);
  const mounted = isRoot && smallDisk(disk);
  const skip = isRoot && !mounted && 'mounting a file system is not permitted here';
  let server;

  function setWritable(writable) {
    if (mounted) return execFileSync('mount', ['-o', `remount,${writable ? 'rw' : 'ro'}`, disk]);
    if (writable) fs.chmodSync(server.dir, 0o755);
    for (const name of fs.readdirSync(server.dir)) {
      const file = path.join(server.dir, name);
      fs.chmodSync(file, (writable ? 0o644 : 0o444) | (fs.statSync(file).isDirectory() ? 0o111 : 0));
    }
    if (!writable) fs.chmodSync(server.dir, 0o555);
  }

  after(async () => {
    if (server) setWritable(true);
    await server?.stop();
    if (mounted) execFileSync('umount', ['-l', disk]);
    fs.rmSync(home, { recursive: true, force: true });
  });

  it('is said clearly by a server that is to start on it, which serves when it can be written again', { skip }, async () => {
    server = await Server.start({ workers: 1, dir: path.join(disk, 'pb_data') });
    await server.stop();
    setWritable(false);
    const words = ['serve', '--http', '127.0.0.1:0', '--dir', server.dir];
    const done = spawnSync(server.program, words, { encoding: 'utf8', timeout: 30_000 });
    assert.notEqual(done.status, null, 'the server neither served nor ended');
    assert.notEqual(done.status, 0);
    assert.match(done.stderr + done.stdout, /read-?only|readonly|unable to open|cannot|permission denied/i);

    setWritable(true);
    await server.launch();
    const client = await server.superuserClient();
    assert.ok((await client.collections.getFullList()).length > 0);
  });
});
