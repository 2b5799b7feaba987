// Starts and stops the server under test. WOMBAT_BIN names its executable; E2E_REFERENCE=1 says that it is the reference
// program, which has one process: what is about Wombat's processes is skipped then.
import buffer from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import PocketBase from 'pocketbase';
import { alive, children, ownerOf, tree } from './processes.mjs';
import { Wire } from './wire.mjs';

// Debian's Node.js 18 has it, but not as a global, as browsers and later versions do.
globalThis.File ??= buffer.File;

const repository = fileURLToPath(new URL('../../..', import.meta.url));

export const binary = process.env.WOMBAT_BIN ?? path.join(repository, 'build-tests/supervisor/wombat');
export const isReference = process.env.E2E_REFERENCE === '1';
export const sanitized = process.env.E2E_SANITIZED === '1';
export const superuser = { email: 'root@example.com', password: 'a long password' };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks until the answer is truthy; throws what it waited for after `timeout` ms. A machine that was paused meanwhile has not
// waited: a step counts for a second at most.
export async function until(what, ask, timeout = 10_000) {
  for (let waited = 0; ; ) {
    const started = Date.now();
    const answer = await ask();
    if (answer) return answer;
    if (waited > timeout) throw new Error(`timed out waiting for ${what}`);
    await sleep(20);
    waited += Math.min(Date.now() - started, 1000);
  }
}

export function temporaryDirectory() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'wombat-e2e-'));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// One command line on a data directory: {status, stdout, stderr}.
export function command(dir, words, { program = binary, env = {} } = {}) {
  const done = spawnSync(program, [...words, '--dir', dir], {
    encoding: 'utf8', timeout: 60_000, env: { ...process.env, NO_COLOR: '1', ...env }, cwd: path.dirname(dir),
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

export class Server {
  // options: home (holds pb_data), workers, args (further words), env, program, dir (instead of home/pb_data)
  static async start(options = {}) {
    const server = new Server();
    server.ownsHome = !options.home && !options.dir;
    server.home = options.home ?? (options.dir ? path.dirname(options.dir) : temporaryDirectory());
    server.dir = options.dir ?? path.join(server.home, 'pb_data');
    server.program = options.program ?? binary;
    server.plain = isReference || server.program !== binary && !options.isWombat;
    server.workers = options.workers ?? 2;
    server.args = options.args ?? [];
    server.env = options.env ?? {};
    if (options.superuser !== false) server.makeSuperuser();
    await server.launch();
    return server;
  }

  makeSuperuser() {
    const made = command(this.dir, ['superuser', 'upsert', superuser.email, superuser.password],
      { program: this.program, env: this.env });
    if (made.status !== 0) throw new Error(`superuser upsert failed: ${made.stdout}${made.stderr}`);
  }

  async launch() {
    await this.exited;    // of the one before
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.output = '';
    const words = ['serve', '--http', `127.0.0.1:${this.port}`, '--dir', this.dir];
    if (!this.plain) words.push('--workers', String(this.workers));
    // An own process group: one signal reaches every process of the server at once. setpriv: should this process be killed,
    // the server does not outlive it.
    this.process = spawn('setpriv', ['--pdeathsig', 'KILL', this.program, ...words, ...this.args], {
      stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: this.home, env: { ...process.env, NO_COLOR: '1', ...this.env },
    });
    this.pid = this.process.pid;
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    this.process.once('exit', () => (this.gone = true));
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => (this.output += text));
    this.gone = false;
    await until(`the server to answer:\n${this.output}`, async () => {
      if (this.gone) throw new Error(`the server did not start:\n${this.output}`);
      return this.healthy();
    }, 60_000);
  }

  async healthy() {
    try {
      return (await fetch(`${this.url}/api/health`, { signal: AbortSignal.timeout(5000) })).ok;
    } catch {
      return false;
    }
  }

  // A fresh SDK client.
  client() {
    return new PocketBase(this.url).autoCancellation(false);
  }

  async superuserClient() {
    const client = this.client();
    await client.collection('_superusers').authWithPassword(superuser.email, superuser.password);
    return client;
  }

  children() {
    return children(this.pid);
  }

  writer() {
    return this.children().find((child) => child.role === 'writer');
  }

  // Waits for another writer than the one of this pid.
  writerAfter(pid, timeout = 30_000) {
    return until('the next writer', () => {
      const writer = this.writer();      // asked once: between two questions it may be gone
      return writer && writer.pid !== pid && writer;
    }, timeout);
  }

  workerPids() {
    return this.children().filter((child) => child.role === 'worker').map((child) => child.pid);
  }

  // Connections known by worker: a Map from worker pid to `each` open connections that this worker answers.
  async wires(each = 1) {
    const pids = this.workerPids();
    const found = new Map(pids.map((pid) => [pid, []]));
    const spare = [];
    for (let tries = 0; tries < 200 * pids.length; tries++) {
      const wire = await Wire.open(this.port);
      await wire.request('GET', '/api/health');
      const mine = found.get(ownerOf(wire.localPort, this.port, pids));
      if (mine && mine.length < each) mine.push(wire);
      else spare.push(wire);
      if ([...found.values()].every((list) => list.length === each)) break;
    }
    spare.forEach((wire) => wire.close());
    const missing = [...found].filter(([, list]) => list.length < each).map(([pid]) => pid);
    if (missing.length) throw new Error(`no connection reached the workers ${missing}`);
    return found;
  }

  async stop() {
    if (this.gone) return this.exited;
    process.kill(this.pid, 'SIGTERM');
    let timer;
    const overdue = new Promise((resolve) => (timer = setTimeout(resolve, 30_000)));
    const ended = await Promise.race([this.exited, overdue]);
    clearTimeout(timer);
    if (!ended) {
      await this.killAll();
      throw new Error(`the server did not stop on SIGTERM:\n${this.output}`);
    }
    return ended;
  }

  // Everything at once, as a power cut does.
  async killAll() {
    const pids = this.gone ? [] : tree(this.pid);
    this.#killGroup();
    await this.exited;
    await until('every process to be gone', () => !pids.some(alive));
  }

  #killGroup() {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }

  async restart() {
    await this.stop();
    await this.launch();
  }

  // Stops the server and removes what it left, when the directory was made for it.
  async close() {
    try {
      await this.stop();
    } finally {
      if (this.ownsHome) fs.rmSync(this.home, { recursive: true, force: true });
    }
  }
}

export async function withServer(options, use) {
  const server = await Server.start(options);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}
