/**
 * An admin's page: what the organization's users may connect, and how.
 *
 *     showAdmin(element, { admin: createAdmin({ baseUrl, session }), signIn: '/sign-in' })
 *
 * The page's own address is the redirect URI of the admin consent. Styles are in pages.css.
 */
import type { Admin, AdminProvider, TaggedPolicy } from '../client/src/admin.ts';
import { BrokerError } from '../client/src/index.ts';
import { consentUrl, takeConsentAnswer } from './admin-consent.ts';
import { consentNotice, createConflictPlace } from './admin-notices.ts';
import { createProviderForm, type ProviderForm } from './admin-provider.ts';
import { button, h, redraw } from './dom.ts';
import { createNoticePlace, type Notice } from './notice.ts';
import { type Change, changesBetween, withChanges } from './policy-changes.ts';
import { confirmChanges } from './save-dialog.ts';
import { createSearchForm } from './search-form.ts';
import { explain } from './trouble.ts';
import { counted, createSpeech, type Words } from './words.ts';

export interface AdminOptions {
  readonly admin: Admin;
  /** Where the user signs in to the product. */
  readonly signIn: string;
  /** The product's own names for providers, integrations and sources. */
  readonly words?: Words;
  /** What the product's Search AI can look into, by name. */
  readonly searchSources?: readonly string[];
}

const POLL_MS = 2_000;
const CANNOT =
  'What no switch can promise: providers do not narrow tokens. A token that was given out for one integration carries everything that the user has allowed there, so it may still open a sibling that is switched off here. Switching the whole provider off ends new tokens within 30 seconds. One that a page or an app already has works at the provider until it ends, usually within an hour; apps renew their own until they ask for this policy again.';

/** Works until `element` leaves the document with its page. */
export const showAdmin = async (
  element: HTMLElement,
  { admin, signIn, words, searchSources = [] }: AdminOptions,
): Promise<void> => {
  // First of all: the address bar shows it no longer than needed.
  const answer = takeConsentAnswer();
  const speech = createSpeech(words);
  const notice = createNoticePlace('admin-notice');
  const conflict = createConflictPlace(speech, () => edit([]));
  const cards = h('div', { class: 'cards' });
  const state = h('p', { role: 'status', id: 'admin-state' });
  const form = h(
    'form',
    { hidden: true, 'aria-label': 'Integrations of the organization' },
    cards,
    h('p', { class: 'caution' }, CANNOT),
    h(
      'div',
      { class: 'save' },
      state,
      h(
        'div',
        { class: 'actions' },
        button('admin-discard', 'Discard', 'plain', () => edit([])),
        button('admin-save', 'Save', 'primary', () => void save()),
      ),
    ),
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  element.replaceChildren(notice.element, conflict.element, form);

  let stored: TaggedPolicy | undefined;
  let uses: readonly AdminProvider[] = [];
  /** What the form says otherwise than what is stored. */
  let mine: readonly Change[] = [];
  const forms = new Map<string, ProviderForm>();
  let polling: ReturnType<typeof setTimeout> | undefined;

  /** The page is long: what is said at its top comes into view. */
  const say = (said: Notice): void => {
    notice.show(said);
    notice.element.scrollIntoView({ block: 'nearest' });
  };

  const trouble = (error: unknown, again: () => void): void => {
    const isForbidden = error instanceof BrokerError && error.code === 'forbidden';
    if (isForbidden) form.hidden = true;
    say(
      isForbidden
        ? { tone: 'bad', text: 'Only an administrator of your organization can see and change this.' }
        : explain(error, { title: 'The provider', signIn, again }),
    );
  };

  const showState = (): void => {
    state.textContent = mine.length > 0 ? `${counted(mine.length, 'change')} not saved yet.` : 'Everything is saved.';
    for (const name of ['save', 'discard']) {
      form.querySelector(`#admin-${name}`)?.setAttribute('aria-disabled', String(mine.length === 0));
    }
  };

  const set = (path: string, to: string | boolean): void => {
    if (!stored) return;
    mine = changesBetween(stored.policy, withChanges(withChanges(stored.policy, mine), [{ path, to }]));
    showState();
  };

  /** Draws the form: what is stored, with `changes` on top. */
  const edit = (changes: readonly Change[]): void => {
    if (!stored) return;
    const policy = withChanges(stored.policy, changes);
    mine = changesBetween(stored.policy, policy);
    redraw(form, () => {
      forms.clear();
      for (const use of uses) {
        const { provider, admin_consent: consent } = use;
        const rule = policy.providers[provider];
        if (!rule) continue;
        const link = consent && (() => consentUrl(provider, consent));
        const own = (path: string, to: string | boolean) => set(`providers.${provider}.${path}`, to);
        forms.set(provider, createProviderForm(use, rule, speech, own, link));
      }
      const search = createSearchForm(policy.search_ai, searchSources, speech, (path, to) =>
        set(`search_ai.${path}`, to),
      );
      cards.replaceChildren(...[...forms.values()].map((each) => each.element), search);
    });
    form.hidden = false;
    conflict.hide();
    count(uses);
    showState();
  };

  const count = (now: readonly AdminProvider[]): void => {
    uses = now;
    for (const use of now) forms.get(use.provider)?.count(use);
    clearTimeout(polling);
    // A removal ends by itself; nothing else is watched.
    if (now.some(({ removing }) => removing)) polling = setTimeout(poll, POLL_MS);
  };
  const poll = (): void => {
    const again = () => {
      notice.show(undefined);
      poll();
    };
    admin.integrations().then(count, (error) => trouble(error, again));
  };

  const load = async (): Promise<boolean> => {
    try {
      const [policy, integrations] = await Promise.all([admin.policy(), admin.integrations()]);
      stored = policy;
      uses = integrations;
      notice.show(undefined);
      return true;
    } catch (error) {
      trouble(error, () => void open());
      return false;
    }
  };
  const open = async (): Promise<void> => {
    if (await load()) edit([]);
  };

  /** Somebody else was faster: theirs is shown, and what was changed here stays in the form, to be saved or not. */
  const meet = async (): Promise<void> => {
    const before = stored;
    const wished = mine;
    if (!before || !(await load()) || !stored) return;
    const theirs = changesBetween(before.policy, stored.policy);
    edit(wished);
    conflict.show(theirs, mine);
  };

  let isSaving = false;
  const save = async (): Promise<void> => {
    if (!stored || isSaving) return;
    isSaving = true;
    notice.show(undefined);
    const wanted = withChanges(stored.policy, mine);
    try {
      const effects = await admin.preview(wanted);
      if (effects.length > 0 && !(await confirmChanges(mine, effects, speech))) return;
      stored = await admin.setPolicy(wanted, stored.tag);
      uses = await admin.integrations();
      edit([]);
      say({
        tone: 'good',
        text: 'Saved. The broker follows it within 30 seconds; tokens that pages already have work until they end.',
      });
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'precondition_failed') await meet();
      else trouble(error, () => void save());
    } finally {
      isSaving = false;
    }
  };

  addEventListener('beforeunload', (event) => {
    if (mine.length > 0) event.preventDefault();
  });
  await open();
  if (answer && stored) say(consentNotice(answer, speech));
};
