// One-time passwords by mail, two factors, impersonation, the cron endpoints and the installer, through the official SDK over
// two workers (spec 04 §5.1, §6.3–§6.6, §8; 05 §6).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import PocketBase, { ClientResponseError } from 'pocketbase';
import { data, auxiliary } from './lib/datadir.mjs';
import { command, isReference, Server, superuser, temporaryDirectory, until } from './lib/server.mjs';
import { MailServer } from './lib/smtp.mjs';
import { column, execute, query } from './lib/sqlite.mjs';

const password = 'a password of her own';
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
async function refusal(promise) {
  const error = await promise.then(() => assert.fail('it was not refused'), (reason) => reason);
  assert.ok(error instanceof ClientResponseError, error);
  return error;
}

describe('one-time passwords', () => {
  let server, root, mail, members;
  const sql = (text) => query(data(server.dir), text);
  let count = 0;
  async function person(more = {}) {
    const email = `person${count++}@example.com`;
    const record = await root.collection('members').create({ email, password, passwordConfirm: password, ...more });
    return { id: record.id, email };
  }
  // Asks for a code and waits until the server knows to whom it went.
  async function code(email) {
    const { otpId } = await server.client().collection('members').requestOTP(email);
    const { code: digits } = await mail.next(email);
    await until('the recipient', () => sql(`SELECT sentTo FROM _otps WHERE id = '${otpId}'`)[0]?.sentTo === email);
    return { otpId, digits };
  }

  before(async () => {
    mail = await MailServer.start();
    server = await Server.start({ workers: 2 });
    root = await server.superuserClient();
    await root.settings.update({ smtp: mail.settings, meta: { senderAddress: 'app@example.com' } });
    members = await root.collections.create({ name: 'members', type: 'auth', authAlert: { enabled: false }, listRule: '@request.auth.id != ""',
      viewRule: 'id = @request.auth.id', otp: { enabled: true, duration: 120, length: 6 }, fields: [{ name: 'role', type: 'text' }] });
  });
  after(async () => {
    await server?.close();
    await mail?.close();
  });

  it('come by mail and sign in once', async () => {
    const { email } = await person({ verified: true });
    const { otpId, digits } = await code(email);
    assert.match(digits, /^\d{6}$/);
    const client = server.client();
    assert.equal((await refusal(client.collection('members').authWithOTP(otpId, '000000x'))).message, 'Invalid or expired OTP.');
    const signed = await client.collection('members').authWithOTP(otpId, digits);
    assert.equal(signed.record.email, email);
    assert.equal((await client.collection('members').getList()).totalItems, (await root.collection('members').getList()).totalItems);
    assert.equal((await refusal(client.collection('members').authWithOTP(otpId, digits))).status, 400);
    assert.deepEqual(sql(`SELECT id FROM _otps WHERE id = '${otpId}'`), []);
  });

  it('show that the address is its owner\'s, and end what somebody else may have set up', async () => {
    const { id, email } = await person();
    const squatter = server.client();
    await squatter.collection('members').authWithPassword(email, password);
    const { otpId, digits } = await code(email);
    const client = server.client();
    const signed = await client.collection('members').authWithOTP(otpId, digits);
    assert.equal(signed.record.verified, true);
    assert.equal((await client.collection('members').getOne(id)).id, id);
    assert.equal((await refusal(squatter.collection('members').authRefresh())).status, 401);
    assert.equal((await refusal(squatter.collection('members').authWithPassword(email, password))).status, 400);
  });

  it('do not verify an address that they did not go to', async () => {
    const { id, email } = await person();
    const { otpId, digits } = await code(email);
    execute(data(server.dir), `UPDATE _otps SET sentTo = 'elsewhere@example.com' WHERE id = '${otpId}'`);
    const signed = await server.client().collection('members').authWithOTP(otpId, digits);
    assert.deepEqual([signed.record.id, signed.record.verified], [id, false]);
  });

  it('are the same one from the tenth on', async () => {
    const { email } = await person({ verified: true });
    const ids = [];
    for (let n = 0; n < 12; n++) {
      ids.push((await server.client().collection('members').requestOTP(email)).otpId);
      if (n < 10) await mail.next(email);
    }
    assert.equal(new Set(ids).size, 10);
    assert.deepEqual(ids.slice(10), [ids[9], ids[9]]);
    assert.equal(mail.mails.filter((one) => one.recipients.includes(email)).length, 0);
    const nobody = [];
    for (let n = 0; n < 12; n++) nobody.push((await server.client().collection('members').requestOTP('nobody@example.com')).otpId);
    if (!isReference) {   // which makes up another id each time, and so tells that there is nobody
      assert.equal(new Set(nobody).size, 10);
      assert.deepEqual(nobody.slice(10), [nobody[9], nobody[9]]);
    }
    assert.equal(mail.mails.length, 0);
  });

  it('go again when their mail cannot be sent', async () => {
    const { id, email } = await person();
    mail.refuse = 'no such mailbox';
    try {
      const { otpId } = await server.client().collection('members').requestOTP(email);
      assert.match(otpId, /^[a-z0-9]{15}$/);
      await until('the code to go', () => sql(`SELECT id FROM _otps WHERE recordRef = '${id}'`).length === 0);
      await until('the log', () => column(auxiliary(server.dir), "SELECT count(*) FROM _logs WHERE message = 'Failed to send OTP email'")[0] > 0);
    } finally {
      mail.refuse = undefined;
    }
  });

  it('expire', async () => {
    const { email } = await person({ verified: true });
    const { otpId, digits } = await code(email);
    execute(data(server.dir), `UPDATE _otps SET created = '2020-01-01 00:00:00.000Z' WHERE id = '${otpId}'`);
    assert.equal((await refusal(server.client().collection('members').authWithOTP(otpId, digits))).message, 'Invalid or expired OTP.');
  });

  it('are the second of two factors, or the first', async () => {
    const { email } = await person({ verified: true });
    await root.collections.update('members', { mfa: { enabled: true, duration: 300, rule: '' } });
    try {
      const client = server.client();
      const first = await refusal(client.collection('members').authWithPassword(email, password));
      assert.equal(first.status, 401);
      assert.deepEqual(Object.keys(first.response), ['mfaId']);
      const one = await code(email);
      const signed = await client.collection('members').authWithOTP(one.otpId, one.digits, { mfaId: first.response.mfaId });
      assert.equal(signed.record.email, email);

      const two = await code(email);
      const begun = await refusal(client.collection('members').authWithOTP(two.otpId, two.digits));
      assert.equal(begun.status, 401);
      await client.collection('members').authWithPassword(email, password, { mfaId: begun.response.mfaId });
      assert.deepEqual(sql('SELECT id FROM _mfas'), []);
      assert.deepEqual(sql(`SELECT id FROM _otps WHERE id IN ('${one.otpId}', '${two.otpId}')`), []);
    } finally {
      await root.collections.update('members', { mfa: { enabled: false } });
    }
  });

  it('are asked for a second factor only from those whom the rule means', async () => {
    const admin = await person({ role: 'admin', verified: true }), plain = await person({ verified: true });
    await root.collections.update('members', { mfa: { enabled: true, duration: 300, rule: 'role = "admin"' } });
    try {
      assert.equal((await refusal(server.client().collection('members').authWithPassword(admin.email, password))).status, 401);
      assert.equal((await server.client().collection('members').authWithPassword(plain.email, password)).record.email, plain.email);
    } finally {
      await root.collections.update('members', { mfa: { enabled: false } });
    }
  });

  it('are swept away when they have expired, and so are first factors', async () => {
    const { id } = await person();
    const row = (name, more) => root.collection(name).create({ collectionRef: members.id, recordRef: id, ...more });
    const fresh = await row('_otps', { password: '123456' }), old = await row('_otps', { password: '123456' });
    const [freshFactor, oldFactor] = [await row('_mfas', { method: 'otp' }), await row('_mfas', { method: 'otp' })];
    execute(data(server.dir), `UPDATE _otps SET created = '2020-01-01 00:00:00.000Z' WHERE id = '${old.id}';
      UPDATE _mfas SET created = '2020-01-01 00:00:00.000Z' WHERE id = '${oldFactor.id}';`);
    await root.crons.run('__pbOTPCleanup__');
    await root.crons.run('__pbMFACleanup__');
    await until('the sweep', () => sql(`SELECT id FROM _otps WHERE id = '${old.id}' UNION SELECT id FROM _mfas WHERE id = '${oldFactor.id}'`).length === 0);
    assert.equal(sql(`SELECT id FROM _otps WHERE id = '${fresh.id}' UNION SELECT id FROM _mfas WHERE id = '${freshFactor.id}'`).length, 2);
  });

  it('are made for superusers by a command, and then their password is not enough', async () => {
    const before = command(server.dir, ['superuser', 'otp', superuser.email]);
    assert.match(before.stdout + before.stderr, /OTP auth is not enabled for the _superusers collection/);
    const changed = await root.collections.update('_superusers', { otp: { enabled: true, duration: 120, length: 8 } });
    assert.equal(changed.mfa.enabled, true);
    try {
      const missing = command(server.dir, ['superuser', 'otp', 'nobody@example.com']);
      assert.match(missing.stdout + missing.stderr, /superuser with email "nobody@example.com" doesn't exist/);
      const made = command(server.dir, ['superuser', 'otp', superuser.email]).stdout;
      const [, otpId, digits] = /├─ Id: {4}([a-z0-9]{15})\n├─ Pass: {2}(\d{8})\n└─ Valid: 120s/.exec(made);
      const client = server.client();
      const first = await refusal(client.collection('_superusers').authWithPassword(superuser.email, superuser.password));
      assert.equal(first.status, 401);
      const signed = await client.collection('_superusers').authWithOTP(otpId, digits, { mfaId: first.response.mfaId });
      assert.equal(signed.record.email, superuser.email);
      assert.equal((await client.settings.getAll()).meta.senderAddress, 'app@example.com');
    } finally {
      await root.collections.update('_superusers', { otp: { enabled: false }, mfa: { enabled: false } });
    }
  });

  it('impersonation: a client of its own whose token is not renewed', async () => {
    const { id, email } = await person();
    const client = await root.collection('members').impersonate(id, 100);
    assert.equal(client.authStore.record.email, email);
    assert.equal((await client.collection('members').getOne(id)).id, id);
    const claims = claimsOf(client.authStore.token);
    assert.equal(claims.refreshable, false);
    assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 100) < 20);
    const { token } = client.authStore;
    assert.equal((await client.collection('members').authRefresh()).token, token);
    assert.equal(claimsOf((await root.collection('members').impersonate(id, 0)).authStore.token).exp > claims.exp, true);
    for (const [other, status] of [[server.client(), 401], [client, 403]])
      assert.equal((await refusal(other.collection('members').impersonate(id, 100))).status, status);
    assert.equal((await refusal(root.collection('members').impersonate('nobody', 100))).status, 404);
    assert.equal((await refusal(root.collection('members').impersonate(id, -1))).response.data.duration.code, 'validation_min_greater_equal_than_required');
  });

  it('cron jobs are listed and run for superusers only', async () => {
    const jobs = (await root.crons.getFullList()).filter((job) => job.id !== '__pbRateLimitersCleanup__');
    assert.deepEqual(jobs.map((job) => [job.id, job.expression]), [['__pbDBOptimize__', '0 0 * * *'], ['__pbMFACleanup__', '0 * * * *'],
      ['__pbOTPCleanup__', '0 * * * *'], ['__pbLogsCleanup__', '0 */6 * * *']]);
    assert.equal((await refusal(root.crons.run('none'))).message, 'Missing or invalid cron job.');
    const { id } = await person();
    const member = await root.collection('members').impersonate(id, 100);
    for (const [client, status] of [[server.client(), 401], [member, 403]]) {
      assert.equal((await refusal(client.crons.getFullList())).status, status);
      assert.equal((await refusal(client.crons.run('__pbOTPCleanup__'))).status, status);
    }
    execute(auxiliary(server.dir), "INSERT INTO _logs (id, level, message, data, created) VALUES ('old', 0, 'old', '{}', '2020-01-01 00:00:00.000Z')");
    await root.crons.run('__pbLogsCleanup__');
    await until('the old log entry to go', () => column(auxiliary(server.dir), "SELECT count(*) FROM _logs WHERE id = 'old'")[0] === 0);
    await root.crons.run('__pbDBOptimize__');
    await root.collection('members').update(id, { role: 'after' });
    assert.equal((await root.collection('members').getOne(id)).role, 'after');
  });
});

describe('the installer', () => {
  it('prints a link with which the first superuser is created, once', async () => {
    const home = temporaryDirectory();
    const server = await Server.start({ home, superuser: false });
    try {
      const link = () => /\/_\/#\/pbinstall\/(\S+)/.exec(server.output)?.[1];
      const token = await until('the link', link);
      assert.ok(server.output.includes(`${server.url}/_/#/pbinstall/${token}`), server.output);
      assert.match(server.output, /\(you can also create your first superuser by running: \S+ superuser upsert EMAIL PASS\)/);
      const claims = claimsOf(token);
      assert.equal(claims.refreshable, false);
      assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 1800) < 60);
      const client = new PocketBase(server.url);
      client.authStore.save(token, null);
      await client.collection('_superusers').create({ ...superuser, passwordConfirm: superuser.password });
      assert.equal((await refusal(client.settings.getAll())).status, 401);
      assert.deepEqual(column(data(server.dir), 'SELECT email FROM _superusers'), [superuser.email]);
      await server.superuserClient();
      await server.restart();
      await server.superuserClient();
      assert.equal(link(), undefined);
    } finally {
      await server.close();
      fs.rmSync(home, { recursive: true, force: true });
    }
  });
});
