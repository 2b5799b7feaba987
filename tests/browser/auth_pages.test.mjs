// The pages that mails, providers and the installer link to, in a real browser.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Browser, noBrowser, press, sees, textOf, type } from '../e2e/lib/browser.mjs';
import { data } from '../e2e/lib/datadir.mjs';
import { MailServer } from '../e2e/lib/smtp.mjs';
import { Server, superuser, until } from '../e2e/lib/server.mjs';
import { column } from '../e2e/lib/sqlite.mjs';
import { startProxy } from './lib/proxy.mjs';
import { token } from './lib/tokens.mjs';

const password = 'the first password';
const installer = '__pbinstaller@example.com';

describe('the pages for users', { skip: noBrowser }, () => {
  let server, browser, mails, page, root, email;
  let count = 0;

  before(async () => {
    server = await Server.start();
    browser = await Browser.launch();
    mails = await MailServer.start();
    root = await server.superuserClient();
    await root.settings.update({ smtp: mails.settings, meta: { appURL: server.url } });
  });
  after(async () => {
    await Promise.all([server?.close(), browser?.close(), mails?.close()]);
  });

  // Every test has a user of its own.
  beforeEach(async () => {
    email = `user${++count}@example.com`;
    page = null;
    await root.collection('users').create({ email, password, passwordConfirm: password });
  });
  afterEach(() => page?.browserContext().close());

  // Where the button of the next mail to this address leads.
  const mailedLink = async (address) => /href="([^"]+)"/.exec((await mails.next(address)).html)[1];
  const open = async (path) => (page = await browser.page(`${server.url}/_/#${path}`));
  const goTo = (path) => page.evaluate((hash) => void (window.location.hash = hash), path);
  const tokenFor = (kind, claims, lifetime) =>
    token(server.dir, { collection: 'users', email, type: kind, lifetime, claims: { email, ...claims } });
  const signIn = (address, secret) => server.client().collection('users').authWithPassword(address, secret);
  const isVerified = () => column(data(server.dir), `SELECT verified FROM users WHERE email = '${email}'`)[0] === 1;

  it('verify an address as soon as the link is opened', async () => {
    await server.client().collection('users').requestVerification(email);
    page = await browser.page(await mailedLink(email));
    await sees(page, `Thank you, ${email} is verified.`);
    assert.equal(await page.title(), 'Verify your email address');
    assert.ok(isVerified());
    assert.deepEqual(page.complaints, []);
  });

  it('offer another mail when the link is too old', async () => {
    await open(`/auth/confirm-verification/${tokenFor('verification', {}, -10)}`);
    await sees(page, 'The address could not be verified');
    await sees(page, 'token: Invalid or expired token.');
    assert.ok(!isVerified());
    await press(page, 'Send a new mail');
    await sees(page, `If ${email} still needs verification, a new mail is on its way to it.`);
    page = await browser.sibling(page, await mailedLink(email));
    await sees(page, 'is verified.');
    assert.ok(isVerified());
  });

  it('set a new password, once', async () => {
    await server.client().collection('users').requestPasswordReset(email);
    const link = await mailedLink(email);
    page = await browser.page(link);
    await sees(page, `Choose a new password for ${email}.`);
    await type(page, 'New password', 'the second password');
    await type(page, 'New password again', 'something else');
    await press(page, 'Change password');
    await sees(page, "Values don't match.");
    assert.equal(await page.evaluate(() => document.activeElement.name), 'passwordConfirm');
    await type(page, 'New password again', 'the second password');
    await page.waitForFunction(() => !document.body.innerText.includes("Values don't match."));
    await page.keyboard.press('Enter');
    await sees(page, 'Your password has been changed.');
    assert.equal((await signIn(email, 'the second password')).record.email, email);
    await assert.rejects(signIn(email, password), { status: 400 });

    page = await browser.sibling(page, link);
    await type(page, 'New password', 'the third password');
    await type(page, 'New password again', 'the third password');
    await press(page, 'Change password');
    await sees(page, 'token: Invalid or expired token.');
    assert.equal((await signIn(email, 'the second password')).record.email, email);
  });

  it('change an address for who knows the password', async () => {
    const newEmail = `new-${email}`;
    const client = server.client();
    await client.collection('users').authWithPassword(email, password);
    await client.collection('users').requestEmailChange(newEmail);
    page = await browser.page(await mailedLink(newEmail));
    await sees(page, `change your address to ${newEmail}.`);
    await type(page, 'Password', 'a wrong password');
    await press(page, 'Confirm new address');
    await sees(page, 'Missing or invalid auth record password.');
    await type(page, 'Password', password);
    await press(page, 'Confirm new address');
    await sees(page, `Your address is ${newEmail} now.`);
    assert.equal((await signIn(newEmail, password)).record.email, newEmail);
  });

  it("leave a superuser's session in the same browser alone", async () => {
    await open('/');
    const kept = JSON.stringify({ token: root.authStore.token, record: root.authStore.record });
    await page.evaluate((session) => localStorage.setItem('__pb_superusers__/_', session), kept);
    page = await browser.sibling(page, `${server.url}/_/#/auth/confirm-verification/${tokenFor('verification')}`);
    await sees(page, 'is verified.');
    assert.equal(await page.evaluate(() => localStorage.getItem('__pb_superusers__/_')), kept);
  });

  it('refuse a link that holds no usable token', async () => {
    await open('/');
    for (const path of ['/auth/confirm-verification/nonsense', `/auth/confirm-email-change/${tokenFor('emailChange')}`,
      `/auth/confirm-password-reset/${tokenFor('passwordReset', { email: '' })}`, '/pbinstall/nonsense']) {
      await goTo(path);
      await sees(page, 'This link is invalid or has expired.');
      await sees(page, 'not part of this build yet');
      assert.equal(new URL(page.url()).hash, '#/');
      await press(page, 'Dismiss');
      await page.waitForFunction(() => !document.body.innerText.includes('This link is invalid'));
    }
    assert.deepEqual(page.complaints, []);
  });

  it('say how a sign-in with a provider has ended', async () => {
    await open('/auth/oauth2-redirect-success');
    await sees(page, 'Sign-in completed');
    await page.goto(`${server.url}/api/oauth2-redirect?code=123`);      // of nobody who is connected
    await sees(page, 'Sign-in failed');
    assert.equal(page.url(), `${server.url}/_/#/auth/oauth2-redirect-failure`);
    assert.deepEqual(page.complaints.filter((text) => !text.includes('Scripts may close only')), []);
  });

  it("close a provider's window after the application has been told", async () => {
    await open('/');
    for (const [query, told] of [['code=123', { code: '123' }], ['error=denied', { code: '', error: 'denied' }]]) {
      const client = await page.evaluate(async (answer) => {
        const events = new EventSource('../api/realtime');
        window.told = new Promise((resolve) => events.addEventListener('@oauth2', (event) => resolve(JSON.parse(event.data))));
        const clientId = await new Promise((resolve) =>
          events.addEventListener('PB_CONNECT', (event) => resolve(JSON.parse(event.data).clientId)));
        const headers = { 'Content-Type': 'application/json' };
        await fetch('../api/realtime', { method: 'POST', headers, body: JSON.stringify({ clientId, subscriptions: ['@oauth2'] }) });
        window.popup = window.open(`../api/oauth2-redirect?state=${clientId}&${answer}`);
        return clientId;
      }, query);
      assert.deepEqual(await page.evaluate(() => window.told), { state: client, ...told });
      await page.waitForFunction(() => window.popup.closed);
    }
  });

  it('say for every other address that the dashboard is not there yet', async () => {
    await open('/auth/oauth2-redirect-success');
    for (const path of ['', '/', '/collections?collection=users', '/login', '/auth/confirm-verification/']) {
      await goTo(path);
      await sees(page, 'The admin dashboard is not part of this build yet.');
      await goTo('/auth/oauth2-redirect-success');
      await sees(page, 'Sign-in completed');
    }
    await goTo('/');
    await (await page.waitForSelector('aria/Health of the API[role="link"]')).click();
    await sees(page, 'API is healthy.');
  });

  it('work below a path of a reverse proxy', async () => {
    const proxy = await startProxy(server.url, '/some/where/');
    try {
      page = await browser.page(`${proxy.url}_/#/auth/confirm-verification/${tokenFor('verification')}`);
      await sees(page, 'is verified.');
      assert.ok(isVerified());
      assert.deepEqual([proxy.strays, page.complaints], [[], []]);
    } finally {
      await proxy.close();
    }
  });

  it('fit a narrow screen, in light and in dark', async () => {
    await open(`/auth/confirm-password-reset/${tokenFor('passwordReset')}`);
    await page.setViewport({ width: 360, height: 640, hasTouch: true, isMobile: true });
    const shades = new Set();
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await sees(page, 'Choose a new password');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      shades.add(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    }
    assert.equal(shades.size, 2);
  });

  it('show what a token claims as text, whatever it is', async () => {
    await open(`/auth/confirm-email-change/${tokenFor('emailChange', { newEmail: '<img src=x onerror="document.title=1">' })}`);
    await sees(page, '<img src=x onerror="document.title=1">');
    assert.equal(await page.title(), 'Confirm your new email address');
  });

  it('are what the server sends compressed as well', async () => {
    const index = await (await fetch(`${server.url}/_/`, { headers: { 'Accept-Encoding': 'identity' } })).text();
    const files = [...index.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1]);
    assert.ok(files.length >= 3, index);
    for (const file of ['', ...files]) {
      const [plain, packed] = await Promise.all(['identity', 'gzip'].map((coding) =>
        fetch(`${server.url}/_/${file}`, { headers: { 'Accept-Encoding': coding } })));
      assert.deepEqual([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')], [null, 'gzip'], file);
      assert.equal(await packed.text(), await plain.text());
    }
  });
});

describe('the page for the first superuser', { skip: noBrowser }, () => {
  let server, browser, page, link;

  before(async () => {
    server = await Server.start({ superuser: false });
    browser = await Browser.launch();
    const [, token] = await until('the link', () => /_\/#\/pbinstall\/(\S+)/.exec(server.output));
    link = `${server.url}/_/#/pbinstall/${token}`;
    page = await browser.page(link);
  });
  after(async () => {
    await Promise.all([server?.close(), browser?.close()]);
  });
  const superusers = () => column(data(server.dir), 'SELECT email FROM _superusers ORDER BY email');

  it('shows at the controls what the server does not accept', async () => {
    await type(page, 'Email', superuser.email);
    await type(page, 'Password', 'short');
    await type(page, 'Password again', 'short');
    await press(page, 'Create superuser');
    await sees(page, 'Must be at least 8 character(s).');
    assert.equal(await page.$eval('[name=password]', (input) => input.getAttribute('aria-invalid')), 'true');
    assert.match(await page.$eval('[name=password]', (input) =>
      input.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent).join()), /Must be at least 8/);
    assert.deepEqual(superusers(), [installer]);
  });

  it('creates the superuser and signs in', async () => {
    await press(page, 'Show password');
    assert.equal(await page.$eval('[name=password]', (input) => input.type), 'text');
    await type(page, 'Password', superuser.password);
    await type(page, 'Password again', superuser.password);
    await press(page, 'Create superuser');
    await sees(page, 'The superuser has been created.');
    await sees(page, `You are signed in as ${superuser.email}.`);
    assert.deepEqual(superusers(), [superuser.email]);
    const session = JSON.parse(await page.evaluate(() => localStorage.getItem('__pb_superusers__/_')));
    const client = server.client();
    client.authStore.save(session.token, session.record);
    assert.ok((await client.collections.getFullList()).length > 0);
  });

  it('does nothing for who is signed in already', async () => {
    page = await browser.sibling(page, link);
    await sees(page, `You are signed in as ${superuser.email}.`);
    assert.equal(new URL(page.url()).hash, '#/');
    await press(page, 'Sign out');
    await until('the session to end', () => page.evaluate(() => localStorage.getItem('__pb_superusers__/_') === null));
  });

  it('refuses the link once it has been used', async () => {
    await page.goto('about:blank');
    await page.goto(link);
    for (const label of ['Password', 'Password again']) await type(page, label, 'another long password');
    await type(page, 'Email', 'second@example.com');
    await press(page, 'Create superuser');
    await page.waitForSelector('[role=alert]');
    assert.match(await textOf(page), /only superusers|not allowed/i);
    assert.deepEqual(superusers(), [superuser.email]);
  });
});
