// Mails against a real mail server, and what users do with them: verification, new passwords and addresses, login alerts
// (spec 04 §5.2, §6.7–§6.9, §9).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { auxiliary, data } from './lib/datadir.mjs';
import { isReference, Server, temporaryDirectory, until } from './lib/server.mjs';
import { MailServer, makeCertificate } from './lib/smtp.mjs';
import { column, query } from './lib/sqlite.mjs';
import { Wire } from './lib/wire.mjs';

const password = 'a password of one user';
const secret = 'the mail server\'s own "secret" ü';

describe('mails', { skip: isReference && 'they go through two workers' }, () => {
  let home, server, root, mail, wires, certificate, users = 0;
  const servers = [];

  const start = async (options) => servers[servers.push(await MailServer.start(options)) - 1];
  const sendThrough = (smtp, more = {}) => root.settings.update({ smtp: { ...(smtp.settings ?? smtp), ...more } });
  const test = (template = 'verification', email = 'test@example.com') => root.settings.testEmail('users', email, template);
  const refused = (promise) => promise.then(() => assert.fail('it was not refused'), (error) => error.response);
  const api = (action) => `/api/collections/users/${action}`;
  const everywhere = (count, action, body) => Promise.all(Array.from({ length: count }, (_, i) =>
    wires[i % wires.length].request('POST', api(action), { body })));
  const logged = (message) => until(`"${message}" in the log`, () =>
    column(auxiliary(server.dir), `SELECT data FROM _logs WHERE message = '${message}'`)[0]);
  async function signUp(more = {}) {
    const email = `user${++users}@example.com`;
    const record = await root.collection('users').create({ email, password, passwordConfirm: password, ...more });
    return { ...record, email };
  }
  const login = ({ email }, agent) => wires[0].request('POST', api('auth-with-password'),
    { body: { identity: email, password }, headers: { 'User-Agent': agent } });
  const origins = ({ id }) => query(data(server.dir), `SELECT * FROM _authOrigins WHERE recordRef = '${id}'`);
  const stored = (id) => query(data(server.dir), `SELECT * FROM users WHERE id = '${id}'`)[0];

  // A login whose alert no mail server takes; it goes on behind all other tests.
  const slow = {};
  async function beginSlowLogin() {
    slow.mail = await start({ hold: new Promise((resolve) => (slow.release = resolve)) });
    slow.user = await signUp();
    await login(slow.user, 'first');
    await sendThrough(slow.mail);
    const wire = await Wire.open(server.port), started = Date.now();
    slow.answer = wire.request('POST', api('auth-with-password'), { body: { identity: slow.user.email, password } })
      .then(({ status }) => (wire.close(), { status, took: Date.now() - started }));
    await until('the alert to be under way', () => slow.mail.begun === 1);
    await sendThrough(mail);
  }

  before(async () => {
    home = temporaryDirectory();
    certificate = makeCertificate(home);
    server = await Server.start({ home, workers: 2, env: { SSL_CERT_FILE: certificate.path } });
    root = await server.superuserClient();
    mail = await start();
    await root.settings.update({ meta: { appName: 'Acme', appURL: 'https://app.example', senderName: 'Acme, Support',
      senderAddress: 'support@app.example' } });
    await sendThrough(mail);
    wires = [...(await server.wires(4)).values()].flat();
    await beginSlowLogin();
  });
  after(async () => {
    wires?.forEach((wire) => wire.close());
    await server?.close();
    await Promise.all(servers.map((each) => each.close()));
    fs.rmSync(home, { recursive: true, force: true });
  });

  describe('on their way', () => {
    after(() => sendThrough(mail));
    const ways = [
      ['with PLAIN to this machine', {}, {}, { method: 'PLAIN', encrypted: false }],
      ['with LOGIN to this machine', {}, { authMethod: 'LOGIN' }, { method: 'LOGIN', encrypted: false }],
      ['encrypted by STARTTLS', { tls: true }, {}, { method: 'PLAIN', encrypted: true }],
      ['encrypted from the first byte', { tls: true, secure: true }, { authMethod: 'LOGIN', localName: 'my.host' }, { method: 'LOGIN', encrypted: true }],
    ];
    for (const [name, { tls, secure }, more, login] of ways) {
      it(name, async () => {
        const own = await start({ user: 'acme', password: secret, secure, certificate: tls && certificate });
        await sendThrough(own, more);
        await test();
        const got = await own.next();
        assert.deepEqual(own.logins, [login]);
        assert.deepEqual([got.user, got.encrypted, got.from, got.recipients], ['acme', login.encrypted, 'support@app.example', ['test@example.com']]);
        assert.match(got.client, more.localName ? /^my\.host$/ : /^localhost$/);
      });
    }

    it('go nowhere with a wrong password, which no answer and no log tells', async () => {
      const own = await start({ user: 'acme', password: 'another' });
      await sendThrough({ ...own.settings, password: secret });
      const { message } = await refused(test());
      assert.match(message, /^Failed to send the test email\. Raw error: \n535 /);
      assert.ok(!message.includes('secret'));
    });

    it('give no password to a remote server without encryption', async () => {
      const own = await start({ host: '127.0.0.2', user: 'acme', password: secret });
      await sendThrough(own);
      assert.equal((await refused(test())).message, 'Failed to send the test email. Raw error: \nUnencrypted connection.');
      assert.deepEqual(own.logins, []);
    });

    it('trust no certificate of another name', async () => {
      const own = await start({ user: 'acme', password: secret, certificate });
      await sendThrough(own, { host: '127.0.0.1' });
      assert.match((await refused(test())).message, /certificate|subject name/i);
      assert.deepEqual(own.logins, []);
    });

    it('say what the mail server says', async () => {
      await sendThrough(await start({ refuse: 'no such mailbox' }));
      assert.equal((await refused(test())).message, 'Failed to send the test email. Raw error: \n550 no such mailbox.');
    });

    it('have one header for each, whatever a client wrote', async () => {
      await sendThrough(mail);
      await root.collections.update('users', { verificationTemplate: { subject: 'Hi {RECORD:name}', body: '<p>{RECORD:name}</p>{TOKEN}' } });
      const user = await signUp({ name: 'Ü\r\nBcc: eve@example.com\r\n\r\n<b>' });
      await server.client().collection('users').requestVerification(user.email);
      const got = await mail.next(user.email);
      assert.deepEqual(got.headerLines.map((line) => line.split(':')[0]).sort(),
        ['Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To']);
      assert.deepEqual(got.recipients, [user.email]);
      assert.equal(got.subject, 'Hi ÜBcc: eve@example.com&lt;b&gt;');
      assert.equal(got.header('From'), '"Acme, Support" <support@app.example>');
      assert.match(got.html, /<p>Ü\r\nBcc: eve@example.com\r\n\r\n&lt;b&gt;<\/p>/);
      assert.match(got.text, /^Ü Bcc: eve@example.com <b>eyJ/);
      assert.match(got.header('Message-ID'), /^<[A-Za-z0-9]{15}@app\.example>$/);
    });

    it('of every template', async () => {
      for (const template of ['verification', 'password-reset', 'email-change', 'otp', 'login-alert']) {
        await root.settings.testEmail('_superusers', 'test@example.com', template);
        const got = await mail.next('test@example.com');
        if (template === 'otp') assert.equal(got.code, '123456');
        else if (template === 'login-alert') assert.match(got.html, / - TEST_IP TEST_USER_AGENT</);
        else assert.equal(JSON.parse(Buffer.from(got.token.split('.')[1], 'base64url')).id, '__pb_test_id__');
      }
    });
  });

  it('hold up nobody while a mail server hangs', async () => {
    let release;
    const slow = await start({ hold: new Promise((resolve) => (release = resolve)) });
    await sendThrough(slow);
    for (const user of [await signUp(), await signUp()]) await server.client().collection('users').requestVerification(user.email);
    await until('two mails under way', () => slow.begun === 2);
    const started = Date.now();
    await everywhere(100, '../../health', undefined);
    assert.ok(Date.now() - started < 10_000);
    release();
    await Promise.all([slow.next(), slow.next()]);
    await sendThrough(mail);
  });

  describe('to verify an address', () => {
    let user, token;
    before(async () => {
      user = await signUp();
    });

    it('are sent once, however many ask for them, and to nobody unknown', async () => {
      const answers = await everywhere(20, 'request-verification', { email: user.email });
      assert.deepEqual(new Set(answers.map(({ status, text }) => `${status}${text}`)), new Set(['204']));
      assert.deepEqual((await everywhere(2, 'request-verification', { email: 'nobody@example.com' })).map(({ status }) => status), [204, 204]);
      token = (await mail.next(user.email)).token;
      await everywhere(8, 'request-verification', { email: user.email });
      const other = await signUp();
      await server.client().collection('users').requestVerification(other.email);
      await mail.next(other.email);          // behind all that could have come
      assert.deepEqual(mail.mails, []);
    });

    it('verify it with their token, which other tokens are not', async () => {
      const client = server.client();
      const auth = (await client.collection('users').authWithPassword(user.email, password)).token;
      for (const wrong of [auth, token.slice(0, -2), `${token}x`, 'x'])
        assert.equal((await everywhere(1, 'confirm-verification', { token: wrong }))[0].status, 400, wrong);
      assert.equal(stored(user.id).verified, 0);
      await client.collection('users').confirmVerification(token);
      assert.equal(stored(user.id).verified, 1);
      await client.collection('users').confirmVerification(token);
      assert.equal((await client.collection('users').authRefresh()).record.verified, true);
    });

    it('take the password of whoever had the address before, where passwords are off', async () => {
      await root.collections.create({ name: 'codes', type: 'auth', passwordAuth: { enabled: false }, otp: { enabled: true, duration: 180, length: 8 } });
      const { id } = await root.collection('codes').create({ email: 'code@example.com', password, passwordConfirm: password });
      const before = query(data(server.dir), `SELECT password, tokenKey FROM codes WHERE id = '${id}'`)[0];
      await server.client().collection('codes').requestVerification('code@example.com');
      await server.client().collection('codes').confirmVerification((await mail.next('code@example.com')).token);
      const after = query(data(server.dir), `SELECT password, tokenKey, verified FROM codes WHERE id = '${id}'`)[0];
      assert.equal(after.verified, 1);
      assert.notEqual(after.password, before.password);
      assert.notEqual(after.tokenKey, before.tokenKey);
    });
  });

  describe('for a new password', () => {
    let user, client, token;
    before(async () => {
      user = await signUp();
      client = server.client();
      await client.collection('users').authWithPassword(user.email, password);
    });

    it('may be asked for again at once when the first one did not go out', async () => {
      await sendThrough({ ...mail.settings, port: 9 });
      await everywhere(1, 'request-password-reset', { email: user.email });
      await sendThrough(mail);
      await until('another mail', async () => {
        await everywhere(4, 'request-password-reset', { email: user.email });
        return mail.mails.length > 0;
      });
      token = (await mail.next(user.email)).token;
      await everywhere(8, 'request-password-reset', { email: user.email });
      assert.deepEqual(mail.mails, []);
    });

    it('set it once, and end every session', async () => {
      const [{ json }] = await everywhere(1, 'confirm-password-reset', { token, password: 'short', passwordConfirm: 'other' });
      assert.deepEqual([json.data.password.params, json.data.passwordConfirm.code], [{ min: 8, max: 255 }, 'validation_values_mismatch']);
      const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => wires[i].request('POST', api('confirm-password-reset'),
        { body: { token, password: `new password ${i}`, passwordConfirm: `new password ${i}` } })));
      const winners = answers.map(({ status }, i) => (status === 204 ? i : -1)).filter((i) => i >= 0);
      assert.equal(winners.length, 1, JSON.stringify(answers.map(({ status }) => status)));
      for (const { status, json: refusal } of answers.filter(({ status: code }) => code !== 204))
        assert.deepEqual([status, refusal.data.token.code], [400, 'validation_invalid_token']);
      assert.equal((await refused(client.collection('users').authRefresh())).status, 401);
      assert.equal((await refused(client.collection('users').authWithPassword(user.email, password))).status, 400);
      const { record } = await client.collection('users').authWithPassword(user.email, `new password ${winners[0]}`);
      assert.equal(record.verified, true);
    });
  });

  describe('for a new address', () => {
    it('change it for whoever has the password, and once', async () => {
      const user = await signUp(), client = server.client(), taken = await signUp();
      await client.collection('users').authWithPassword(user.email, password);
      const { data: errors } = await refused(client.collection('users').requestEmailChange(taken.email));
      assert.equal(errors.newEmail.code, 'validation_invalid_new_email');
      await sendThrough({ ...mail.settings, port: 9 });
      assert.equal((await refused(client.collection('users').requestEmailChange('new@example.com'))).message, 'Failed to request email change.');
      await sendThrough(mail);
      await client.collection('users').requestEmailChange('new@example.com');
      const { token } = await mail.next('new@example.com');
      assert.equal((await refused(client.collection('users').confirmEmailChange(token, 'wrong'))).data.password.code, 'validation_invalid_password');
      assert.equal(stored(user.id).email, user.email);
      await client.collection('users').confirmEmailChange(token, password);
      assert.deepEqual([stored(user.id).email, stored(user.id).verified], ['new@example.com', 1]);
      assert.equal((await refused(client.collection('users').confirmEmailChange(token, password))).data.token.code, 'validation_invalid_token');
      assert.equal((await refused(client.collection('users').authRefresh())).status, 401);
      await client.collection('users').authWithPassword('new@example.com', password);
    });
  });

  describe('after a login from elsewhere', () => {
    let user;
    before(async () => {
      user = await signUp();
    });

    it('tell where from, except after the first', async () => {
      assert.equal((await login(user, 'first')).status, 200);
      assert.equal((await login(user, '<b>second')).status, 200);
      const got = await mail.next(user.email);
      assert.equal(got.subject, 'Login from a new location');
      assert.match(got.html, /\d\d:\d\d:\d\d\.\d\d\dZ - 127\.0\.0\.1 &lt;b&gt;second</);
      await login(user, 'first');
      await login(user, '<b>second');
      assert.equal(origins(user).length, 2);
    });

    it('are tried again when they did not go out, and the login goes on', async () => {
      await sendThrough({ ...mail.settings, port: 9 });
      assert.equal((await login(user, 'third')).status, 200);
      assert.equal(origins(user).length, 2);
      await sendThrough(mail);
      await login(user, 'third');
      await mail.next(user.email);
      assert.equal(origins(user).length, 3);
    });

    it('forget all but the five last places', async () => {
      for (const agent of ['4', '5', '6', '7']) {
        await login(user, agent);
        await mail.next(user.email);
      }
      assert.equal(origins(user).length, 5);
      await login(user, '7');
      await login(user, 'first');
      await mail.next(user.email);
      assert.deepEqual(mail.mails, []);
    });
  });

  describe('without a mail server', { skip: ['/usr/sbin/sendmail', '/usr/bin/sendmail'].some(fs.existsSync) && 'this machine has a sendmail of its own' }, () => {
    it('go to the machine\'s sendmail', async () => {
      const folder = path.join(home, 'bin'), taken = path.join(home, 'taken');
      fs.mkdirSync(folder);
      const script = (text) => fs.writeFileSync(path.join(folder, 'sendmail'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      script(`echo "$@" > ${taken}.words; cat > ${taken}`);
      const own = await Server.start({ workers: 1, args: ['--dev'], env: { PATH: `${folder}:${process.env.PATH}` } });
      try {
        const admin = await own.superuserClient();
        await admin.settings.testEmail('users', 'test@example.com', 'otp');
        assert.equal(fs.readFileSync(`${taken}.words`, 'utf8'), '-i -t\n');
        assert.match(fs.readFileSync(taken, 'utf8'), /^Content-Type: text\/html; charset=UTF-8\r\nFrom: Support <.*>\r\nSubject: OTP for Acme\r\nTo: test@example\.com\r\n\r\n<!DOCTYPE[^]*123456/);
        assert.match(own.output, /├─ To: test@example\.com\n/);
        script('exit 7');
        assert.match((await refused(admin.settings.testEmail('users', 'test@example.com', 'otp'))).message, /\nExit status 7\.$/);
        fs.rmSync(path.join(folder, 'sendmail'));
        assert.match((await refused(admin.settings.testEmail('users', 'test@example.com', 'otp'))).message, /\nFailed to locate a sendmail executable path\.$/);
      } finally {
        await own.close();
      }
    });
  });

  it('hold up a login for 15 s at most', async () => {
    const { status, took } = await slow.answer;
    assert.equal(status, 200);
    assert.ok(took > 14_000 && took < 25_000, `${took} ms`);
    assert.equal(origins(slow.user).length, 1);
    slow.release();
    await slow.mail.next(slow.user.email);
  });

  it('say in the log what failed, and nowhere a password', async () => {
    await logged('POST /api/settings/test/email');
    for (const kind of ['password reset email', 'login alert']) assert.match(await logged(`Failed to send ${kind}`), /"error":"Failed to connect/);
    const files = [auxiliary(server.dir), `${auxiliary(server.dir)}-wal`].filter(fs.existsSync).map((file) => fs.readFileSync(file, 'latin1'));
    for (const text of [...files, server.output]) assert.ok(!text.includes('the mail server\'s own') && !text.includes(password));
  });
});
