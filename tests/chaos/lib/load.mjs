// Clients that create records under ids of their own choice and remember what was acknowledged.
import { sleep } from '../../e2e/lib/server.mjs';
import { ownerOf } from '../../e2e/lib/processes.mjs';
import { ConnectionClosed, Wire } from '../../e2e/lib/wire.mjs';

export const connections = 32;

// One client on one connection at a time. It alternates between creating a record and raising its counter.
class Client {
  constructor(load, number) {
    this.load = load;
    this.number = number;
    this.raised = 0;        // acknowledged raises of the counter
    this.unknown = 0;       // raises whose answer was lost with the connection
  }

  async run() {
    for (let n = 0; this.load.running; n++) {
      const prefix = `c${this.load.generation}x${this.number}x`;
      await this.create(prefix + String(n).padStart(15 - prefix.length, '0'));
      if (this.counter) await this.raise();
    }
    this.wire?.close();
  }

  // Keeps asking for the same id until there is an answer: a lost answer leaves open whether the record was stored.
  async create(id) {
    for (let retried = false; ; retried = true) {
      if (retried && this.load.stopped) return;
      const answer = await this.ask('POST', `/api/collections/${this.load.collection}/records`, { id, x: `client ${this.number}` });
      if (!answer) continue;
      const taken = retried && answer.status === 400 && answer.json.data?.id?.code === 'validation_not_unique';
      if (answer.status === 200 || taken) this.load.acknowledged.push(id);
      else this.load.errors.push(`${id}: ${answer.status} ${answer.text}`);
      return;
    }
  }

  async raise() {
    const answer = await this.ask('PATCH', `/api/collections/${this.load.collection}/records/${this.counter}`, { 'n+': 1 });
    if (!answer) this.unknown++;
    else if (answer.status === 200) this.raised++;
    else this.load.errors.push(`raise: ${answer.status} ${answer.text}`);
  }

  // The answer, or null when the connection was lost: that is an error unless the test has killed the worker behind it.
  async ask(method, path, body) {
    try {
      if (!this.wire?.open) await this.connect();
      return await this.wire.request(method, path, { body });
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) {
        this.load.errors.push(`${method}: ${error.message}`);
        await sleep(100);
      } else if (!this.load.mayClose(this)) {
        this.load.errors.push(`${method}: the connection to worker ${this.owner} was lost`);
      }
      this.wire?.close();
      this.wire = null;
      await sleep(5);
      return null;
    }
  }

  async connect() {
    this.owner = null;
    this.wire = await Wire.open(this.load.server.port);
    if (!this.load.trackOwners) return;
    await this.wire.request('GET', '/api/health');
    this.owner = ownerOf(this.wire.localPort, this.load.server.port, this.load.server.workerPids());
  }
}

export class Load {
  // collection: has an `x` text and an `n` number field and open rules.
  constructor(server, collection, { generation = 0, trackOwners = false } = {}) {
    Object.assign(this, { server, collection, generation, trackOwners });
    this.acknowledged = [];
    this.errors = [];
    this.killed = new Set();      // workers that the test has killed
    this.clients = Array.from({ length: connections }, (_, number) => new Client(this, number));
  }

  mayClose(client) {
    return this.stopped || client.owner === null && this.killed.size > 0 || this.killed.has(client.owner);
  }

  // One record a client, whose number the client then raises besides creating records.
  async makeCounters() {
    for (const client of this.clients) {
      const wire = await Wire.open(this.server.port);
      const made = await wire.request('POST', `/api/collections/${this.collection}/records`, { body: { x: 'counter', n: 0 } });
      wire.close();
      client.counter = made.json.id;
    }
  }

  start() {
    this.running = true;
    this.done = Promise.all(this.clients.map((client) => client.run()));
  }

  // Lets every client finish what it has begun.
  async finish() {
    this.running = false;
    await this.done;
  }

  // The server is about to be gone: nobody waits for answers any more.
  abandon() {
    this.running = false;
    this.stopped = true;
  }
}
