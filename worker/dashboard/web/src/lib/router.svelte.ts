// The page that the part behind "#" asks for. The server knows one page only (no fallback below /_/).

export type PageName =
  | 'confirm-password-reset'
  | 'confirm-verification'
  | 'confirm-email-change'
  | 'oauth2-success'
  | 'oauth2-failure'
  | 'install'
  | 'other';

export interface Location {
  path: string;     // "/auth/confirm-verification/eyJ…", without what follows "?"
  name: PageName;
  token: string;    // "" on pages without one
}

// "*" stands for one segment, the token.
const routes: [pattern: string, name: PageName][] = [
  ['/pbinstall/*', 'install'],
  ['/auth/confirm-password-reset/*', 'confirm-password-reset'],
  ['/auth/confirm-verification/*', 'confirm-verification'],
  ['/auth/confirm-email-change/*', 'confirm-email-change'],
  ['/auth/oauth2-redirect-success', 'oauth2-success'],
  ['/auth/oauth2-redirect-failure', 'oauth2-failure'],
];

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

// The token of `path`, "" for a pattern without one; null when the pattern is another page's.
function match(pattern: string, path: string): string | null {
  if (!pattern.endsWith('/*')) return path === pattern ? '' : null;
  const start = pattern.slice(0, -1);
  const rest = path.startsWith(start) ? path.slice(start.length) : '';
  return rest !== '' && !rest.includes('/') ? decoded(rest) : null;
}

export function locate(hash: string): Location {
  const written = hash.replace(/^#\/?/, '').replace(/\?.*$/s, '').replace(/\/+$/, '');
  const path = `/${written}`;
  for (const [pattern, name] of routes) {
    const token = match(pattern, path);
    if (token !== null) return { path, name, token };
  }
  return { path, name: 'other', token: '' };
}

class Router {
  location = $state.raw(locate(window.location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.location = locate(window.location.hash)));
  }

  // Leaves a page that shall not be come back to.
  replace(path: string): void {
    window.location.replace(`#${path}`);
  }
}

export const router = new Router();
