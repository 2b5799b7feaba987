// Tokens as the server would issue them, made from what its database holds (spec 04 §2).
import { createHmac } from 'node:crypto';
import { data } from '../../e2e/lib/datadir.mjs';
import { query } from '../../e2e/lib/sqlite.mjs';

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// Names the collection and the address of a record, and what the token says besides.
export function token(dir, { collection, email, type, lifetime = 600, claims = {} }) {
  const [{ id: collectionId, options }] = query(data(dir), `SELECT id, options FROM _collections WHERE name = '${collection}'`);
  const [{ id, tokenKey }] = query(data(dir), `SELECT id, tokenKey FROM ${collection} WHERE email = '${email}'`);
  const payload = { collectionId, exp: Math.floor(Date.now() / 1000) + lifetime, id, type, ...claims };
  const unsigned = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(payload)}`;
  const key = tokenKey + JSON.parse(options)[`${type}Token`].secret;
  return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`;
}
