// Every hook fires exactly once for its operation, in the process that the operation belongs to, in the documented order
// (spec 07 §2, §3). The server is tests/hooks: the whole program with a handler on every hook that writes a line.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventStream } from './lib/event_stream.mjs';
import { MailServer } from './lib/smtp.mjs';
import { binary, isReference, Server, superuser, temporaryDirectory, until } from './lib/server.mjs';

// Beside the server under test: <build>/supervisor/wombat and <build>/tests/hooks/wombat_hooks_server.
const program = process.env.WOMBAT_HOOKS_SERVER ??
  path.join(path.dirname(path.resolve(binary)), '../tests/hooks/wombat_hooks_server');

describe('hooks', { skip: isReference && 'the reference cannot be built with native hooks' }, () => {
  let server, root, log, home;

  before(async () => {
    home = temporaryDirectory();
    log = path.join(home, 'hooks.log');
    server = await Server.start({ home, program, isWombat: true, workers: 2, env: { WOMBAT_HOOK_LOG: log } });
    root = await server.superuserClient();
  });
  after(async () => {
    await server?.close();
    fs.rmSync(home, { recursive: true, force: true });
  });

  const read = () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n').filter(Boolean) : [])
    .map((line) => {
      const [title, name, detail] = line.split(' ');
      return { role: /writer/.test(title) ? 'writer' : /worker/.test(title) ? 'worker' : title, name, detail };
    });

  // What `act` made fire, as "worker OnX detail"; the answer is there only when everything before it has fired.
  async function fired(act) {
    fs.writeFileSync(log, '');
    const result = await act();
    return { result, lines: read().map(({ role, name, detail }) => `${role} ${name} ${detail}`) };
  }
  const inWriter = (detail, ...names) => names.map((name) => `writer ${name} ${detail}`);
  const saved = (kind, detail) => inWriter(detail, `OnRecord${kind}`, `OnModel${kind}`, 'OnRecordValidate', 'OnModelValidate',
    `OnRecord${kind}Execute`, `OnModel${kind}Execute`, `OnRecordAfter${kind}Success`, `OnModelAfter${kind}Success`);
  const removed = (detail) => inWriter(detail, 'OnRecordDelete', 'OnModelDelete', 'OnRecordDeleteExecute', 'OnModelDeleteExecute',
    'OnRecordAfterDeleteSuccess', 'OnModelAfterDeleteSuccess');
  const collectionSaved = (kind, name) => [
    [`OnCollection${kind}`, name], [`OnModel${kind}`, '_collections'], ['OnCollectionValidate', name], ['OnModelValidate', '_collections'],
    [`OnCollection${kind}Execute`, name], [`OnModel${kind}Execute`, '_collections'],
    [`OnCollectionAfter${kind}Success`, name], [`OnModelAfter${kind}Success`, '_collections'],
  ].map(([hook, detail]) => `writer ${hook} ${detail}`);

  it('bootstrap once, in the writer', async () => {
    fs.writeFileSync(log, '');
    await server.restart();
    root = await server.superuserClient();
    const starts = read().filter(({ name }) => name === 'OnBootstrap' || name === 'OnSettingsReload');
    assert.deepEqual(starts.map(({ role, name }) => `${role} ${name}`), ['writer OnBootstrap', 'writer OnSettingsReload']);
  });

  it('terminate once, in the writer', async () => {
    fs.writeFileSync(log, '');
    await server.restart();
    root = await server.superuserClient();
    const ends = read().filter(({ name }) => name === 'OnTerminate');
    assert.deepEqual(ends.map(({ role }) => role), ['writer']);
  });

  it('of a sign-in', async () => {
    const { lines } = await fired(() => server.client().collection('_superusers').authWithPassword(superuser.email, superuser.password));
    assert.deepEqual(lines.filter((line) => line.startsWith('worker')), [
      'worker OnRecordAuthWithPasswordRequest _superusers', 'worker OnRecordAuthRequest _superusers', 'worker OnRecordEnrich _superusers',
    ]);
    // The first sign-in from a place remembers it; a later one only touches what is remembered.
    for (const line of lines.filter((line) => line.startsWith('writer'))) assert.match(line, / _authOrigins$/);
  });

  it('of one-time passwords and impersonation', async () => {
    const mail = await MailServer.start();
    await root.settings.update({ smtp: mail.settings });
    const users = server.client().collection('users');
    await root.collections.update('users', { otp: { enabled: true, duration: 120, length: 6 }, authAlert: { enabled: false } });
    const { id } = await root.collection('users').create({ email: 'otto@example.com', password: 'the password of otto', passwordConfirm: 'the password of otto', verified: true });
    const requested = await fired(async () => {
      const { otpId } = await users.requestOTP('otto@example.com');
      const { code } = await mail.next();
      await until('the recipient', async () => (await root.collection('_otps').getOne(otpId)).sentTo);
      return { otpId, code };
    });
    assert.deepEqual(requested.lines.filter((line) => !/ViewRequest|Enrich/.test(line)), ['worker OnRecordRequestOTPRequest users', ...saved('Create', '_otps'),
      'worker OnMailerRecordOTPSend users', 'worker OnMailerSend -', ...saved('Update', '_otps')]);
    const signed = await fired(() => users.authWithOTP(requested.result.otpId, requested.result.code));
    assert.deepEqual(signed.lines, ['worker OnRecordAuthWithOTPRequest users', ...removed('_otps'), 'worker OnRecordAuthRequest users', 'worker OnRecordEnrich users']);
    const nobody = await fired(() => users.requestOTP('nobody@example.com'));
    assert.deepEqual(nobody.lines, ['worker OnRecordRequestOTPRequest users']);
    const impersonated = await fired(() => root.collection('users').impersonate(id, 60));
    assert.deepEqual(impersonated.lines, ['worker OnRecordAuthRequest users', 'worker OnRecordEnrich users']);
    await root.collections.update('users', { otp: { enabled: false }, authAlert: { enabled: true } });
    await root.settings.update({ smtp: { enabled: false } });
    await root.collection('users').delete(id);
    await mail.close();
  });

  it('of mails and of what is asked for with them', async () => {
    const mail = await MailServer.start();
    await root.settings.update({ smtp: mail.settings });
    const ann = { email: 'ann@example.com', password: 'the password of ann' };
    await root.collection('users').create({ ...ann, passwordConfirm: ann.password });
    const users = server.client().collection('users');
    const ofWorkers = (lines) => lines.filter((line) => line.startsWith('worker'));
    const requested = await fired(async () => {
      await users.requestVerification(ann.email);
      return mail.next();
    });
    assert.deepEqual(ofWorkers(requested.lines),
      ['worker OnRecordRequestVerificationRequest users', 'worker OnMailerRecordVerificationSend users', 'worker OnMailerSend -']);
    const confirmed = await fired(() => users.confirmVerification(requested.result.token));
    assert.deepEqual(confirmed.lines, ['worker OnRecordConfirmVerificationRequest users', ...saved('Update', 'users')]);
    const forgotten = await fired(async () => {
      await users.requestPasswordReset(ann.email);
      return mail.next();
    });
    assert.deepEqual(ofWorkers(forgotten.lines),
      ['worker OnRecordRequestPasswordResetRequest users', 'worker OnMailerRecordPasswordResetSend users', 'worker OnMailerSend -']);
    const reset = await fired(() => users.confirmPasswordReset(forgotten.result.token, ann.password, ann.password));
    assert.deepEqual(reset.lines, ['worker OnRecordConfirmPasswordResetRequest users', ...saved('Update', 'users')]);
    await users.authWithPassword(ann.email, ann.password);
    const moved = await fired(async () => {
      await users.requestEmailChange('anna@example.com');
      return mail.next();
    });
    assert.deepEqual(moved.lines,
      ['worker OnRecordRequestEmailChangeRequest users', 'worker OnMailerRecordEmailChangeSend users', 'worker OnMailerSend -']);
    const changed = await fired(() => users.confirmEmailChange(moved.result.token, ann.password));
    assert.deepEqual(changed.lines, ['worker OnRecordConfirmEmailChangeRequest users', ...saved('Update', 'users')]);
    await users.authWithPassword('anna@example.com', ann.password);
    const elsewhere = await fired(() => users.authWithPassword('anna@example.com', ann.password, { headers: { 'User-Agent': 'another' } }));
    assert.deepEqual(ofWorkers(elsewhere.lines).slice(-2), ['worker OnMailerRecordAuthAlertSend users', 'worker OnMailerSend -']);
    await root.settings.update({ smtp: { enabled: false } });
    await root.collection('users').delete((await users.getFirstListItem('')).id);
    await mail.close();
  });

  it('of a realtime client', async () => {
    fs.writeFileSync(log, '');
    const stream = await EventStream.open(server.port);
    await server.client().send('/api/realtime', { method: 'POST', body: { clientId: stream.id, subscriptions: ['hooked'] } });
    stream.close();
    assert.deepEqual(read().map(({ role, name, detail }) => `${role} ${name} ${detail}`), [
      'worker OnRealtimeConnectRequest -', 'worker OnRealtimeMessageSend PB_CONNECT', 'worker OnRealtimeSubscribeRequest -',
    ]);
  });

  it('of a token refresh', async () => {
    const { lines } = await fired(() => root.collection('_superusers').authRefresh());
    assert.deepEqual(lines, [
      'worker OnRecordAuthRefreshRequest _superusers', 'worker OnRecordAuthRequest _superusers', 'worker OnRecordEnrich _superusers',
    ]);
  });

  it('of a collection that is created, listed, viewed, changed and deleted', async () => {
    const body = { name: 'shelves', type: 'base', fields: [{ name: 'label', type: 'text' }] };
    const created = await fired(() => root.collections.create(body));
    assert.deepEqual(created.lines, ['worker OnCollectionCreateRequest shelves', ...collectionSaved('Create', 'shelves')]);
    const listed = await fired(() => root.collections.getList());
    assert.deepEqual(listed.lines, ['worker OnCollectionsListRequest -']);
    const viewed = await fired(() => root.collections.getOne('shelves'));
    assert.deepEqual(viewed.lines, ['worker OnCollectionViewRequest shelves']);
    const changed = await fired(() => root.collections.update('shelves', { listRule: '' }));
    assert.deepEqual(changed.lines, ['worker OnCollectionUpdateRequest shelves', ...collectionSaved('Update', 'shelves')]);
    const gone = await fired(() => root.collections.delete('shelves'));
    assert.deepEqual(gone.lines, ['worker OnCollectionDeleteRequest shelves', ...[
      ['OnCollectionDelete', 'shelves'], ['OnModelDelete', '_collections'], ['OnCollectionDeleteExecute', 'shelves'],
      ['OnModelDeleteExecute', '_collections'], ['OnCollectionAfterDeleteSuccess', 'shelves'], ['OnModelAfterDeleteSuccess', '_collections'],
    ].map(([hook, detail]) => `writer ${hook} ${detail}`)]);
  });

  it('of a record that is created, viewed, listed, changed and deleted', async () => {
    await root.collections.create({ name: 'books', type: 'base', fields: [{ name: 'title', type: 'text', required: true }] });
    const books = root.collection('books');
    const created = await fired(() => books.create({ title: 'a' }));
    assert.deepEqual(created.lines, ['worker OnRecordCreateRequest books', ...saved('Create', 'books'), 'worker OnRecordEnrich books']);
    const { id } = created.result;
    const viewed = await fired(() => books.getOne(id));
    assert.deepEqual(viewed.lines, ['worker OnRecordViewRequest books', 'worker OnRecordEnrich books']);
    await books.create({ title: 'b' });
    const listed = await fired(() => books.getList());
    assert.deepEqual(listed.lines, ['worker OnRecordsListRequest books', 'worker OnRecordEnrich books', 'worker OnRecordEnrich books']);
    const changed = await fired(() => books.update(id, { title: 'c' }));
    assert.deepEqual(changed.lines, ['worker OnRecordUpdateRequest books', ...saved('Update', 'books'), 'worker OnRecordEnrich books']);
    await root.collections.create({ name: 'reviews', type: 'base', fields: [
      { name: 'book', type: 'relation', collectionId: (await root.collections.getOne('books')).id, maxSelect: 1 }] });
    const review = await root.collection('reviews').create({ book: id });
    const expanded = await fired(() => root.collection('reviews').getOne(review.id, { expand: 'book.reviews_via_book' }));
    assert.equal(expanded.result.expand.book.expand.reviews_via_book[0].id, review.id);
    assert.deepEqual(expanded.lines, ['worker OnRecordViewRequest reviews', 'worker OnRecordEnrich reviews',
      'worker OnRecordEnrich books', 'worker OnRecordEnrich reviews']);
    await root.collections.delete('reviews');
    const gone = await fired(() => books.delete(id));
    assert.deepEqual(gone.lines, ['worker OnRecordDeleteRequest books', ...removed('books')]);
  });

  it('of a record that another one cannot equal', async () => {
    await root.collections.create({
      name: 'unique', type: 'base', fields: [{ name: 'title', type: 'text' }],
      indexes: ['CREATE UNIQUE INDEX idx_unique_title ON `unique` (title)'],
    });
    await root.collection('unique').create({ title: 'a' });
    const { lines } = await fired(() => assert.rejects(root.collection('unique').create({ title: 'a' })));
    assert.deepEqual(lines, ['worker OnRecordCreateRequest unique', ...inWriter('unique', 'OnRecordCreate', 'OnModelCreate',
      'OnRecordValidate', 'OnModelValidate', 'OnRecordCreateExecute', 'OnModelCreateExecute', 'OnRecordAfterCreateError',
      'OnModelAfterCreateError')]);
  });

  it('of a record that the worker finds invalid', async () => {
    await root.collections.create({
      name: 'strict', type: 'auth', fields: [{ name: 'title', type: 'text', required: true }, { name: 'site', type: 'url' }],
    });
    const invalid = { title: '', site: 'no address', email: 'a@example.com', password: 'short', passwordConfirm: 'short' };
    const { lines, result } = await fired(() => root.collection('strict').create(invalid).catch((error) => error));
    assert.deepEqual(Object.entries(result.response.data).map(([field, { code }]) => `${field} ${code}`), [
      'password validation_min_text_constraint', 'site validation_invalid_url', 'title validation_required',
    ]);
    assert.deepEqual(lines, ['worker OnRecordCreateRequest strict', ...inWriter('strict', 'OnRecordCreate', 'OnModelCreate',
      'OnRecordValidate', 'OnRecordAfterCreateError', 'OnModelAfterCreateError')]);
  });

  const within = (kind, detail) => saved(kind, detail).filter((line) => !line.includes('After'));
  const after_ = (detail, outcome) => inWriter(detail, `OnRecordAfterCreate${outcome}`, `OnModelAfterCreate${outcome}`);

  it('of a batch: inside one another, and the after hooks behind the commit', async () => {
    await root.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 10 } });
    await root.collections.create({ name: 'pages', type: 'base', fields: [{ name: 'title', type: 'text', required: true }] });
    const { lines } = await fired(() => {
      const batch = root.createBatch();
      batch.collection('pages').create({ title: 'a' });
      batch.collection('pages').create({ title: 'b' });
      return batch.send();
    });
    const one = ['worker OnRecordCreateRequest pages', ...within('Create', 'pages'), 'worker OnRecordEnrich pages'];
    assert.deepEqual(lines, ['worker OnBatchRequest -', ...one, ...one, ...after_('pages', 'Success'), ...after_('pages', 'Success')]);
  });

  it('of a batch that is rolled back: every request that had succeeded hears of the error', async () => {
    const { lines, result } = await fired(() => {
      const batch = root.createBatch();
      batch.collection('pages').create({ title: 'c' });
      batch.collection('pages').create({ title: '' });
      return batch.send().catch((error) => error);
    });
    assert.equal(result.response.data.requests[1].response.data.title.code, 'validation_required');
    assert.deepEqual(lines, ['worker OnBatchRequest -', 'worker OnRecordCreateRequest pages', ...within('Create', 'pages'),
      'worker OnRecordEnrich pages', 'worker OnRecordCreateRequest pages',
      ...inWriter('pages', 'OnRecordCreate', 'OnModelCreate', 'OnRecordValidate'),
      ...after_('pages', 'Error'), ...after_('pages', 'Error')]);
    assert.equal((await root.collection('pages').getFullList({ filter: 'title = "c"' })).length, 0);
  });

  it('of requests while the collection changes under them: once each', async () => {
    await root.collections.create({ name: 'moving', type: 'base', fields: [{ name: 'n', type: 'number' }] });
    const requests = 60;
    const { lines, result } = await fired(async () => {
      const changes = (async () => {
        for (let i = 0; i < 10; i++) await root.collections.update('moving', { listRule: i % 2 ? '' : null });
      })();
      const made = await Promise.all(Array.from({ length: requests }, (_, n) => root.collection('moving').create({ n })));
      await changes;
      await Promise.all(made.map(({ id }) => root.collection('moving').update(id, { 'n+': 1000 })));
      return made;
    });
    const count = (line) => lines.filter((other) => other === line).length;
    assert.equal(count('worker OnRecordCreateRequest moving'), requests);
    assert.equal(count('worker OnRecordUpdateRequest moving'), requests);
    assert.equal(count('writer OnRecordAfterCreateSuccess moving'), requests);
    const stored = await root.collection('moving').getFullList();
    assert.deepEqual(stored.map(({ n }) => n).sort((a, b) => a - b), result.map((_, n) => 1000 + n));
  });

  it('of a record that the superuser command saves without a request', async () => {
    fs.writeFileSync(log, '');
    server.makeSuperuser();
    assert.deepEqual(read().filter(({ detail }) => detail === '_superusers').map(({ role, name }) => `${role} ${name}`),
      saved('Update', '_superusers').map((line) => line.replace(/ _superusers$/, '')));
  });
});
