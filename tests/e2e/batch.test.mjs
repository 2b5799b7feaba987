// Batches through the official JavaScript SDK: in order, all or nothing, each item under its rule.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from './lib/server.mjs';

describe('batches', () => {
  let server, root, user;

  before(async () => {
    server = await Server.start({ workers: 2 });
    root = await server.superuserClient();
    await root.settings.update({ batch: { enabled: true, maxRequests: 150, timeout: 3 } });
    await root.collections.create({
      name: 'authors', type: 'base', listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '',
      fields: [{ name: 'name', type: 'text', required: true }],
    });
    const authors = await root.collections.getOne('authors');
    await root.collections.create({
      name: 'books', type: 'base', listRule: '', viewRule: '', deleteRule: '',
      createRule: '@request.auth.id != "" && author.name != "nobody"', updateRule: 'title != "locked"',
      fields: [
        { name: 'title', type: 'text', required: true }, { name: 'votes', type: 'number' },
        { name: 'author', type: 'relation', collectionId: authors.id, maxSelect: 1 },
        { name: 'cover', type: 'file', maxSelect: 2 },
      ],
      indexes: ['CREATE UNIQUE INDEX idx_books_title ON books (title)'],
    });
    user = server.client();
    await user.collection('users').create({ email: 'ann@example.com', password: 'a good password', passwordConfirm: 'a good password' });
    await user.collection('users').authWithPassword('ann@example.com', 'a good password');
  });
  after(() => server?.close());

  const failure = (index, status, code) => (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.response.message, 'Batch transaction failed.');
    assert.deepEqual(Object.keys(error.response.data.requests), [String(index)]);
    const one = error.response.data.requests[index];
    assert.equal(one.code, 'batch_request_failed');
    assert.equal(one.response.status, status);
    if (code) assert.ok(JSON.stringify(one.response.data).includes(code), JSON.stringify(one.response));
    return true;
  };

  it('answer in order with what each request alone would have got', async () => {
    const batch = user.createBatch();
    batch.collection('authors').create({ id: 'author000000001', name: 'Ann' });
    batch.collection('books').create({ id: 'book00000000001', title: 'One', author: 'author000000001' }, { expand: 'author' });
    batch.collection('books').update('book00000000001', { 'votes+': 2 }, { fields: 'id,votes' });
    batch.collection('books').update('book00000000001', { 'votes+': 3 });
    batch.collection('authors').upsert({ id: 'author000000001', name: 'Anna' });
    batch.collection('authors').upsert({ id: 'author000000002', name: 'Bob' });
    batch.collection('authors').delete('author000000002');
    const results = await batch.send();
    assert.deepEqual(results.map(({ status }) => status), [200, 200, 200, 200, 200, 200, 204]);
    assert.equal(results[1].body.expand.author.name, 'Ann');
    assert.deepEqual(results[2].body, { id: 'book00000000001', votes: 2 });
    assert.equal(results[3].body.votes, 5);
    assert.equal(results[4].body.name, 'Anna');
    assert.equal(results[6].body, null);
    assert.equal((await root.collection('authors').getFullList()).length, 1);
  });

  it('leave nothing when one request fails', async () => {
    const batch = user.createBatch();
    batch.collection('authors').create({ name: 'Carl' });
    batch.collection('books').create({ title: 'Two' });
    batch.collection('books').create({ title: 'Two' });
    await assert.rejects(batch.send(), failure(2, 400, 'validation_not_unique'));
    const invalid = user.createBatch();
    invalid.collection('authors').create({ name: 'Carl' });
    invalid.collection('authors').create({ name: '' });
    invalid.collection('nowhere').create({});
    await assert.rejects(invalid.send(), failure(1, 400, 'validation_required'));
    assert.equal((await root.collection('authors').getFullList({ filter: 'name = "Carl"' })).length, 0);
    assert.equal((await root.collection('books').getFullList({ filter: 'title = "Two"' })).length, 0);
  });

  it('ask each rule in the state that the earlier requests have made', async () => {
    const guest = server.client().createBatch();
    guest.collection('books').create({ title: 'by nobody' });
    await assert.rejects(guest.send(), failure(0, 400));
    const forbidden = user.createBatch();
    forbidden.collection('authors').create({ id: 'author000000009', name: 'nobody' });
    forbidden.collection('books').create({ title: 'of nobody', author: 'author000000009' });
    await assert.rejects(forbidden.send(), failure(1, 400));
    const locked = user.createBatch();
    locked.collection('books').create({ id: 'book00000000009', title: 'open' });
    locked.collection('books').update('book00000000009', { title: 'locked' });
    locked.collection('books').update('book00000000009', { title: 'again' });
    await assert.rejects(locked.send(), failure(2, 404));
    const gone = user.createBatch();
    gone.collection('books').create({ id: 'book00000000009', title: 'short-lived' });
    gone.collection('books').delete('book00000000009');
    gone.collection('books').update('book00000000009', { title: 'too late' });
    await assert.rejects(gone.send(), failure(2, 404));
  });

  it('carry files, and leave none behind when they fail', async () => {
    const cover = (text) => new File([text], 'cover.txt');
    const batch = user.createBatch();
    batch.collection('books').create({ id: 'book00000000002', title: 'With cover', cover: [cover('1'), cover('2')] });
    batch.collection('books').update('book00000000002', { 'cover+': cover('3'), votes: 1, 'cover-': [] });
    await assert.rejects(batch.send(), failure(1, 400));            // three files are more than two
    const good = user.createBatch();
    good.collection('books').create({ id: 'book00000000002', title: 'With cover', cover: [cover('1')] });
    good.collection('books').update('book00000000002', { 'cover+': cover('2') });
    const [first, second] = await good.send();
    assert.equal(first.body.cover.length, 1);
    assert.equal(second.body.cover.length, 2);
    assert.equal(second.body.cover[0], first.body.cover[0]);
    assert.match(second.body.cover[1], /^cover_\w{10}_\w{10}\.txt$/);
  });

  it('run side by side without disturbing each other', async () => {
    await root.collection('authors').create({ id: 'author000000005', name: 'counter' });
    await root.collections.update('authors', { fields: [...(await root.collections.getOne('authors')).fields, { name: 'n', type: 'number' }] });
    const one = async () => {
      const batch = user.createBatch();
      batch.collection('authors').update('author000000005', { 'n+': 1 });
      batch.collection('authors').update('author000000005', { 'n+': 1 });
      await batch.send();
    };
    const other = async () => {
      const batch = user.createBatch();
      batch.collection('authors').update('author000000005', { 'n+': 1 });
      await batch.send();
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one() : other())));
    assert.equal((await root.collection('authors').getOne('author000000005')).n, 30);
  });

  it('take a hundred creates in one', async () => {
    const batch = user.createBatch();
    for (let i = 0; i < 100; i++) batch.collection('authors').create({ name: `many ${i}` });
    const results = await batch.send();
    assert.deepEqual(results.map(({ body }) => body.name), Array.from({ length: 100 }, (_, i) => `many ${i}`));
  });
});
