// View collections over the API: each query of tests/conformance/view_queries gets the reference's answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { isReference, Server } from './lib/server.mjs';

const data = (name) => JSON.parse(readFileSync(new URL(`../conformance/view_queries/${name}`, import.meta.url)));

// Without what is drawn at random and what depends on the time.
function sameEachTime(value) {
  if (Array.isArray(value)) return value.map(sameEachTime);
  if (typeof value === 'string') return value.replace(/^_clone_\w{4}$/, '_clone_');
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !(key === 'made' || key === 'collectionName' || (key === 'collectionId' && 'collectionName' in value)));
  return Object.fromEntries(kept.map(([key, item]) => [key, sameEachTime(item)]));
}

let server, root;
const send = (method, path, body) => root.send(path, { method, body });
const refused = async (promise) => {
  const error = await promise.then(() => assert.fail('should have been refused'), (reason) => reason);
  return { status: error.status, data: error.response.data, message: error.response.message };
};

before(async () => {
  server = await Server.start({ workers: 2 });
  root = await server.superuserClient();
  root.autoCancellation(false);
  const world = data('world.json');
  for (const collection of world.collections) await root.collections.create(collection);
  for (const [name, records] of Object.entries(world.records).reverse()) {
    if (name === 'posts') continue;
    for (const record of records) await root.collection(name).create(record);
  }
  for (const record of world.records.posts) await root.collection('posts').create(record);
});
after(() => server?.close());

describe('a view query', () => {
  for (const [index, expected] of data('expected.json').entries()) {
    const name = `view_${index}`;
    it(expected.query, async () => {
      const dryRun = send('POST', '/api/collections/meta/dry-run-view', { query: expected.query });
      const create = () => send('POST', '/api/collections', { name, type: 'view', viewQuery: expected.query });
      if (expected.error) {
        const answer = await refused(dryRun);
        assert.equal(answer.status, 400);
        assert.ok(answer.message.startsWith('Invalid view query. Raw error: \n'), answer.message);
        if (expected.error !== 'SQLite') assert.equal(answer.message, 'Invalid view query. Raw error: \n' + expected.error);
        assert.equal((await refused(create())).data.viewQuery.code, 'validation_invalid_view_query');
        return;
      }
      assert.deepEqual(sameEachTime(await dryRun), { fields: expected.fields, sample: expected.sample });
      const view = await create();
      try {
        assert.deepEqual(sameEachTime(view.fields), expected.fields);
        assert.deepEqual(sameEachTime(await send('GET', `/api/collections/${name}/records?sort=-id&perPage=2`)), expected.list);
        const id = expected.sample[0]?.id;
        if (id) assert.deepEqual(sameEachTime(await send('GET', `/api/collections/${name}/records/${id}`)), expected.view);
        else await refused(send('GET', `/api/collections/${name}/records/none`));
      } finally {
        await root.collections.delete(name);
      }
    });
  }
});

describe('a view made anew under an old name', () => {
  it('answers from its new query, also when the old one read no table', async (t) => {
    if (isReference) return t.skip('its other connections may go on with the old view');
    const queries = { 'select 1 as id': 1, 'select id from posts': 3, "select 'a' as id": 1, 'select id from tags': 2 };
    for (let round = 0; round < 5; round++) {
      for (const [viewQuery, count] of Object.entries(queries)) {
        await root.collections.create({ name: 'again', type: 'view', viewQuery });
        for (let ask = 0; ask < 4; ask++) {
          const list = await send('GET', '/api/collections/again/records');
          assert.deepEqual([list.items.length, list.totalItems], [count, count], viewQuery);
        }
        await root.collections.delete('again');
      }
    }
  });
});

describe('the dry run', () => {
  it('is for superusers', async () => {
    const guest = server.client();
    assert.equal((await refused(guest.send('/api/collections/meta/dry-run-view', { method: 'POST', body: { query: 'select 1 as id' } }))).status, 401);
  });

  it('asks for a query of at most 5000 bytes', async () => {
    const dryRun = (query) => refused(send('POST', '/api/collections/meta/dry-run-view', { query }));
    assert.equal((await dryRun('')).data.query.code, 'validation_required');
    assert.equal((await dryRun('x'.repeat(5001))).data.query.code, 'validation_length_too_long');
    assert.equal((await dryRun(5)).message, 'An error occurred while loading the submitted data.');
  });
});

describe('the fields of a view', () => {
  const change = async (collection, name, options) => {
    const { fields } = await root.collections.getOne(collection);
    await root.collections.update(collection, { fields: fields.map((field) => (field.name === name ? { ...field, ...options } : field)) });
  };
  const fieldOf = async (collection, name) => (await root.collections.getOne(collection)).fields.find((field) => field.name === name);

  before(async () => {
    await root.collections.create({ name: 'one', type: 'view', viewQuery: 'select id, title, kind from posts' });
    await root.collections.create({ name: 'two', type: 'view', viewQuery: 'select id, title as label, kind from one' });
  });
  after(async () => {
    for (const name of ['two', 'one']) await root.collections.delete(name);
  });

  it('follow their source, through views of views', async () => {
    await change('posts', 'title', { max: 77 });
    assert.equal((await fieldOf('one', 'title')).max, 77);
    assert.equal((await fieldOf('two', 'label')).max, 77);
  });

  it('become multiple with their source, and the records with them', async () => {
    await change('posts', 'kind', { maxSelect: 2 });
    assert.equal((await fieldOf('two', 'kind')).maxSelect, 2);
    assert.deepEqual((await root.collection('two').getOne('post00000000001')).kind, ['a']);
    await change('posts', 'kind', { maxSelect: 1 });
  });

  it('all stay as they were while one view is broken', async () => {
    await root.collections.create({ name: 'three', type: 'view', viewQuery: 'select id, word from tags' });
    await root.collections.update('tags', { name: 'labels' });
    await change('posts', 'title', { max: 55 });
    assert.equal((await fieldOf('one', 'title')).max, 77);
    assert.equal((await root.collection('three').getFullList()).length, 2);
    await root.collections.update('labels', { name: 'tags' });
    await change('posts', 'title', { max: 56 });
    assert.equal((await fieldOf('two', 'label')).max, 56);
    await root.collections.delete('three');
  });

  it('keep their source from being deleted', async () => {
    assert.equal((await refused(root.collections.delete('posts'))).status, 400);
    assert.equal((await refused(root.collections.delete('one'))).status, 400);
    assert.equal((await root.collection('two').getFullList()).length, 3);
  });
});

describe('a view that never ends', () => {
  it('is refused, and writes go on', { timeout: 20_000 }, async (t) => {
    if (isReference) return t.skip('the reference takes 30 seconds');
    const viewQuery = 'with recursive n(i) as (select 1 union all select i + 1 from n) select (max(i)) as id from n';
    const answer = await refused(root.collections.create({ name: 'endless', type: 'view', viewQuery }));
    assert.equal(answer.data.viewQuery.code, 'validation_invalid_view_query');
    await root.collection('tags').create({ id: 'tag000000000009', word: 'green' });
    await root.collection('tags').delete('tag000000000009');
  });
});
