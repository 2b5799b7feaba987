// An S3-compatible server (moto, from PyPI; WOMBAT_MOTO names its program) behind a door that can be shut: a server that is
// not there for a while, and then is again with all that it had.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { until } from './server.mjs';

export const motoServer = process.env.WOMBAT_MOTO;
export const missing = motoServer ? false : 'moto_server (pip: moto) is not there: WOMBAT_MOTO does not name it';

// Anything but nothing: who asks without is the public.
const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

const listen = (server, port) => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', () => resolve(server.address().port));
});

async function freePort() {
  const probe = net.createServer();
  const port = await listen(probe, 0);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class Bucket {
  static async start(name = 'wombat-files') {
    const bucket = new Bucket();
    bucket.name = name;
    const port = await freePort();
    bucket.direct = `http://127.0.0.1:${port}`;
    bucket.process = spawn('setpriv', ['--pdeathsig', 'KILL', motoServer, '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    bucket.exited = new Promise((resolve) => bucket.process.once('exit', resolve));
    await until('the bucket', async () => {
      try {
        return (await bucket.fetch('', { method: 'PUT' })).ok;
      } catch {
        return false;
      }
    }, 30_000);
    bucket.motoPort = port;
    bucket.connections = new Set();
    bucket.lines = [];
    await bucket.open();
    return bucket;
  }

  // ---- the door
  async open() {
    this.door = net.createServer((client) => {
      const server = net.connect(this.motoPort, '127.0.0.1');
      for (const [from, to] of [[client, server], [server, client]]) {
        this.connections.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => (this.connections.delete(from), to.destroy()));
        from.pipe(to);
      }
      client.on('data', (bytes) => {
        const line = /^(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP\/1\.1\r\n/.exec(bytes.subarray(0, 4096).toString('latin1'));
        if (line) this.lines.push(`${line[1]} ${line[2]}`);
      });
    });
    this.port = await listen(this.door, this.port ?? 0);
    this.endpoint = `http://127.0.0.1:${this.port}`;
  }

  async shut() {
    const closed = new Promise((resolve) => this.door.close(resolve));
    for (const connection of this.connections) connection.destroy();
    await closed;
  }

  // Requests that came through the door since the last call.
  takeLines() {
    return this.lines.splice(0);
  }

  // ---- what is in it, past the door
  fetch(path, options = {}) {
    return fetch(`${this.direct}/${this.name}${path && `/${path}`}`, { ...options, headers: { authorization, ...options.headers } });
  }

  async keys(prefix = '') {
    const answer = await this.fetch(`?list-type=2&prefix=${encodeURIComponent(prefix)}`);
    return [...(await answer.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1]).sort();
  }

  settings(changes = {}) {
    return {
      enabled: true, bucket: this.name, region: 'us-east-1', endpoint: this.endpoint, accessKey: 'test', secret: 'secret',
      forcePathStyle: true, ...changes,
    };
  }

  async close() {
    await this.shut();
    this.process.kill('SIGKILL');
    await this.exited;
  }
}
