/** How the synchronization stands, drawn for an admin. */
import type { Run, Synchronization } from './directory-client.ts';
import { button, byId, h, redraw } from './dom.ts';

const number = new Intl.NumberFormat('en-GB');
const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const KINDS = ['users', 'groups', 'members', 'domains'] as const;
const TITLES = { users: 'Users', groups: 'Groups', members: 'Lists of members', domains: 'Domains' } as const;
const STEPS = { ...TITLES, finish: 'Tidying up' } as const;

const STATES: Readonly<Record<Run['state'], string>> = {
  running: 'Running',
  stopped: 'Waits for you',
  done: 'Done',
  failed: 'Failed',
  replaced: 'Given up',
};

/** By the beginning of their codes. */
const FAULTS: readonly (readonly [string, string])[] = [
  [
    'delegation_',
    'Google Workspace has not approved the service account for its four read-only scopes, or its administrator is not one any more',
  ],
  ['sign_jwt_', 'The service account may not sign as itself'],
  ['missed_in_listing', 'Records that a listing had left out; they were asked for one by one, and kept'],
  ['members_incomplete', 'Lists of members shorter than the number that Google counts; what was known of them stays'],
  ['page_gone', 'Listings that began anew, because Google no longer knew the page'],
  ['forbidden', 'Google refused lists of members; what was known of them stays'],
  ['not_found', 'Groups that vanished while they were read'],
  ['http_', 'Google did not answer'],
];

const faultText = (code: string): string =>
  FAULTS.find(([beginning]) => code.startsWith(beginning))?.[1] ?? 'Something else went wrong';

const counts = (run: Run): HTMLElement =>
  h(
    'dl',
    { class: 'counts' },
    ...KINDS.map((kind) => {
      const { listed, written, removed } = run[kind];
      const changes = [
        written > 0 && `${number.format(written)} written`,
        removed > 0 && `${number.format(removed)} removed`,
      ];
      return h(
        'div',
        {},
        h('dt', {}, TITLES[kind]),
        h('dd', {}, number.format(listed), h('small', {}, changes.filter(Boolean).join(', ') || 'no change')),
      );
    }),
  );

const faults = (run: Run) =>
  run.faults.length > 0 &&
  h(
    'ul',
    { class: 'faults' },
    ...run.faults.map(({ code, count }) =>
      h(
        'li',
        { class: run.state === 'failed' ? 'failed' : '' },
        `${faultText(code)}: ${number.format(count)} `,
        h('code', {}, code),
      ),
    ),
  );

const secondsOf = (run: Run): string => {
  const seconds = Math.max(0, Math.round((Date.parse(run.updated_at) - Date.parse(run.started_at)) / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
};

const pastRun = (run: Run): HTMLElement =>
  h(
    'li',
    {},
    h(
      'p',
      { class: 'line' },
      h('strong', {}, STATES[run.state]),
      h('small', {}, `${time.format(new Date(run.started_at))}, ${secondsOf(run)}`),
    ),
    counts(run),
    faults(run),
  );

/** As far as the last whole run lets one guess. */
const progressOf = (run: Run, runs: readonly Run[]): HTMLElement => {
  const before = runs.find(({ state }) => state === 'done');
  const listed = (each: Run) => KINDS.reduce((sum, kind) => sum + each[kind].listed, 0);
  const label = `${STEPS[run.step]}, ${number.format(listed(run))} read`;
  const measured =
    before && listed(before) > 0
      ? { max: String(listed(before)), value: String(Math.min(listed(run), listed(before))) }
      : {};
  return h(
    'div',
    {},
    h('p', { id: 'progress-label' }, label),
    h('progress', { 'aria-labelledby': 'progress-label', ...measured }),
  );
};

export interface RunActions {
  start(): void;
  approve(approval: string): void;
}

const stoppedNotice = ({ kind, removals, of }: NonNullable<Run['approval']>): HTMLElement =>
  h(
    'div',
    { class: 'notice', 'data-tone': 'bad' },
    h(
      'p',
      { class: 'text', role: 'status' },
      kind === 'members'
        ? `By Google's answers, at least ${number.format(removals)} of ${number.format(of)} groups lose many of their ` +
            'members, or all. The other lists of members stay as they are before you agree.'
        : `${number.format(removals)} of ${number.format(of)} ${kind} were not in Google's answer. Nothing is removed ` +
            'before you agree; then Google is asked about each of them, and what is still there stays.',
    ),
  );

export const drawRuns = (shown: Synchronization, actions: RunActions): void => {
  const { configured, run, runs, requested_at: requested } = shown;
  const approval = run?.approval;
  redraw(byId('runs'), () => {
    const [last] = runs;
    const state = run?.state ?? last?.state;
    // As a card's: whether somebody has to do something.
    byId('runs').dataset.state = state === 'stopped' || state === 'failed' ? 'authorize_again' : 'active';
    byId('runs-badge').textContent = requested
      ? 'Asked for'
      : run
        ? STATES[run.state]
        : last
          ? STATES[last.state]
          : configured
            ? 'Never ran'
            : 'Not set up';
    byId('present').replaceChildren(
      ...(configured
        ? []
        : [h('p', {}, 'No administrator of this organization is configured: docs/directory.md says how.')]),
      ...(requested && run?.state !== 'running'
        ? [h('p', { role: 'status' }, 'The scheduler takes it up with its next call.')]
        : []),
      ...(run?.state === 'running' ? [progressOf(run, runs), counts(run)] : []),
      ...(approval && !requested ? [stoppedNotice(approval), counts(run)] : []),
    );
    const idle = configured && !requested && run?.state !== 'running';
    byId('start').replaceChildren(
      ...(idle && approval
        ? [button('approve', 'Agree, and go on', 'danger', () => actions.approve(approval.id))]
        : []),
      ...(idle
        ? [
            button(
              'begin',
              approval ? 'Begin another run instead' : 'Start a run',
              approval ? 'plain' : 'primary',
              actions.start,
            ),
          ]
        : []),
    );
    byId('past-title').hidden = runs.length === 0;
    byId('past').replaceChildren(...runs.map(pastRun));
  });
};
