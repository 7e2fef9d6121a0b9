/** The directory page: search for everybody, the synchronization for admins. */
import { BrokerProblem } from './broker.ts';
import { createDirectory, type Synchronization } from './directory-client.ts';
import { createFind } from './directory-find.ts';
import { drawRuns } from './directory-runs.ts';
import { byId } from './dom.ts';
import { createNoticePlace } from './notice.ts';
import { createSession, SessionOver } from './session.ts';

/** Milliseconds between two looks, while something is going on and while nothing is. */
const BUSY = 1_000;
const IDLE = 15_000;

const settings: { readonly broker: string } = await (await fetch('/settings')).json();
const session = createSession(fetch);
const directory = createDirectory({ origin: settings.broker, session: session.token, fetch: fetch.bind(globalThis) });
const notice = createNoticePlace('page-notice', () => location.reload());
byId('directory').prepend(notice.element);

const show = (view: 'directory' | 'signed-out'): void => {
  byId('directory').hidden = view !== 'directory';
  byId('signed-out').hidden = view !== 'signed-out';
  byId(view).querySelector('h1')?.focus({ preventScroll: true });
};

const explain = (error: unknown): void => {
  if (error instanceof SessionOver || (error instanceof BrokerProblem && error.problem.code === 'login_required')) {
    show('signed-out');
    return;
  }
  const problem = error instanceof BrokerProblem ? error.problem : undefined;
  const id = problem?.correlation_id;
  const text = problem?.code === 'rate_limited' ? 'Too many requests. ' : 'That did not work. ';
  notice.show({
    tone: 'bad',
    text: `${text}${id === undefined ? '' : `The log has it as ${id}.`}`,
    step: { kind: 'retry', after: error instanceof BrokerProblem ? (error.retryAfter ?? 0) : 0 },
  });
};

let timer: number | undefined;

const draw = (shown: Synchronization): void => {
  drawRuns(shown, { start: () => void act(directory.start), approve: (id) => void act(() => directory.approve(id)) });
  const isBusy = shown.requested_at !== undefined || shown.run?.state === 'running';
  clearTimeout(timer);
  timer = window.setTimeout(() => void act(directory.status), isBusy ? BUSY : IDLE);
};

const act = async (ask: () => Promise<Synchronization>): Promise<void> => {
  try {
    const shown = await ask();
    notice.show(undefined);
    draw(shown);
  } catch (error) {
    if (error instanceof BrokerProblem && error.problem.code === 'forbidden') {
      byId('runs').hidden = true;
      return;
    }
    // Somebody else has answered the run's question.
    if (error instanceof BrokerProblem && error.problem.code === 'precondition_failed') return act(directory.status);
    explain(error);
  }
};

const user = await session.restore().catch(() => undefined);
if (user) {
  byId('who').textContent = `${user.user} of ${user.tenant}`;
  show('directory');
  createFind(directory, explain);
  await act(directory.status);
} else show('signed-out');
