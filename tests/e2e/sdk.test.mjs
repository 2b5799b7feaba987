// The story of an application, told through the official JavaScript SDK.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from './lib/server.mjs';

let server, root;

before(async () => {
  server = await Server.start({ workers: 2 });
  root = await server.superuserClient();
});
after(() => server?.close());

const fails = (status) => (error) => error.status === status;

// A signed-in user with an address of its own.
async function signUp(name) {
  const client = server.client();
  const email = `${name}@example.com`;
  const record = await client.collection('users').create({ email, password: 'password of ' + name, passwordConfirm: 'password of ' + name, name });
  await client.collection('users').authWithPassword(email, 'password of ' + name);
  return { client, record, email, password: 'password of ' + name };
}

describe('an application with two users', () => {
  let ann, bob;

  before(async () => {
    await root.collections.create({
      name: 'notes', type: 'base',
      listRule: 'owner = @request.auth.id || public = true', viewRule: 'owner = @request.auth.id || public = true',
      createRule: '@request.auth.id != "" && owner = @request.auth.id', updateRule: 'owner = @request.auth.id',
      deleteRule: 'owner = @request.auth.id',
      fields: [
        { name: 'title', type: 'text', required: true, max: 50 },
        { name: 'public', type: 'bool' },
        { name: 'owner', type: 'relation', collectionId: '_pb_users_auth_', maxSelect: 1, required: true },
        { name: 'created', type: 'autodate', onCreate: true },
      ],
    });
    ann = await signUp('ann');
    bob = await signUp('bob');
  });

  it('knows who signed in', () => {
    assert.equal(ann.client.authStore.isValid, true);
    assert.equal(ann.client.authStore.record.email, 'ann@example.com');
    assert.equal(ann.client.authStore.record.id, ann.record.id);
  });

  it('refuses a wrong password', async () => {
    await assert.rejects(server.client().collection('users').authWithPassword(ann.email, 'not this one'), fails(400));
  });

  it('shows another user only what the rules allow', async () => {
    const secret = await ann.client.collection('notes').create({ title: 'secret', owner: ann.record.id });
    const shared = await ann.client.collection('notes').create({ title: 'shared', owner: ann.record.id, public: true });
    const seen = await bob.client.collection('notes').getFullList();
    assert.deepEqual(seen.map((note) => note.id), [shared.id]);
    await assert.rejects(bob.client.collection('notes').getOne(secret.id), fails(404));
    await assert.rejects(bob.client.collection('notes').update(shared.id, { title: 'taken' }), fails(404));
    await assert.rejects(bob.client.collection('notes').delete(shared.id), fails(404));
    await assert.rejects(bob.client.collection('notes').create({ title: 'in her name', owner: ann.record.id }), fails(400));
    assert.equal((await ann.client.collection('notes').getOne(shared.id)).title, 'shared');
  });

  it('shows a visitor nothing but the public notes', async () => {
    const seen = await server.client().collection('notes').getFullList();
    assert.ok(seen.length > 0);
    assert.ok(seen.every((note) => note.public));
    await assert.rejects(server.client().collection('notes').create({ title: 'x', owner: ann.record.id }), fails(400));
  });

  it('hides an e-mail address from everyone but its owner', async () => {
    await root.collections.update('users', { listRule: '', viewRule: '' });
    assert.equal((await bob.client.collection('users').getOne(ann.record.id)).email, undefined);
    assert.equal((await ann.client.collection('users').getOne(ann.record.id)).email, ann.email);
    assert.equal((await root.collection('users').getOne(ann.record.id)).email, ann.email);
  });

  it('expands a relation as far as the reader may see it', async () => {
    const note = await ann.client.collection('notes').getFirstListItem('title = "shared"', { expand: 'owner' });
    assert.equal(note.expand.owner.name, 'ann');
    assert.equal(note.expand.owner.email, ann.email);
  });

  it('goes on after a refreshed token', async () => {
    const before = ann.client.authStore.token;
    const answer = await ann.client.collection('users').authRefresh();
    assert.ok(answer.token);
    assert.equal(answer.record.id, ann.record.id);
    assert.ok((await ann.client.collection('notes').getFullList()).length >= 2);
    ann.client.authStore.save(before, answer.record);
    assert.ok((await ann.client.collection('notes').getFullList()).length >= 2);
  });

  it('reports what is wrong with a record, field by field', async () => {
    await assert.rejects(ann.client.collection('notes').create({ title: '', owner: ann.record.id }), (error) => {
      assert.equal(error.status, 400);
      assert.equal(error.response.data.title.code, 'validation_required');
      return true;
    });
    await assert.rejects(ann.client.collection('notes').create({ title: 'x'.repeat(51), owner: ann.record.id }),
      (error) => error.response.data.title.code === 'validation_max_text_constraint');
    await assert.rejects(server.client().collection('users').create({ email: ann.email, password: '12345678', passwordConfirm: '12345678' }),
      (error) => error.response.data.email.code === 'validation_not_unique');
  });

  it('deletes what its owner deletes', async () => {
    const note = await bob.client.collection('notes').create({ title: 'short lived', owner: bob.record.id });
    await bob.client.collection('notes').delete(note.id);
    await assert.rejects(bob.client.collection('notes').getOne(note.id), fails(404));
  });
});

describe('a list', () => {
  const names = ['Berlin', 'Oslo', 'Rome', 'Paris', 'Athens', 'Lima', 'Quito', 'Cairo', 'Accra', 'Tunis', 'Hanoi', 'Dakar'];

  before(async () => {
    await root.collections.create({ name: 'countries', type: 'base', listRule: '', viewRule: '', fields: [{ name: 'name', type: 'text' }] });
    const countries = (await root.collections.getOne('countries')).id;
    await root.collections.create({
      name: 'cities', type: 'base', listRule: '', viewRule: '',
      fields: [
        { name: 'name', type: 'text' }, { name: 'size', type: 'number' },
        { name: 'tags', type: 'select', maxSelect: 3, values: ['capital', 'port', 'old'] },
        { name: 'country', type: 'relation', collectionId: countries, maxSelect: 1 },
        { name: 'note', type: 'editor' },
      ],
    });
    const land = await root.collection('countries').create({ name: 'Somewhere' });
    for (const [i, name] of names.entries()) {
      await root.collection('cities').create({
        name, size: i * 10, tags: i % 2 ? ['capital'] : ['capital', 'port'], country: i % 3 ? '' : land.id, note: `<p>The <b>city</b> of ${name}</p>`,
      });
    }
  });

  const cities = () => server.client().collection('cities');

  it('comes in pages', async () => {
    const page = await cities().getList(2, 5, { sort: 'name' });
    assert.deepEqual([page.page, page.perPage, page.totalItems, page.totalPages], [2, 5, 12, 3]);
    assert.deepEqual(page.items.map((city) => city.name), [...names].sort().slice(5, 10));
  });

  it('leaves the count away when asked to', async () => {
    const page = await cities().getList(1, 5, { skipTotal: true });
    assert.deepEqual([page.totalItems, page.totalPages, page.items.length], [-1, -1, 5]);
  });

  it('is sorted by several keys', async () => {
    const sorted = await cities().getFullList({ sort: 'tags,-size' });
    const descending = [...names].reverse();
    const ports = (name) => names.indexOf(name) % 2 === 0;
    assert.deepEqual(sorted.map((city) => city.name), [...descending.filter(ports), ...descending.filter((name) => !ports(name))]);
  });

  it('is filtered by comparisons, patterns, parts of a list and relations', async () => {
    const ask = async (filter) => (await cities().getFullList({ filter, sort: 'size' })).map((city) => city.name);
    assert.deepEqual(await ask('size > 20 && size <= 50'), ['Paris', 'Athens', 'Lima']);
    assert.deepEqual(await ask('name ~ "ri"'), ['Paris']);
    assert.deepEqual(await ask('name !~ "a" && size < 40'), ['Berlin', 'Oslo', 'Rome']);
    assert.deepEqual(await ask('tags:each ?= "port" && size >= 80'), ['Accra', 'Hanoi']);
    assert.deepEqual(await ask('country.name = "Somewhere"'), ['Berlin', 'Paris', 'Quito', 'Tunis']);
    assert.deepEqual(await ask('(name = "Oslo" || name = "Rome") && size != 10'), ['Rome']);
  });

  it('takes values through the placeholders of the SDK', async () => {
    const client = server.client();
    const filter = client.filter('name = {:name}', { name: `Os"lo' || 1=1 //` });
    assert.equal((await client.collection('cities').getList(1, 10, { filter })).totalItems, 0);
  });

  it('shows only the fields asked for', async () => {
    const page = await cities().getList(1, 1, { sort: 'size', fields: 'name,note:excerpt(8),expand.country.name', expand: 'country' });
    assert.deepEqual(page.items[0], { name: 'Berlin', note: 'The city', expand: { country: { name: 'Somewhere' } } });
  });

  it('answers a broken filter, an unknown field and a bad sort with 400', async () => {
    await assert.rejects(cities().getList(1, 5, { filter: 'name = (' }), fails(400));
    await assert.rejects(cities().getList(1, 5, { filter: 'nothing = 1' }), fails(400));
    await assert.rejects(cities().getList(1, 5, { sort: 'nothing' }), fails(400));
  });

  it('of an unknown collection is not found', async () => {
    await assert.rejects(server.client().collection('nowhere').getList(), fails(404));
    await assert.rejects(cities().getOne('doesnotexist000'), fails(404));
  });

  it('with no list rule is for superusers only', async () => {
    await root.collections.create({ name: 'hidden', type: 'base', fields: [{ name: 'x', type: 'text' }] });
    await assert.rejects(server.client().collection('hidden').getList(), fails(403));
    assert.equal((await root.collection('hidden').getList()).totalItems, 0);
  });
});

describe('a collection that already has records', () => {
  it('keeps them when fields are added, renamed and removed', async () => {
    const made = await root.collections.create({
      name: 'growing', type: 'base', listRule: '',
      fields: [{ name: 'a', type: 'text' }, { name: 'b', type: 'number' }],
    });
    const record = await root.collection('growing').create({ a: 'first', b: 7 });

    const fields = made.fields.map((field) => (field.name === 'a' ? { ...field, name: 'title' } : field));
    await root.collections.update('growing', { fields: [...fields, { name: 'extra', type: 'json' }] });
    let seen = await root.collection('growing').getOne(record.id);
    assert.deepEqual([seen.title, seen.b, seen.extra, seen.a], ['first', 7, null, undefined]);

    await root.collections.update('growing', { name: 'grown', fields: fields.filter((field) => field.name !== 'b') });
    seen = await root.collection('grown').getOne(record.id);
    assert.deepEqual([seen.title, 'b' in seen, seen.collectionName], ['first', false, 'grown']);
    await assert.rejects(root.collection('growing').getList(), fails(404));
  });

  it('keeps them when a unique index cannot be made over them', async () => {
    await root.collections.create({ name: 'twins', type: 'base', fields: [{ name: 'x', type: 'text' }] });
    await root.collection('twins').create({ x: 'same' });
    await root.collection('twins').create({ x: 'same' });
    await assert.rejects(root.collections.update('twins', { indexes: ['CREATE UNIQUE INDEX idx_twins_x ON twins (x)'] }), fails(400));
    assert.deepEqual((await root.collections.getOne('twins')).indexes, []);
    assert.equal((await root.collection('twins').getList()).totalItems, 2);
  });

  it('goes with its records when it is deleted', async () => {
    await root.collections.create({ name: 'leaving', type: 'base', listRule: '', fields: [{ name: 'x', type: 'text' }] });
    await root.collection('leaving').create({ x: '1' });
    await root.collections.delete('leaving');
    await assert.rejects(root.collection('leaving').getList(), fails(404));
  });

  it('is for superusers to change', async () => {
    const { client } = await signUp('carl');
    await assert.rejects(client.collections.create({ name: 'mine', type: 'base' }), fails(403));
    await assert.rejects(server.client().collections.getFullList(), fails(401));
  });
});
