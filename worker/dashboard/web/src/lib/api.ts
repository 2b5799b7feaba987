// The public API, through its official client.
import PocketBase, { BaseAuthStore, LocalAuthStore } from 'pocketbase';

// Beside the dashboard, wherever a proxy puts the two.
const base = new URL('../', new URL(window.location.pathname, window.location.origin)).href;

export const healthURL = new URL('api/health', base).href;

// The superuser's session: kept in this browser, apart from that of another server on the same host.
export const superuserClient = new PocketBase(
  base, new LocalAuthStore(`__pb_superusers__${window.location.pathname.replace(/\/+$/, '')}`));

// A client that neither uses nor touches the superuser's session.
export function isolatedClient(token = ''): PocketBase {
  const store = new BaseAuthStore();
  if (token) store.save(token);
  return new PocketBase(base, store).autoCancellation(false);
}
