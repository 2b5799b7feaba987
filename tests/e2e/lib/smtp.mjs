// A real mail server on loopback (npm smtp-server) that keeps what it is given.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';

// A certificate of its own for "localhost"; the server under test trusts it by SSL_CERT_FILE.
export function makeCertificate(folder) {
  const key = path.join(folder, 'mail-key.pem'), cert = path.join(folder, 'mail-cert.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { path: cert, key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
}

const decodeQuoted = (text) => Buffer.from(text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
const decodeWords = (text) => text.replace(/\?=\r?\n? +=\?/g, '?==?')
  .replace(/=\?utf-8\?q\?(.*?)\?=/gi, (_, word) => decodeQuoted(word.replace(/_/g, ' ')));

// One mail as it arrived.
export class Mail {
  constructor(raw, session) {
    this.raw = raw;
    this.from = session.envelope.mailFrom.address;
    this.recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
    this.user = session.user;
    this.encrypted = session.secure;
    this.client = session.hostNameAppearsAs;
    const end = raw.indexOf('\r\n\r\n');
    this.headerLines = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
    this.subject = decodeWords(this.header('Subject') ?? '');
    this.html = this.#part('text/html');
    this.text = this.#part('text/plain');
  }

  header(name) {
    const line = this.headerLines.find((text) => text.toLowerCase().startsWith(`${name.toLowerCase()}: `));
    return line?.slice(name.length + 2);
  }

  #part(type) {
    const found = new RegExp(`\\r\\nContent-Type: ${type}[^\\r]*\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--[0-9a-f]{60}`).exec(this.raw);
    return found ? decodeQuoted(found[1]) : null;
  }

  // The first token, or the one-time code, of a built-in template.
  get token() { return /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.exec(this.html)?.[0]; }
  get code() { return /<strong>(\d+)<\/strong>/.exec(this.html)?.[1]; }
}

export class MailServer {
  // options: host, certificate (offers STARTTLS), secure (TLS from the first byte), user and password (asks for them), methods,
  // refuse (the text of a refused recipient), hold (a promise that each mail waits for)
  static async start(options = {}) {
    const server = new MailServer();
    Object.assign(server, { mails: [], waiting: [], refuse: options.refuse, hold: options.hold, logins: [], begun: 0 });
    const { certificate } = options;
    server.server = new SMTPServer({
      secure: options.secure ?? false,
      ...(certificate ? { key: certificate.key, cert: certificate.cert } : {}),
      hideSTARTTLS: !certificate || options.secure,
      authMethods: options.methods ?? ['PLAIN', 'LOGIN'],
      authOptional: !options.user,
      allowInsecureAuth: !certificate,
      disableReverseLookup: true,
      onAuth: (auth, session, done) => {
        server.logins.push({ method: auth.method, encrypted: session.secure });
        const known = auth.username === options.user && auth.password === options.password;
        done(known ? null : new Error('Invalid username or password'), known ? { user: auth.username } : undefined);
      },
      onRcptTo: (address, session, done) => done(server.refuse ? Object.assign(new Error(server.refuse), { responseCode: 550 }) : null),
      onData: (stream, session, done) => {
        const chunks = [];
        server.begun++;
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('end', async () => {
          await server.hold;
          server.#deliver(new Mail(Buffer.concat(chunks).toString('latin1'), session));
          done();
        });
      },
    });
    server.server.on('error', () => {});   // a client that gives up in the middle
    await new Promise((resolve) => server.server.listen(0, options.host ?? '127.0.0.1', resolve));
    server.port = server.server.server.address().port;
    server.options = options;
    return server;
  }

  // For the settings' `smtp`.
  get settings() {
    const { user = '', password = '', secure = false } = this.options;
    return { enabled: true, host: this.options.host ?? 'localhost', port: this.port, username: user, password, tls: secure, authMethod: '', localName: '' };
  }

  #deliver(mail) {
    const index = this.waiting.findIndex(({ to }) => !to || mail.recipients.includes(to));
    if (index < 0) return this.mails.push(mail);
    this.waiting.splice(index, 1)[0].resolve(mail);
  }

  // The oldest mail (to `to`) that nobody took, or the next one.
  next(to, timeout = 20_000) {
    const index = this.mails.findIndex((mail) => !to || mail.recipients.includes(to));
    if (index >= 0) return Promise.resolve(this.mails.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no mail came${to ? ` for ${to}` : ''}`)), timeout);
      this.waiting.push({ to, resolve: (mail) => { clearTimeout(timer); resolve(mail); } });
    });
  }

  close() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
