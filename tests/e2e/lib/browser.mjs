// Chromium without a window, for the pages that the server itself serves.
import fs from 'node:fs';
import puppeteer from 'puppeteer-core';

const program = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

// For `describe(…, { skip: noBrowser })`.
export const noBrowser = !fs.existsSync(program) && `Chromium is not there (${program}; Debian: chromium)`;

export class Browser {
  static async launch() {
    const browser = new Browser();
    browser.chromium = await puppeteer.launch({
      executablePath: program, headless: true,
      // Its own sandbox needs what containers do not give; only the server under test is visited.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    return browser;
  }

  // A page that shares no storage with another one. `page.complaints` is what a developer would see in the console: errors,
  // exceptions, what the security policy has blocked, and files that could not be loaded.
  async page(url) {
    const context = await this.chromium.createBrowserContext();
    return watched(await context.newPage(), url);
  }

  // Another page of the same profile.
  async sibling(page, url) {
    return watched(await page.browserContext().newPage(), url);
  }

  async close() {
    await this.chromium.close();
  }
}

async function watched(page, url) {
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warn', 'warning'].includes(message.type())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('requestfailed', (request) => page.complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return page;
}

// Waits for the text anywhere on the page.
export async function sees(page, text) {
  try {
    await page.waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text);
  } catch {
    throw new Error(`"${text}" did not appear at ${page.url()}; there was:\n${await textOf(page)}`);
  }
}

export function textOf(page) {
  return page.evaluate(() => document.body.innerText);
}

// Into the control of that label, as a person would.
export async function type(page, label, text) {
  const control = await page.waitForSelector(`aria/${label}[role="textbox"]`);
  await control.evaluate((input) => input.select());
  await page.keyboard.type(text);
}

export async function press(page, label) {
  const button = await page.waitForSelector(`aria/${label}[role="button"]`);
  await button.click();
}
