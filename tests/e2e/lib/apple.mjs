// Stands in for appleid.apple.com: a proxy that answers for it with a certificate which the server under test is told to trust.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

const host = 'appleid.apple.com';

export class AppleStandIn {
  // `folder`: where the certificate goes.
  static async start(folder) {
    const apple = new AppleStandIn();
    const key = path.join(folder, 'apple-key.pem'), cert = path.join(folder, 'apple-cert.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    apple.users = {};                    // by code: the claims besides those of every token
    apple.signer = apple.key = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    apple.site = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (request, response) => apple.#answer(request, response));
    apple.proxy = http.createServer((request, response) => response.writeHead(403).end());
    apple.proxy.on('connect', (request, socket) => {
      if (request.url !== `${host}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      apple.site.emit('connection', socket);
    });
    await new Promise((resolve) => apple.proxy.listen(0, '127.0.0.1', resolve));
    apple.env = { https_proxy: `http://127.0.0.1:${apple.proxy.address().port}`, HTTPS_PROXY: '', SSL_CERT_FILE: cert };
    return apple;
  }

  #answer(request, response) {
    let body = '';
    request.on('data', (text) => (body += text)).on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/auth/keys') {
        return response.end(JSON.stringify({ keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: 'apple1', alg: 'RS256', use: 'sig' }] }));
      }
      const claims = this.users[new URLSearchParams(body).get('code')];
      if (request.url !== '/auth/token' || !claims) return response.writeHead(400).end('{"error":"invalid_grant"}');
      response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', expires_in: 3600, id_token: this.#token(claims) }));
    });
  }

  #token(claims) {
    const now = Math.floor(Date.now() / 1000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', kid: 'apple1' })}.${part({ iss: `https://${host}`, aud: 'app.test', iat: now, exp: now + 600, ...claims })}`;
    return `${text}.${crypto.sign('RSA-SHA256', Buffer.from(text), this.signer.privateKey).toString('base64url')}`;
  }

  close() {
    this.site.closeAllConnections();
    this.proxy.closeAllConnections();
    return new Promise((resolve) => this.proxy.close(resolve));
  }
}
