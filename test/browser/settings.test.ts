/** The two pages of web/ in Chromium, on one stack: what a user and an admin see and do, and what can go wrong. */
import { afterAll, afterEach, beforeAll, describe, jest } from '@jest/globals';
import { adminTests } from './settings/admin.ts';
import { adminTroubleTests } from './settings/admin-trouble.ts';
import { userTests } from './settings/user.ts';
import { userTroubleTests } from './settings/user-trouble.ts';
import { type Stage, skipReason, startStage } from './stage.ts';

// Several windows, one after the other, on two slow cores.
jest.setTimeout(60_000);
const reason = skipReason();
const suite = reason === undefined ? describe : describe.skip;

suite(`the settings, in Chromium${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let running: Stage;
  const stage = () => running;
  beforeAll(async () => {
    running = await startStage();
  }, 60_000);
  afterEach(() => running.reset());
  afterAll(() => running?.stop());

  describe('integrations', () => userTests(stage));
  describe('integrations, in trouble', () => userTroubleTests(stage));
  describe('admin', () => adminTests(stage));
  describe('admin, in trouble', () => adminTroubleTests(stage));
});
