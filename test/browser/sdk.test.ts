/** The browser SDK in Chromium, on one stack: popups, redirects, several tabs, browser-only flows. */
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { browserOnlyTests } from './sdk/browser-only.ts';
import { documentedTests } from './sdk/documented.ts';
import { deadEndTests, frameTests } from './sdk/frames.ts';
import { pageTests } from './sdk/pages.ts';
import { popupTests } from './sdk/popup.ts';
import { redirectTests } from './sdk/redirect.ts';
import { tokenTests } from './sdk/tokens.ts';
import { type Stage, skipReason, startStage } from './stage.ts';

const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;

suite(`the browser SDK, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let running: Stage;
  const stage = () => running;
  beforeAll(async () => {
    running = await startStage();
  }, 60_000);
  afterEach(() => running.reset());
  afterAll(() => running?.stop());

  describe('popup', () => popupTests(stage));
  describe('redirect', () => redirectTests(stage));
  describe('tokens and tabs', () => tokenTests(stage));
  describe('frames', () => frameTests(stage));
  describe('dead ends', () => deadEndTests(stage));
  describe('pages', () => pageTests(stage));
  describe('browser-only', () => browserOnlyTests(stage));
  describe('as documented', () => documentedTests(stage));
});
