// Sign-in with OAuth2: the official SDK against a real OpenID provider, and what must not get through.         spec 04 §6.10–12
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import { AppleStandIn } from './lib/apple.mjs';
import { EventStream } from './lib/event_stream.mjs';
import { OpenIdProvider } from './lib/oidc.mjs';
import { binary, isReference, Server, temporaryDirectory } from './lib/server.mjs';

globalThis.EventSource ??= EventSource;      // what the SDK's popup style listens with

const back = 'http://app.test/back';
let server, root, idp, next = 0;

before(async () => {
  server = await Server.start({ workers: 3 });
  root = await server.superuserClient();
  idp = await OpenIdProvider.start([back, `${server.url}/api/oauth2-redirect`]);
});
after(async () => {
  await server?.close();
  await idp?.close();
});

const fails = (status, message) => (error) => {
  assert.equal(error.status, status, JSON.stringify(error.response));
  if (message) assert.equal(error.response.message, message);
  return true;
};

async function makeCollection(options = {}) {
  const name = `people${++next}`;
  const { oauth2 = {}, fields = [], ...more } = options;
  await root.collections.create({
    name, type: 'auth', listRule: 'id = @request.auth.id', viewRule: 'id = @request.auth.id', createRule: '', updateRule: null,
    fields: [{ name: 'nick', type: 'text' }, ...fields], ...more,
    oauth2: { enabled: true, providers: [idp.config()], mappedFields: { name: 'nick' }, ...oauth2 },
  });
  return name;
}

// Somebody whom the provider knows.
function account(claims = {}) {
  const sub = `subject${++next}`;
  idp.accounts[sub] = { name: `Name ${next}`, email: `${sub}@example.com`, email_verified: true, ...claims };
  return sub;
}

// A code for `sub`, as an application gets it that does the redirect itself.
async function codeFor(collection, sub, provider = 'oidc') {
  const methods = await server.client().collection(collection).listAuthMethods();
  const offer = methods.oauth2.providers.find(({ name }) => name === provider);
  const landed = new URL(await idp.browse(offer.authURL + encodeURIComponent(back), sub));
  assert.equal(landed.searchParams.get('state'), offer.state);
  return { code: landed.searchParams.get('code'), verifier: offer.codeVerifier };
}

async function signIn(collection, sub, { client = server.client(), provider = 'oidc', createData, options } = {}) {
  const { code, verifier } = await codeFor(collection, sub, provider);
  return client.collection(collection).authWithOAuth2Code(provider, code, verifier, back, createData, options);
}

describe('sign-in in a popup, told through realtime', () => {
  it('makes an account, and finds it again', async () => {
    const collection = await makeCollection();
    const sub = account();
    for (const isNew of [true, false, false]) {
      const client = server.client();
      let page;
      const signedIn = await client.collection(collection).authWithOAuth2({
        provider: 'oidc',
        urlCallback: async (url) => {
          const response = await fetch(await idp.browse(url, sub), { redirect: 'manual' });
          page = [response.status, response.headers.get('location')];
        },
      });
      assert.equal(signedIn.meta.isNew, isNew);
      assert.equal(signedIn.meta.id, sub);
      assert.equal(signedIn.record.email, `${sub}@example.com`);
      assert.equal(signedIn.record.verified, true);
      assert.equal(signedIn.record.nick, idp.accounts[sub].name);
      assert.deepEqual(page, [307, '../_/#/auth/oauth2-redirect-success']);
      await client.collection(collection).authRefresh();
    }
    assert.equal((await root.collection(collection).getList()).totalItems, 1);
  });

  it('ends where the user refuses', async () => {
    const collection = await makeCollection();
    await assert.rejects(server.client().collection(collection).authWithOAuth2({
      provider: 'oidc',
      urlCallback: async (url) => {
        const state = new URL(url).searchParams.get('state');
        const response = await fetch(`${server.url}/api/oauth2-redirect?state=${state}&error=access_denied`, { redirect: 'manual' });
        assert.equal(response.headers.get('location'), '../_/#/auth/oauth2-redirect-failure');
      },
    }));
  });

  it('tells nobody but who began it, and sends users nowhere else', async () => {
    const stream = await EventStream.open(server.port);
    const other = await EventStream.open(server.port);
    await server.client().send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['@oauth2'] } });
    const visit = async (query, init = {}) => {
      const response = await fetch(`${server.url}/api/oauth2-redirect${query}`, { redirect: 'manual', ...init });
      return `${response.status} ${response.headers.get('location')}`;
    };
    const failure = '307 ../_/#/auth/oauth2-redirect-failure';
    for (const state of ['', 'unknown', other.id, stream.id.slice(0, -1), `${stream.id}x`, `${stream.id}%00`, stream.id.toLowerCase() + 'A']) {
      assert.equal(await visit(`?state=${state}&code=stolen`), failure, state);
    }
    const evil = 'https://evil.example/';
    for (const query of [`redirect_uri=${evil}`, `url=${evil}`, `next=${evil}`, `error=${evil}`, `error=%0d%0aLocation:%20${evil}`]) {
      assert.equal(await visit(`?state=unknown&code=c&${query}`, { headers: { 'X-Forwarded-Host': 'evil.example' } }), failure);
    }
    const [ok, again] = [await visit(`?state=${stream.id}&code=given`), await visit(`?state=${stream.id}&code=twice`)];
    assert.equal(ok, '307 ../_/#/auth/oauth2-redirect-success');
    assert.equal(again, failure, 'its subscription is gone with the first message');
    await stream.until(() => stream.events.some(({ name }) => name === '@oauth2'));
    assert.deepEqual(stream.events.filter(({ name }) => name === '@oauth2').map(({ data }) => JSON.parse(data)),
      [{ state: stream.id, code: 'given' }]);
    assert.equal(other.events.length, 1);
    stream.close();
    other.close();
  });
});

describe('the code', () => {
  it('signs in once', async () => {
    const collection = await makeCollection();
    const { code, verifier } = await codeFor(collection, account());
    const use = () => server.client().collection(collection).authWithOAuth2Code('oidc', code, verifier, back);
    await use();
    await assert.rejects(use(), fails(400, 'Failed to fetch OAuth2 token.'));
  });

  it('needs its verifier and its redirect address', async () => {
    const collection = await makeCollection();
    for (const change of [{ verifier: 'x'.repeat(43) }, { verifier: '' }, { redirect: 'http://app.test/other' }]) {
      const { code, verifier } = await codeFor(collection, account());
      const client = server.client().collection(collection);
      await assert.rejects(client.authWithOAuth2Code('oidc', code, change.verifier ?? verifier, change.redirect ?? back),
        fails(400, 'Failed to fetch OAuth2 token.'));
    }
    assert.equal((await root.collection(collection).getList()).totalItems, 0);
  });

  it('is exchanged also where the secret has to be in the body', async () => {
    const collection = await makeCollection({ oauth2: { providers: [idp.config('oidc', { client: 'post' })] } });
    const asked = idp.tokenRequests;
    idp.bodyOnly = true;
    try {
      assert.equal((await signIn(collection, account())).meta.isNew, true);
    } finally {
      idp.bodyOnly = false;
    }
    assert.equal(idp.tokenRequests - asked, 2);
  });
});

describe('an id_token', () => {
  const withKeys = (client, jwksURL) => ({ client, userInfo: false, extra: { jwksURL, issuers: [idp.url] } });

  for (const [client, algorithm] of [['basic', 'RS256'], ['post', 'EdDSA']]) {
    it(`signed with ${algorithm} signs in`, async () => {
      const collection = await makeCollection({ oauth2: { providers: [idp.config('oidc2', withKeys(client, `${idp.url}/jwks`))] } });
      const sub = account();
      const signedIn = await signIn(collection, sub, { provider: 'oidc2' });
      assert.equal(signedIn.meta.id, sub);
      assert.equal(signedIn.record.email, `${sub}@example.com`);
    });
  }

  it('of another issuer, or signed by other keys, does not', async () => {
    const keys = http.createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [{ kid: 'rsa', alg: 'RS256', kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256, 0xc1).toString('base64url') }] }));
    });
    await new Promise((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const others = withKeys('basic', `http://127.0.0.1:${keys.address().port}/`);
    const strange = { client: 'basic', userInfo: false, extra: { issuers: ['https://issuer.test'] } };
    const collection = await makeCollection({ oauth2: { providers: [idp.config('oidc2', others), idp.config('oidc3', strange)] } });
    for (const provider of ['oidc2', 'oidc3'])
      await assert.rejects(signIn(collection, account(), { provider }), fails(400, 'Failed to fetch OAuth2 user.'));
    keys.close();
  });
});

describe('an account', () => {
  it('is made under the create rule, which sees that it is a sign-in', async () => {
    const open = await makeCollection({ createRule: '@request.context = "oauth2" && @request.body.invite = "yes"', fields: [{ name: 'invite', type: 'text' }] });
    await assert.rejects(signIn(open, account()), fails(400, 'Failed to create record.'));
    assert.equal((await signIn(open, account(), { createData: { invite: 'yes', nick: 'Own' } })).record.nick, 'Own');
    const closed = await makeCollection({ createRule: null });
    await assert.rejects(signIn(closed, account()), fails(403));
    assert.equal((await root.collection(closed).getList()).totalItems, 0);
    assert.equal((await root.collection('_externalAuths').getList(1, 1, { filter: `collectionRef = "${closed}"` })).totalItems, 0);
  });

  it('cannot be made verified, nor with an address that counts as proved, by who signs in', async () => {
    const collection = await makeCollection();
    await assert.rejects(signIn(collection, account(), { createData: { verified: true } }), fails(400));
    const signedIn = await signIn(collection, account(), { createData: { email: 'another@example.com' } });
    assert.equal(signedIn.record.verified, false);
  });

  it('that somebody prepared with the address of another is taken out of their hands', async () => {
    const collection = await makeCollection();
    const sub = account();
    const victim = { email: `${sub}@example.com`, password: 'known to the attacker', passwordConfirm: 'known to the attacker' };
    await server.client().collection(collection).create(victim);
    const attacker = server.client();
    await attacker.collection(collection).authWithPassword(victim.email, victim.password);
    await signIn(collection, account({ email_verified: false }), { client: attacker });   // linked to an identity of theirs

    const signedIn = await signIn(collection, sub);
    assert.equal(signedIn.record.verified, true);
    await assert.rejects(attacker.collection(collection).authRefresh(), fails(401));
    await assert.rejects(server.client().collection(collection).authWithPassword(victim.email, victim.password), fails(400));
    const links = await root.collection('_externalAuths').getFullList({ filter: `recordRef = "${signedIn.record.id}"` });
    assert.deepEqual(links.map(({ providerId }) => providerId), [sub]);
  });

  it('is one, however many sign in at once', async () => {
    const collection = await makeCollection();
    const sub = account();
    const given = [];
    for (let i = 0; i < 6; i++) given.push(await codeFor(collection, sub));
    const results = await Promise.allSettled(given.map(({ code, verifier }) =>
      server.client().collection(collection).authWithOAuth2Code('oidc', code, verifier, back)));
    for (const { reason } of results.filter(({ status }) => status === 'rejected')) assert.equal(reason.status, 400);
    assert.ok(results.some(({ status }) => status === 'fulfilled'));
    assert.equal((await root.collection(collection).getList()).totalItems, 1);
    assert.equal((await signIn(collection, sub)).meta.isNew, false);
  });

  it('gets no avatar from a private address', async () => {
    let visits = 0;
    const inside = http.createServer((request, response) => (visits++, response.end('secret')));
    await new Promise((resolve) => inside.listen(0, '127.0.0.1', resolve));
    const { port } = inside.address();
    const collection = await makeCollection({
      fields: [{ name: 'avatar', type: 'file', maxSelect: 1 }], oauth2: { mappedFields: { avatarURL: 'avatar' } },
    });
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const signedIn = await signIn(collection, account({ picture: `http://${host}:${port}/a.png` }));
      assert.equal(signedIn.record.avatar, '');
      assert.equal(signedIn.meta.avatarURL, `http://${host}:${port}/a.png`);
    }
    assert.equal(visits, 0);
    inside.close();
  });
});

describe('links', () => {
  it('are made by who is signed in, listed, and removed', async () => {
    const collection = await makeCollection({ oauth2: { providers: [idp.config('oidc'), idp.config('oidc2')] } });
    const client = server.client();
    const [first, second] = [account(), account()];
    const { record } = await signIn(collection, first, { client });
    assert.equal((await signIn(collection, second, { client, provider: 'oidc2' })).record.id, record.id);
    const people = client.collection(collection);
    assert.deepEqual((await people.listExternalAuths(record.id)).map(({ provider }) => provider).sort(), ['oidc', 'oidc2']);
    assert.equal((await signIn(collection, second, { provider: 'oidc2' })).record.id, record.id);

    const stranger = server.client();
    await signIn(collection, account(), { client: stranger });
    assert.deepEqual(await stranger.collection(collection).listExternalAuths(record.id), []);

    await people.unlinkExternalAuth(record.id, 'oidc2');
    assert.deepEqual((await people.listExternalAuths(record.id)).map(({ provider }) => provider), ['oidc']);
    assert.notEqual((await signIn(collection, second, { provider: 'oidc2' })).record.id, record.id);
  });

  it('hold one identity of each provider', async () => {
    const collection = await makeCollection();
    const client = server.client();
    await signIn(collection, account(), { client });
    await assert.rejects(signIn(collection, account({ email: 'else@example.com' }), { client }), (error) => {
      assert.deepEqual(Object.keys(error.response.data).sort(), ['collectionRef', 'provider', 'recordRef']);
      return fails(400, 'Failed to authenticate.')(error);
    });
  });
});

it('OAuth2 is one of two factors', async () => {
  const collection = await makeCollection({ mfa: { enabled: true, duration: 600 } });
  const sub = account();
  const options = { createData: { password: 'a long password', passwordConfirm: 'a long password' } };
  let mfaId;
  await assert.rejects(signIn(collection, sub, options), (error) => {
    assert.deepEqual(Object.keys(error.response), ['mfaId']);
    mfaId = error.response.mfaId;
    return error.status === 401;
  });
  await assert.rejects(signIn(collection, sub, { options: { mfaId } }), fails(400, 'A different authentication method is required.'));
  const signedIn = await server.client().collection(collection)
    .authWithPassword(`${sub}@example.com`, 'a long password', { mfaId });
  assert.equal(signedIn.record.email, `${sub}@example.com`);
});

it('sign-ups count against the limits of creating', async () => {
  const collection = await makeCollection();
  const subjects = [account(), account()];
  await root.settings.update({ rateLimits: { enabled: true, rules: [{ label: `${collection}:create`, maxRequests: 1, duration: 60 }] } });
  try {
    await signIn(collection, subjects[0]);
    await assert.rejects(signIn(collection, subjects[1]), fails(429));
    assert.equal((await signIn(collection, subjects[0])).meta.isNew, false);
  } finally {
    await root.settings.update({ rateLimits: { enabled: false } });
  }
});

describe('Apple', () => {
  let apple, home;
  const plain = [];

  before(async () => {
    home = temporaryDirectory();
    apple = await AppleStandIn.start(home);
    plain.push(server, root);
    server = await Server.start({ home, workers: 4, env: apple.env });
    root = await server.superuserClient();
  });
  after(async () => {
    await server.close();
    [server, root] = plain;
    await apple.close();
    fs.rmSync(home, { recursive: true, force: true });
  });

  // Every request on a connection of its own, so that they land on different workers.
  const post = (url, body, type) => fetch(`${server.url}${url}`, {
    method: 'POST', body, redirect: 'manual', headers: { 'content-type': type, connection: 'close' },
  });
  const signInWith = (collection, code) => post(`/api/collections/${collection}/auth-with-oauth2`,
    JSON.stringify({ provider: 'apple', code, redirectURL: back }), 'application/json');

  it('tells the name to the redirect address, and the sign-in has it on whichever worker', async () => {
    const collection = await makeCollection({ oauth2: { providers: [{ name: 'apple', clientId: 'app.test', clientSecret: 'x' }] } });
    for (let i = 0; i < 8; i++) {
      const code = `apple-code-${i}`;
      apple.users[code] = { sub: `apple${i}`, email: `apple${i}@example.com`, email_verified: 'true' };
      const stream = await EventStream.open(server.port);
      await post('/api/realtime', JSON.stringify({ clientId: stream.id, subscriptions: ['@oauth2'] }), 'application/json');
      const form = new URLSearchParams({ state: stream.id, code, user: JSON.stringify({ name: { firstName: 'Ann', lastName: `Lee ${i}` } }) });
      const redirect = await post('/api/oauth2-redirect', form.toString(), 'application/x-www-form-urlencoded');
      assert.deepEqual([redirect.status, redirect.headers.get('location')], [303, '../_/#/auth/oauth2-redirect-success']);
      assert.equal(JSON.parse((await stream.event(1)).data).code, code);
      stream.close();
      const signedIn = await (await signInWith(collection, code)).json();
      assert.deepEqual([signedIn.meta?.name, signedIn.record?.nick, signedIn.record?.email], [`Ann Lee ${i}`, `Ann Lee ${i}`, `apple${i}@example.com`]);
      assert.equal((await (await signInWith(collection, code)).json()).meta.name, '', 'it was told once');
    }
  });

  it('has to have signed the id_token itself, for this application', async () => {
    const collection = await makeCollection({ oauth2: { providers: [{ name: 'apple', clientId: 'app.test', clientSecret: 'x' }] } });
    const refused = async (claims) => {
      apple.users.code = { sub: 'someone', email: 'someone@example.com', email_verified: true, ...claims };
      const answer = await signInWith(collection, 'code');
      assert.deepEqual([answer.status, (await answer.json()).message], [400, 'Failed to fetch OAuth2 user.'], JSON.stringify(claims));
    };
    for (const claims of [{ aud: 'other.test' }, { iss: 'https://appleid.apple.com.evil.example' }, { exp: 1 }, { exp: undefined }]) await refused(claims);
    apple.signer = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    await refused({});
    apple.signer = apple.key;
    assert.equal((await signInWith(collection, 'code')).status, 200);
  });
});

describe('hooks of a sign-up', { skip: isReference && 'the reference cannot be built with native hooks' }, () => {
  it('fire each in its place', async () => {
    const home = temporaryDirectory();
    const log = path.join(home, 'hooks.log');
    const program = process.env.WOMBAT_HOOKS_SERVER ??
      path.join(path.dirname(path.resolve(binary)), '../tests/hooks/wombat_hooks_server');
    const plain = [server, root];
    server = await Server.start({ home, program, isWombat: true, workers: 2, env: { WOMBAT_HOOK_LOG: log } });
    try {
      root = await server.superuserClient();
      const collection = await makeCollection();
      const sub = account();
      const { code, verifier } = await codeFor(collection, sub);
      fs.writeFileSync(log, '');
      await server.client().collection(collection).authWithOAuth2Code('oidc', code, verifier, back);
      const fired = fs.readFileSync(log, 'utf8').trim().split('\n').map((line) => line.split(' ')[1]);
      const count = (name) => fired.filter((one) => one === name).length;
      assert.deepEqual(fired.filter((name) => /Request$|Enrich$/.test(name)), ['OnRecordAuthWithOAuth2Request',
        'OnRecordCreateRequest', 'OnRecordEnrich', 'OnRecordAuthRequest', 'OnRecordEnrich']);
      // The account, its link and its origin are made; the account is then marked as verified.
      assert.deepEqual([count('OnRecordAfterCreateSuccess'), count('OnRecordAfterUpdateSuccess'), count('OnRecordAfterDeleteSuccess')], [3, 1, 0]);
    } finally {
      await server.close();
      [server, root] = plain;
      fs.rmSync(home, { recursive: true, force: true });
    }
  });
});

it('no secret, code or token is in a log', async () => {
  const collection = await makeCollection();
  const signedIn = await signIn(collection, account());
  await assert.rejects(server.client().collection(collection).authWithOAuth2Code('oidc', 'a-code-of-nobody', 'a-verifier-of-nobody', back));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const entries = JSON.stringify(await root.logs.getList(1, 500)) + server.output;
  const secrets = [idp.secret, signedIn.token, signedIn.meta.accessToken, 'a-code-of-nobody', 'a-verifier-of-nobody', ...idp.codes];
  for (const secret of secrets) assert.ok(!entries.includes(secret) && !entries.includes(encodeURIComponent(secret)), secret);
});
