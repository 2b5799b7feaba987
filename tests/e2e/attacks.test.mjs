// Attacks on sign-in, each of which gets its refusal and leaves nothing behind (spec 04 §2, §6.13).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { auxiliary, data } from './lib/datadir.mjs';
import { command, isReference, Server, superuser, until } from './lib/server.mjs';
import { column, query } from './lib/sqlite.mjs';

const ann = { email: 'ann@example.com', password: 'a password of her own' };
const code = '48151623';

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (token) => token.split('.');
const claimsOf = (token) => JSON.parse(Buffer.from(parts(token)[1], 'base64url'));
function sign(claims, key, { header = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256' } = {}) {
  const body = `${base64(header)}.${base64(claims)}`;
  return `${body}.${createHmac(hash, key).update(body).digest('base64url')}`;
}
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

describe('attacks on sign-in', { skip: isReference && 'several of them need two workers' }, () => {
  let server, root, wires, users, annId, token;

  const send = (method, path, options) => wires[0].request(method, path, options);
  const post = (path, body, options = {}) => (options.wire ?? wires[0]).request('POST', `/api/collections/${path}`, { body, ...options });
  const secrets = () => {
    const [row] = query(data(server.dir), "SELECT tokenKey FROM users WHERE email = 'ann@example.com'");
    const options = JSON.parse(column(data(server.dir), "SELECT options FROM _collections WHERE name = 'users'")[0]);
    return { key: row.tokenKey, of: (type) => row.tokenKey + options[`${type}Token`].secret, only: (type) => options[`${type}Token`].secret };
  };
  // The tables that a sign-in could change.
  const state = () => JSON.stringify(['users', '_superusers', '_otps', '_mfas', '_authOrigins', '_externalAuths']
    .map((table) => query(data(server.dir), `SELECT * FROM \`${table}\` ORDER BY id`)));
  const otp = (id, more = {}) => root.collection('_otps').create({
    id: id.padEnd(15, '0'), collectionRef: users.id, recordRef: annId, password: code, ...more });
  const freshCounters = () => root.settings.update({ meta: { appName: `Counters ${Math.random()}` } });

  before(async () => {
    server = await Server.start({ workers: 2 });
    root = await server.superuserClient();
    users = await root.collections.update('users', {
      authAlert: { enabled: false }, listRule: '@request.auth.id != ""', otp: { enabled: true, duration: 600, length: 8 },
    });
    await root.collections.create({ name: 'others', type: 'auth', authAlert: { enabled: false } });
    annId = (await root.collection('users').create({ ...ann, passwordConfirm: ann.password, verified: true })).id;
    wires = [...(await server.wires(1)).values()].flat();
    token = (await post('users/auth-with-password', { identity: ann.email, password: ann.password })).json.token;
  });
  after(async () => {
    wires?.forEach((wire) => wire.close());
    await server?.close();
  });

  describe('with a token', () => {
    // A token that is no good makes its bearer a guest.
    async function isNobody(forged) {
      for (const wire of wires) {
        assert.equal((await post('users/auth-refresh', undefined, { wire, token: forged })).status, 401);
        const listed = await wire.request('GET', '/api/collections/users/records', { token: forged });
        assert.deepEqual([listed.status, listed.json.totalItems], [200, 0]);
        assert.equal((await wire.request('GET', '/api/settings', { token: forged })).status, 401);
      }
    }
    const refused = (name, forge) => it(name, async () => {
      const before = state();
      for (const forged of forge()) await isNobody(forged);
      assert.equal(state(), before);
    });

    it('that is good', async () => {
      for (const wire of wires) assert.equal((await post('users/auth-refresh', undefined, { wire, token })).status, 200);
    });
    refused('of algorithm none', () => ['none', 'None', 'NONE', ''].flatMap((alg) => [
      `${base64({ alg, typ: 'JWT' })}.${parts(token)[1]}.`, `${base64({ alg, typ: 'JWT' })}.${parts(token)[1]}`,
      `${base64({ alg, typ: 'JWT' })}.${parts(token)[1]}.${parts(token)[2]}`]));
    refused('of another algorithm with the right key', () => [['HS384', 'sha384'], ['HS512', 'sha512'], ['RS256', 'sha256'], ['hs256', 'sha256']]
      .map(([alg, hash]) => sign(claimsOf(token), secrets().of('auth'), { header: { alg, typ: 'JWT' }, hash })));
    refused('signed with a wrong secret, half of one, or none', () => [secrets().key, secrets().only('auth'), `${secrets().of('auth')} `, 'secret', '\0']
      .map((key) => sign(claimsOf(token), key)));
    refused('for another collection or record', () => [
      { collectionId: '_superusers' }, { collectionId: 'pbc_3142635823' }, { collectionId: 'others' }, { collectionId: '_otps' },
      { id: column(data(server.dir), 'SELECT id FROM _superusers')[0] }, { id: '' }, { id: null }, { id: ['x'] }, { collectionId: {} },
    ].map((change) => sign({ ...claimsOf(token), ...change }, secrets().of('auth'))));
    refused('that has run out or is not yet valid', () => {
      const now = Math.floor(Date.now() / 1000);
      return [{ exp: now - 1 }, { exp: 1 }, { exp: -1 }, { nbf: now + 60 }, { iat: now + 60 }]
        .map((change) => sign({ ...claimsOf(token), ...change }, secrets().of('auth')));
    });
    refused('of another type, signed with that type\'s secret or with this one\'s', () =>
      ['verification', 'passwordReset', 'emailChange', 'file'].flatMap((type) => [secrets().of(type), secrets().of('auth')]
        .map((key) => sign({ ...claimsOf(token), type, email: ann.email, newEmail: 'new@example.com' }, key))));
    refused('with other claims under the old signature', () => [
      `${parts(token)[0]}.${base64({ ...claimsOf(token), exp: 9999999999 })}.${parts(token)[2]}`,
      `${parts(token)[0]}.${base64({ ...claimsOf(token), type: 'file' })}.${parts(token)[2]}`,
      `${token.slice(0, -2)}xx`, `${token}.`, `${token}x`, `.${parts(token)[1]}.`, '..', parts(token).slice(0, 2).join('.')]);
    refused('that is good, at a place where it does not count', () => [`Token ${token}`, `Bearer  ${token}`, `Bearer${token}`, `Basic ${base64(token)}`]);
    it('in a cookie or the address', async () => {
      const answer = await send('POST', `/api/collections/users/auth-refresh?token=${token}&access_token=${token}`,
        { headers: { Cookie: `pb_auth=${token}; Authorization=${token}` } });
      assert.equal(answer.status, 401);
    });
    it('from before the password was changed, of whichever type', async () => {
      const old = secrets();
      const all = [token, sign({ ...claimsOf(token), exp: 9999999999 }, old.of('auth'))];
      const reset = sign({ ...claimsOf(token), type: 'passwordReset', email: ann.email }, old.of('passwordReset'));
      ann.password = 'another password of hers';
      await root.collection('users').update(annId, { password: ann.password, passwordConfirm: ann.password });
      for (const one of all) await isNobody(one);
      const used = await post('users/confirm-password-reset', { token: reset, password: 'mine now', passwordConfirm: 'mine now' });
      assert.equal(used.status, 400);
      token = (await post('users/auth-with-password', { identity: ann.email, password: ann.password })).json.token;
    });
  });

  describe('by trying', () => {
    it('one-time passwords: five for each record and client, however they are spread', async () => {
      await freshCounters();
      await otp('brute1');
      await otp('brute2');
      const before = state();
      const spoofed = (n) => ({ 'X-Forwarded-For': `10.0.0.${n}`, 'X-Real-IP': `10.0.1.${n}`, 'Fly-Client-IP': `10.0.2.${n}` });
      const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => post('users/auth-with-otp',
        { otpId: (n % 4 < 2 ? 'brute1' : 'brute2').padEnd(15, '0'), password: String(10000000 + n) },
        { wire: wires[n % 2], headers: spoofed(n) })));
      const count = (status) => answers.filter((answer) => answer.status === status).length;
      assert.deepEqual([count(400), count(429)], [5, 55]);
      assert.ok(answers.some((answer) => answer.json.message === 'Too many attempts, please try again later with a new OTP.'));
      // Now the right one is too late as well, for a superuser, too.
      for (const options of [{}, { token: root.authStore.token }])
        assert.equal((await post('users/auth-with-otp', { otpId: 'brute1'.padEnd(15, '0'), password: code }, options)).status, 429);
      assert.equal(state(), before);
    });
    it('passwords: as often as the rate limit says, whatever address a header names', async () => {
      await root.settings.update({ rateLimits: { enabled: true, rules: [{ label: '*:auth', audience: '', duration: 600, maxRequests: 8 }] } });
      const statuses = await Promise.all(Array.from({ length: 24 }, async (_, n) => (await post('users/auth-with-password',
        { identity: ann.email, password: `guess ${n}` }, { wire: wires[n % 2], headers: { 'X-Forwarded-For': `10.0.0.${n}`, Forwarded: `for=10.0.0.${n}` } })).status));
      assert.deepEqual([statuses.filter((s) => s === 400).length, statuses.filter((s) => s === 429).length], [8, 16]);
      await root.settings.update({ rateLimits: { enabled: false } });
    });
    it('every way in: each is counted under its own label, and the sign-ins under "auth"', async () => {
      const ways = { 'auth-methods': 'listAuthMethods', 'auth-with-password': 'authWithPassword', 'auth-with-oauth2': 'authWithOAuth2', 'auth-with-otp': 'authWithOTP',
        'request-otp': 'requestOTP', 'auth-refresh': 'authRefresh', 'request-verification': 'requestVerification', 'confirm-verification': 'confirmVerification',
        'request-password-reset': 'requestPasswordReset', 'confirm-password-reset': 'confirmPasswordReset', 'request-email-change': 'requestEmailChange',
        'confirm-email-change': 'confirmEmailChange' };
      const twice = async (way) => {
        const statuses = [];
        for (const wire of wires) statuses.push((await wire.request(way === 'auth-methods' ? 'GET' : 'POST', `/api/collections/users/${way}`)).status);
        return statuses;
      };
      const rules = (labels) => root.settings.update({ rateLimits: { enabled: true, rules: labels.map((label) => ({ label, audience: '', duration: 600, maxRequests: 1 })) } });
      await rules(Object.values(ways).map((tag) => `users:${tag}`));
      for (const way of Object.keys(ways)) {
        const [first, second] = await twice(way);
        assert.ok(first !== 429 && first !== 404, `${way}: ${first}`);
        assert.equal(second, 429, way);
      }
      await rules(['*:auth']);
      for (const way of Object.keys(ways)) assert.equal((await twice(way))[1] === 429, way.startsWith('auth-with-'), way);
      await root.settings.update({ rateLimits: { enabled: false } });
    });
    it('to be behind a trusted proxy: only what that proxy added counts', async () => {
      await root.settings.update({ trustedProxy: { headers: ['X-Forwarded-For'], useLeftmostIP: false },
        rateLimits: { enabled: true, rules: [{ label: '/api/health', audience: '', duration: 600, maxRequests: 5 }] } });
      const ask = async (n, proxy) => (await wires[n % 2].request('GET', '/api/health',
        { headers: { 'X-Forwarded-For': `10.0.0.${n}, ${proxy}`, 'X-Real-IP': `10.0.1.${n}` } })).status;
      const mine = await Promise.all(Array.from({ length: 15 }, (_, n) => ask(n, '192.0.2.7')));
      assert.equal(mine.filter((status) => status === 200).length, 5);
      assert.equal(await ask(1, '192.0.2.8'), 200);
      await root.settings.update({ trustedProxy: { headers: [] }, rateLimits: { enabled: false } });
    });
    it('to be a superuser from elsewhere', async () => {
      try {
        await root.settings.update({ superuserIPs: ['10.1.2.3', '127.0.0.1'] });
        assert.equal(command(server.dir, ['superuser', 'ips', '10.1.2.3']).status, 0);
        const forged = { 'X-Forwarded-For': '10.1.2.3', 'X-Real-IP': '10.1.2.3', 'CF-Connecting-IP': '10.1.2.3' };
        for (const wire of wires) {
          for (const [method, path] of [['GET', '/api/settings'], ['GET', '/api/health'], ['GET', '/api/crons'], ['POST', '/api/collections/_superusers/auth-refresh'],
            ['POST', `/api/collections/users/impersonate/${annId}`]])
            assert.equal((await wire.request(method, path, { token: root.authStore.token, headers: forged })).status, 403, path);
          const signIn = await post('_superusers/auth-with-password', { identity: superuser.email, password: superuser.password }, { wire, headers: forged });
          assert.equal(signIn.status, 403);
          assert.equal(signIn.json.token, undefined);
        }
      } finally {
        assert.equal(command(server.dir, ['superuser', 'ips']).status, 0);
      }
      assert.equal((await send('GET', '/api/settings', { token: root.authStore.token })).status, 200);
    });
  });

  describe('by using twice what is good once', () => {
    it('a one-time password, by two at the same moment and afterwards', async () => {
      await freshCounters();
      for (let round = 0; round < 5; round++) {
        await freshCounters();
        await otp(`once${round}`);
        const body = { otpId: `once${round}`.padEnd(15, '0'), password: code };
        const statuses = (await Promise.all(wires.map((wire) => post('users/auth-with-otp', body, { wire })))).map((answer) => answer.status);
        assert.deepEqual(statuses.sort(), [200, 400]);
        assert.equal((await post('users/auth-with-otp', body)).status, 400);
      }
    });
    it('one-time passwords of before a password change', async () => {
      await freshCounters();
      await otp('stale');
      ann.password = 'a third password';
      await root.collection('users').update(annId, { password: ann.password, passwordConfirm: ann.password });
      assert.equal((await post('users/auth-with-otp', { otpId: 'stale'.padEnd(15, '0'), password: code })).status, 400);
    });
    it('the first of two factors', async () => {
      await root.collections.update('users', { mfa: { enabled: true, duration: 600, rule: '' } });
      try {
        await freshCounters();
        const factor = { identity: ann.email, password: ann.password };
        const { mfaId } = (await post('users/auth-with-password', factor)).json;
        assert.equal((await post('users/auth-with-password', { ...factor, mfaId })).json.message, 'A different authentication method is required.');
        // Each second factor is good, but the session is one.
        await otp('second0');
        await otp('second1');
        const statuses = (await Promise.all(wires.map((wire, n) => post('users/auth-with-otp',
          { otpId: `second${n}`.padEnd(15, '0'), password: code, mfaId }, { wire })))).map((answer) => answer.status);
        assert.deepEqual(statuses.sort(), [200, 400]);
        await otp('third');
        assert.equal((await post('users/auth-with-otp', { otpId: 'third'.padEnd(15, '0'), password: code, mfaId })).json.message, 'Invalid or expired MFA session.');
        // Nor is one of somebody else.
        const bob = await root.collection('users').create({ email: 'bob@example.com', password: 'bobs password', passwordConfirm: 'bobs password' });
        const other = (await post('users/auth-with-password', { identity: bob.email ?? 'bob@example.com', password: 'bobs password' })).json.mfaId;
        await otp('fourth');
        assert.equal((await post('users/auth-with-otp', { otpId: 'fourth'.padEnd(15, '0'), password: code, mfaId: other })).json.message, 'Invalid MFA session.');
      } finally {
        await root.collections.update('users', { mfa: { enabled: false } });
      }
    });
  });

  describe('by asking who has an account', () => {
    const timed = async (act) => {
      const began = performance.now();
      await act();
      return performance.now() - began;
    };
    // One after the other and in turn, so that whatever else the machine does meets both.
    async function sameTime(known, unknown) {
      const took = [[], []];
      for (let n = 0; n < 7; n++) for (const [index, act] of [known, unknown].entries()) took[index].push(await timed(() => act(n)));
      const [a, b] = took.map(median);
      assert.ok(a < 2.5 * b && b < 2.5 * a, `${a} ms for a known one, ${b} ms for an unknown one`);
      return Math.min(a, b);
    }

    it('with a password', async () => {
      const wrong = await post('users/auth-with-password', { identity: ann.email, password: 'wrong' });
      const nobody = await post('users/auth-with-password', { identity: 'nobody@example.com', password: 'wrong' });
      assert.deepEqual([nobody.status, nobody.text], [wrong.status, wrong.text]);
      await sameTime(() => post('users/auth-with-password', { identity: ann.email, password: 'wrong' }),
        () => post('users/auth-with-password', { identity: 'nobody@example.com', password: 'wrong' }));
    });
    it('for a one-time password', async () => {
      const ask = (email) => async () => {
        const answer = await post('users/request-otp', { email });
        assert.equal(answer.status, 200);
        assert.deepEqual(Object.keys(answer.json), ['otpId']);
        assert.match(answer.json.otpId, /^[a-z0-9]{15}$/);
        return answer.json.otpId;
      };
      assert.ok(await sameTime(ask(ann.email), ask('nobody@example.com')) > 40);
    });
    it('with a one-time password that was never made', async () => {
      await freshCounters();
      const { otpId } = (await post('users/request-otp', { email: 'nobody@example.com' })).json;
      await otp('real');
      const attempt = (id) => () => post('users/auth-with-otp', { otpId: id, password: '00000000' });
      const answers = { real: [], made: [] };
      for (let n = 0; n < 7; n++) {
        answers.real.push(await attempt('real'.padEnd(15, '0'))());
        answers.made.push(await attempt(otpId)());
      }
      const said = (list) => list.map((answer) => [answer.status, answer.text]);
      assert.deepEqual(said(answers.made), said(answers.real));
      assert.equal(answers.made.at(-1).status, 429);
      // Another one for the same address does not help.
      const next = (await post('users/request-otp', { email: 'nobody@example.com' })).json.otpId;
      assert.notEqual(next, otpId);
      assert.equal((await attempt(next)()).status, 429);
      // Which code is hashed and which is not, the time must not tell.
      let fresh = 0;
      await sameTime(async () => { if (fresh++ % 4 === 0) await freshCounters(); return attempt('real'.padEnd(15, '0'))(); }, attempt(otpId));
    });
  });

  it('no password, token or code is in any log, and none in an answer that refuses', async () => {
    const said = [];
    const collect = async (promise) => said.push((await promise).text);
    const secret = { password: 'S3CRET-pass-phrase', wrong: 'WR0NG-pass-phrase', code: '90817263' };
    await freshCounters();
    const eve = await root.collection('users').create({ email: 'eve@example.com', password: secret.password, passwordConfirm: secret.password });
    await otp('logged', { recordRef: eve.id, password: secret.code });
    const good = await post('users/auth-with-password', { identity: 'eve@example.com', password: secret.password });
    assert.equal(good.status, 200);
    await collect(post('users/auth-with-password', { identity: 'eve@example.com', password: secret.wrong }));
    await collect(post('users/auth-with-password', `{"identity":"eve@example.com","password":"${secret.wrong}"`));
    await collect(post('users/auth-with-password', { identity: ['x'], password: secret.wrong }));
    await collect(post('users/auth-with-otp', { otpId: 'logged'.padEnd(15, '0'), password: '00000000' }));
    const second = await post('users/auth-with-otp', { otpId: 'logged'.padEnd(15, '0'), password: secret.code });
    assert.equal(second.status, 200);
    await collect(send('PATCH', `/api/collections/users/records/${eve.id}`, { token: second.json.token,
      body: { password: secret.wrong, passwordConfirm: 'x', oldPassword: secret.password } }));
    const file = (await send('POST', '/api/files/token', { token: second.json.token })).json.token;
    await collect(send('GET', `/api/files/users/${eve.id}/none.png?token=${file}`));
    const impersonated = (await post(`users/impersonate/${eve.id}`, { duration: 60 }, { token: root.authStore.token })).json.token;
    await collect(post('users/auth-refresh', undefined, { token: `${impersonated}x` }));
    for (const action of ['confirm-verification', 'confirm-password-reset', 'confirm-email-change'])
      await collect(post(`users/${action}`, { token: good.json.token, password: secret.wrong, passwordConfirm: secret.wrong }));
    await post('users/request-otp', { email: 'eve@example.com' });      // its mail has no way out here
    assert.equal(command(server.dir, ['superuser', 'update', superuser.email, superuser.password]).status, 0);

    await until('the log', () => column(auxiliary(server.dir), "SELECT count(*) FROM _logs WHERE message LIKE '%/request-otp%'")[0] > 0);
    const logged = query(auxiliary(server.dir), 'SELECT * FROM _logs').map((row) => JSON.stringify(row)).join('\n');
    const key = column(data(server.dir), `SELECT tokenKey || password FROM users WHERE id = '${eve.id}'`)[0];
    const tokens = [good.json.token, second.json.token, file, impersonated, root.authStore.token].map((one) => parts(one)[2]);
    for (const text of [logged, server.output, said.join('\n')])
      for (const forbidden of [...Object.values(secret), ...tokens, superuser.password, key.slice(0, 20), '$2a$'])
        assert.ok(!text.includes(forbidden), `${forbidden} in ${text.split('\n').find((line) => line.includes(forbidden))}`);
  });
});
