import { router } from './router.svelte';
import { toasts } from './toasts.svelte';

// The address holds no token that its page could use.
export function refuseLink(): void {
  toasts.show('error', 'This link is invalid or has expired.');
  router.replace('/');
}
