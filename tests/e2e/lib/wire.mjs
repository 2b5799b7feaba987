// One HTTP/1.1 connection that stays open, so that a test knows which worker answers it.
import net from 'node:net';

export class ConnectionClosed extends Error {}

export class Wire {
  #socket;
  #waiting = [];        // one {resolve, reject, head} for each request without an answer yet
  #buffer = Buffer.alloc(0);
  #ended = false;

  constructor(socket) {
    this.#socket = socket;
    this.localPort = socket.localPort;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#buffer = this.#buffer.length ? Buffer.concat([this.#buffer, chunk]) : chunk;
      this.#deliver();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
  }

  static open(port, host = '127.0.0.1') {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host });
      socket.once('error', (error) => reject(new ConnectionClosed(error.code)));
      socket.once('connect', () => resolve(new Wire(socket)));
    });
  }

  get open() {
    return !this.#ended;
  }

  // Sends bytes as they are; nothing is expected back for them.
  write(bytes) {
    this.#socket.write(bytes);
  }

  // The next answer on this connection: {status, headers, text, json}. Rejects with ConnectionClosed.
  answer(method = 'GET', timeout = 60_000) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new ConnectionClosed('the connection is closed'));
      const timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeout} ms`));
        this.close();
      }, timeout);
      this.#waiting.push({
        head: method === 'HEAD',
        resolve: (value) => (clearTimeout(timer), resolve(value)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
      this.#deliver();
    });
  }

  request(method, path, { body, token, headers = {}, timeout } = {}) {
    let text = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
    for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
    if (token) text += `Authorization: ${token}\r\n`;
    const payload = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    if (body !== undefined) text += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(payload)}\r\n`;
    const answer = this.answer(method, timeout);
    this.#socket.write(`${text}\r\n${payload}`);
    return answer;
  }

  // Half-closes: the peer sees the end of the input.
  finish() {
    this.#socket.end();
  }

  // Resolves when the peer has closed; false when it has not within `timeout` ms.
  closed(timeout) {
    if (this.#ended) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeout);
      this.#socket.once('close', () => (clearTimeout(timer), resolve(true)));
    });
  }

  close() {
    this.#socket.destroy();
    this.#end();
  }

  #end() {
    this.#ended = true;
    for (const one of this.#waiting.splice(0)) one.reject(new ConnectionClosed('the connection was closed'));
  }

  #deliver() {
    while (this.#waiting.length) {
      const parsed = parse(this.#buffer, this.#waiting[0].head);
      if (!parsed) return;
      this.#buffer = this.#buffer.subarray(parsed.size);
      if (parsed.answer.status !== 100) this.#waiting.shift().resolve(parsed.answer);
    }
  }
}

// One whole answer at the start of `buffer`: {answer, size}; null while it is incomplete.
function parse(buffer, withoutBody) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const lines = buffer.toString('latin1', 0, end).split('\r\n');
  const status = Number(lines[0].split(' ')[1]);
  const headers = {};
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = end + 4;
  if (withoutBody || status === 204 || status === 304 || status < 200) return { answer: make(status, headers, ''), size: start };
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return parseChunks(buffer, start, status, headers);
  const size = start + Number(headers['content-length'] ?? 0);
  return buffer.length < size ? null : { answer: make(status, headers, buffer.toString('utf8', start, size)), size };
}

function parseChunks(buffer, start, status, headers) {
  const parts = [];
  for (let at = start; ;) {
    const line = buffer.indexOf('\r\n', at);
    if (line < 0) return null;
    const length = parseInt(buffer.toString('latin1', at, line), 16);
    const next = line + 2 + length + 2;
    if (buffer.length < next) return null;
    if (length === 0) return { answer: make(status, headers, Buffer.concat(parts).toString('utf8')), size: next };
    parts.push(buffer.subarray(line + 2, line + 2 + length));
    at = next;
  }
}

function make(status, headers, text) {
  return {
    status,
    headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}
