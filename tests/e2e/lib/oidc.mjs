// A real OpenID provider on loopback (npm oidc-provider), and a browser's part of the way through it.
import crypto from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const key = (kid, alg, type, options) => ({
  ...crypto.generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig',
});

// Clients of the provider: how they tell their secret, and how their id_tokens are signed.
const clients = {
  basic: { token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'RS256' },
  post: { token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'EdDSA' },
};

// Debian's Node.js 18 joins them all with commas, which dates hold as well.
const cookiesOf = ({ headers }) => headers.getSetCookie?.() ?? (headers.get('set-cookie')?.split(/, (?=[^;,=\s]+=)/) ?? []);

export class OpenIdProvider {
  // `redirects`: where the provider may send its users back to.
  static async start(redirects) {
    const provider = new OpenIdProvider();
    provider.accounts = {};              // by their sub: the other claims
    provider.codes = [];                 // every code that was given out
    provider.tokenRequests = 0;
    provider.bodyOnly = false;           // refuses secrets that come in a header
    provider.secret = crypto.randomBytes(24).toString('base64') + ' +&=%';
    provider.server = http.createServer();
    await new Promise((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    provider.#configure(redirects);
    return provider;
  }

  #configure(redirects) {
    const oidc = new Provider(this.url, {
      clients: Object.entries(clients).map(([name, options]) => ({
        client_id: name, client_secret: this.secret, redirect_uris: redirects, grant_types: ['authorization_code'],
        response_types: ['code'], ...options,
      })),
      jwks: { keys: [key('rsa', 'RS256', 'rsa', { modulusLength: 2048 }), key('ed', 'EdDSA', 'ed25519')] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'EdDSA'] },
      cookies: { keys: [crypto.randomBytes(16).toString('hex')] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'picture'] },
      conformIdTokenClaims: false,       // all claims in the id_token, too
      pkce: { methods: ['S256'], required: () => true },
      features: { devInteractions: { enabled: false } },
      renderError: (context, out) => (context.body = `${out.error}: ${out.error_description}`),
      interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (context, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.accounts[sub] }) }),
      // Nobody is asked what they agree to.
      loadExistingGrant: async (context) => {
        const grant = new context.oidc.provider.Grant({
          clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId,
        });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
    const answer = oidc.callback();
    this.server.on('request', async (request, response) => {
      if (request.url === '/token') {
        this.tokenRequests++;
        if (this.bodyOnly && request.headers.authorization) return response.writeHead(401).end('{"error":"invalid_client"}');
      }
      if (!request.url.startsWith('/interaction/')) return answer(request, response);
      // Where a page would ask who it is: the browser says so in a header.
      return oidc.interactionFinished(request, response, { login: { accountId: request.headers['x-account'] } });
    });
  }

  // An item for a collection's oauth2.providers.
  config(name = 'oidc', { client = 'basic', userInfo = true, ...more } = {}) {
    return {
      name, clientId: client, clientSecret: this.secret, authURL: `${this.url}/auth`, tokenURL: `${this.url}/token`,
      userInfoURL: userInfo ? `${this.url}/me` : '', ...more,
    };
  }

  // Goes from `url` to where the provider sends the user back to, as a browser in which this account signs in.
  async browse(url, account) {
    const cookies = new Map();
    for (let at = url, step = 0; step < 10; step++) {
      if (!at.startsWith(this.url)) {
        const code = new URL(at).searchParams.get('code');
        if (code) this.codes.push(code);
        return at;
      }
      const response = await fetch(at, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'x-account': account },
      });
      for (const line of cookiesOf(response)) {
        const [name, value] = line.split(';')[0].split(/=(.*)/s);
        cookies.set(name, value);
      }
      const next = response.headers.get('location');
      if (!next) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      at = new URL(next, at).href;
    }
    throw new Error('the provider redirects without end');
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
