// A Firefox with a fresh profile, driven by lines of JSON on standard input; tests/support/fresh.py
// speaks to it. One line in, one line out:
//
//   {"do": "goto", "url": …}                              → {"ok": null}
//   {"do": "evaluate", "source": "(…) => …", "args": […]} → {"ok": what it returned}
//   {"do": "click", "selector": …}                        → {"ok": null}, once it was there
//   {"do": "key", "key": …}                               → {"ok": null}
//   {"do": "choose", "selector": …, "path": …}            → {"ok": null}, once the field was there
//   {"do": "before", "source": "(…) => …", "args": […]}   → {"ok": null}; runs first on every page
//
// and {"error": text} for what fails. When the input ends, the browser is closed. What a page saves goes
// into the folder that is named beside the program, without asking.

import { createInterface } from "node:readline";

import puppeteer from "puppeteer-core";

const HANG_MS = 180_000; // as in tests/support/waiting.py

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  headless: true,
  acceptInsecureCerts: true,
  extraPrefsFirefox: {
    "media.autoplay.default": 0,
    "media.autoplay.block-webaudio": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "app.update.enabled": false,
    "network.captive-portal-service.enabled": false,
    "browser.safebrowsing.malware.enabled": false,
    "browser.safebrowsing.phishing.enabled": false,
    "browser.download.folderList": 2, // the folder named here
    "browser.download.dir": process.argv[3],
    "browser.download.always_ask_before_handling_new_types": false,
  },
});
const page = await browser.newPage();
await page.setViewport({ width: 900, height: 700 });
const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("console", (message) => {
  if (message.type() === "error") complaints.push(message.text());
});

const actions = {
  goto: ({ url }) => page.goto(url),
  evaluate: ({ args, source }) =>
    page.evaluate(
      // The page's policy allows no code from text; the driver's own way in does.
      `(${source})(...${JSON.stringify(args)})`,
    ),
  // A locator waits until what it clicks stands still and can be clicked, as a person does.
  click: ({ selector }) => page.locator(selector).setTimeout(HANG_MS).click(),
  key: ({ key }) => page.keyboard.press(key),
  choose: async ({ path, selector }) => {
    const field = await page.waitForSelector(selector, { timeout: HANG_MS });
    await field.uploadFile(path);
  },
  before: ({ args, source }) =>
    page.evaluateOnNewDocument(`(${source})(...${JSON.stringify(args)})`),
  complaints: () => complaints,
};

console.log(JSON.stringify({ ok: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  try {
    const found = await actions[wish.do](wish);
    const plain = wish.do === "evaluate" || wish.do === "complaints" ? (found ?? null) : null;
    console.log(JSON.stringify({ ok: plain }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
