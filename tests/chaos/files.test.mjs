// Processes are killed while files are uploaded, replaced and deleted: afterwards every record has its files, and the
// storage holds nothing else.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server, sleep, until } from '../e2e/lib/server.mjs';
import { query } from '../e2e/lib/sqlite.mjs';
import { seeded } from './lib/powercut.mjs';

const kills = Number(process.env.CHAOS_KILLS ?? 20);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1e9);
const clients = 8;

describe(`killed while files move (seed ${seed})`, () => {
  const random = seeded(seed);
  let server, collection, running = true, acknowledged = 0;
  const alive = new Map();      // id → the file name that the last acknowledged answer told; unknown ones are left out
  const workers = [];

  // Every fourth file is so large that it is written to the disk while it arrives.
  const form = (text) => {
    const body = new FormData();
    const filler = Math.random() < 0.25 ? Buffer.alloc(1_500_000, text) : '';
    body.append('file', new File([text, filler], 'some file.txt'));
    return body;
  };
  async function ask(method, url, body) {
    try {
      const answer = await fetch(server.url + url, { method, body, signal: AbortSignal.timeout(60_000) });
      return { status: answer.status, json: answer.status === 204 ? null : await answer.json() };
    } catch {
      return null;                // a killed worker's connection: nobody knows
    }
  }
  async function client() {
    const records = '/api/collections/docs/records';
    while (running) {
      const made = await ask('POST', records, form(`content ${Math.random()}`));
      if (made?.status !== 200) {
        await sleep(5);
        continue;
      }
      acknowledged++;
      const { id } = made.json;
      alive.set(id, made.json.file);
      if (Math.random() < 0.5) {
        alive.delete(id);
        const changed = await ask('PATCH', `${records}/${id}`, form(`changed ${Math.random()}`));
        if (changed?.status === 200) alive.set(id, changed.json.file);
      }
      if (Math.random() < 0.3) {
        alive.delete(id);
        await ask('DELETE', `${records}/${id}`);
      }
    }
  }

  before(async () => {
    server = await Server.start({ workers: 2 });
    const root = await server.superuserClient();
    collection = await root.collections.create({
      name: 'docs', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '',
      fields: [{ name: 'file', type: 'file', maxSelect: 1 }],
    });
    for (let n = 0; n < clients; n++) workers.push(client());
    await until('uploads', () => acknowledged > 20, 60_000);
  });
  after(() => server?.close());

  // What is stored: `${record}/${name}` of every file, thumbs and sidecars left out.
  function files() {
    const folder = path.join(server.dir, 'storage', collection.id);
    if (!fs.existsSync(folder)) return [];
    return fs.readdirSync(folder).flatMap((id) => fs.readdirSync(path.join(folder, id)).filter((name) => !name.endsWith('.attrs')).map((name) => `${id}/${name}`));
  }
  const rows = () => query(`${server.dir}/data.db`, 'SELECT id, file FROM docs');

  function compare() {
    const wanted = rows().filter((row) => row.file).map((row) => `${row.id}/${row.file}`).sort();
    const found = files().sort();
    assert.deepEqual(wanted.filter((name) => !found.includes(name)), [], 'records whose file is missing');
    assert.deepEqual(found.filter((name) => !wanted.includes(name)), [], 'files that belong to no record');
    const damaged = found.filter((name) => {
      const file = path.join(server.dir, 'storage', collection.id, name);
      const { md5 } = JSON.parse(fs.readFileSync(`${file}.attrs`));
      return md5 !== crypto.createHash('md5').update(fs.readFileSync(file)).digest('base64');
    });
    assert.deepEqual(damaged, [], 'files that are not what was uploaded');
  }

  it(`workers and the writer, ${kills} times`, async () => {
    for (let n = 0; n < kills; n++) {
      const role = random() < 0.5 ? 'worker' : 'writer';
      const candidates = server.children().filter((child) => child.role === role);
      const victim = candidates[Math.floor(random() * candidates.length)];
      process.kill(victim.pid, 'SIGKILL');
      await until(`the next ${role}`, () => {
        const now = server.children().filter((child) => child.role === role);
        return now.length === candidates.length && now.every((child) => child.pid !== victim.pid);
      }, 30_000);
      const reached = acknowledged;
      await until('new uploads', () => acknowledged > reached + 3, 60_000);
      await sleep(random() * 100);
    }
  });

  it('all at once', async () => {
    await server.killAll();
    running = false;
    await Promise.all(workers);
    await server.launch();
    await until('the sweep', () => {
      const left = path.join(server.dir, '.notify/files');
      return !fs.existsSync(left) || fs.readdirSync(left).length === 0;
    }, 30_000);
    await sleep(500);             // removals that the writer queued
    compare();
  });

  it('every acknowledged file is there', async (t) => {
    const now = new Map(rows().map((row) => [row.id, row.file]));
    const lost = [...alive].filter(([id, name]) => now.get(id) !== name);
    assert.deepEqual(lost, []);
    t.diagnostic(`NOTE ${acknowledged} uploads were acknowledged, ${alive.size} checked`);
  });
});
