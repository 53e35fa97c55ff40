// Reads the proxy's status page in a real browser, with scripts and without, on a phone's screen.
//
//     node status_page.mjs DIRECTORY PAGE REQUEST TOKEN [SCREENSHOT]
//
// It sends REQUEST once, and prints what the page shows. CHROMIUM names the browser.

import { createRequire } from 'node:module';

const [directory, page, request, token, screenshot] = process.argv.slice(2);
const puppeteer = createRequire(`${directory}/`)('puppeteer-core');
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu'],
});
const problems = [];
const open = async (hasScripts) => {
  const tab = await browser.newPage();
  tab.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  tab.on('pageerror', (error) => problems.push(error.message));
  await tab.setJavaScriptEnabled(hasScripts);
  await tab.setViewport({ width: 390, height: 844, deviceScaleFactor: 2 });
  await tab.goto(page, { waitUntil: 'domcontentloaded' });
  return tab;
};
const text = (tab) => tab.$eval('main', (main) => main.innerText);

const plain = await open(false);
console.log('without scripts:', (await text(plain)).includes('Vendors'));
await plain.close();

const live = await open(true);
const requests = () => [...document.querySelectorAll('dt')]
  .filter((term) => term.textContent === 'Requests')
  .map((term) => term.nextElementSibling.textContent).join();
console.log('before:', await live.evaluate(requests));
await fetch(request, { headers: { authorization: `Bearer ${token}` } });
await live.waitForFunction(
  () => document.querySelector('dd') && [...document.querySelectorAll('dt')]
    .some((term) => term.textContent === 'Requests' && term.nextElementSibling.textContent === '1'),
);
console.log('after:', await live.evaluate(requests));
const width = await live.evaluate(() => document.documentElement.scrollWidth);
console.log('fits:', width <= 390);
console.log('no key:', !(await live.content()).includes('mauth_'));
if (screenshot) await live.screenshot({ path: screenshot, fullPage: true });
console.log('problems:', problems.join('; ') || 'none');
await browser.close();
