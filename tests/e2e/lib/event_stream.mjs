// One realtime connection as bytes, so that a test knows which worker has it and reads as fast or slowly as it likes.
import net from 'node:net';

export class EventStream {
  #socket;
  #text = '';
  #waiting = [];

  // Resolves when the server has said PB_CONNECT.
  static async open(port) {
    const stream = new EventStream();
    stream.#socket = net.connect({ port, host: '127.0.0.1' });
    stream.events = [];            // {name, data} in the order of arrival, from PB_CONNECT on
    stream.closed = false;
    stream.#socket.setEncoding('utf8');
    stream.#socket.on('data', (text) => stream.#take(text));
    stream.#socket.on('error', () => {});
    stream.#socket.on('close', () => {
      stream.closed = true;
      stream.#wake();
    });
    stream.#socket.write('GET /api/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const first = await stream.event(0);
    stream.localPort = stream.#socket.localPort;
    stream.id = JSON.parse(first.data).clientId;
    return stream;
  }

  // What is no line of an event is the head or a chunk's frame: the payloads of these tests hold no line breaks.
  #take(text) {
    this.#text += text;
    for (let end; (end = this.#text.indexOf('\n\n')) >= 0; this.#text = this.#text.slice(end + 2)) {
      const message = this.#text.slice(0, end).split('\n').map((line) => line.trimEnd());
      const value = (key) => message.find((line) => line.startsWith(`${key}:`))?.slice(key.length + 1);
      if (value('event') === undefined) continue;
      this.events.push({ id: value('id'), name: value('event'), data: value('data') });
    }
    this.#wake();
  }

  #wake() {
    this.#waiting.splice(0).forEach((resume) => resume());
  }

  // Resolves when `ready` answers true; rejects when the stream ends or `timeout` ms have passed without.
  async until(ready, timeout = 60_000) {
    const deadline = Date.now() + timeout;
    while (!ready()) {
      if (this.closed) throw new Error('the event stream has ended');
      if (Date.now() > deadline) throw new Error(`timed out with ${this.events.length} events`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  async event(index) {
    await this.until(() => this.events.length > index);
    return this.events[index];
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  close() {
    this.#socket.destroy();
  }
}
