/** The page: who is signed in, and what follows from it. */
import { createBroker, forgetFlows, type Removed, readReturn } from './broker.ts';
import { createConnections, isSessionOver } from './connections.ts';
import { button, byId, h } from './dom.ts';
import { createNoticePlace } from './notice.ts';
import { providers } from './providers.ts';
import { observedFetch } from './requests.ts';
import { explain, explainRemoved, type Notice } from './sentences.ts';
import { createSession, type User } from './session.ts';
import { explainSignIn, readSignIn } from './sign-in.ts';
import { createTokens } from './tokens.ts';

interface Settings {
  readonly broker: string;
  readonly apis: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, { readonly tenant: string }>>;
}

// Before anything else: the address bar shows it no longer than needed.
let back = readReturn();
const signedIn = readSignIn();

const names = new Map([[location.origin, 'Product']]);
const fetch = observedFetch(byId('requests'), () => names);
const settings: Settings = await (await fetch('/settings')).json();
names.set(settings.broker, 'Broker');
for (const { name, title } of providers) names.set(settings.apis[name] ?? '', title);

const session = createSession(fetch);
const broker = createBroker({
  origin: settings.broker,
  returnTo: `${location.origin}/`,
  session: session.token,
  fetch,
});
const connections = createConnections(byId('cards'), {
  broker,
  tokens: createTokens(broker, fetch),
  apis: settings.apis,
  onSignedOut: () => showSignedOut('Your session is over. Sign in again.'),
});

const product = { name: 'product', title: 'The product', about: '', integrations: [], scopes: {} };
const signInNotice = createNoticePlace('sign-in-notice', () => {});
const pageNotice = createNoticePlace('page-notice', () => void enter());
const accountNotice = createNoticePlace('account-notice', () => void deleteAccount());
byId('sign-in').append(signInNotice.element);
byId('page').prepend(pageNotice.element);
byId('account').append(accountNotice.element);

const show = (view: 'sign-in' | 'page', user?: User): void => {
  byId('sign-in').hidden = view !== 'sign-in';
  byId('page').hidden = view !== 'page';
  byId('session').hidden = view !== 'page';
  byId('who').textContent = user ? `${user.name ?? user.user} of ${user.tenant}` : '';
  document.title = view === 'page' ? 'Integrations' : 'Sign in';
  byId(view).querySelector('h1')?.focus({ preventScroll: true });
};

const showSignedOut = (text?: string): void => {
  connections.clear();
  pageNotice.show(undefined);
  accountNotice.show(undefined);
  byId('account-result').replaceChildren();
  show('sign-in');
  signInNotice.show(text === undefined ? undefined : { tone: 'plain', text });
};

/** Loads what the broker knows of the user, and finishes what the provider's redirect brought back. */
const enter = async (user?: User): Promise<void> => {
  if (user) show('page', user);
  pageNotice.show(undefined);
  try {
    await connections.load();
  } catch (error) {
    if (isSessionOver(error)) return showSignedOut('Your session is over. Sign in again.');
    pageNotice.show(explain(error, product));
  }
  if (back) connections.finish(back);
  back = undefined;
};

const signIn = async (name: string): Promise<void> => {
  signInNotice.show(undefined);
  const user = await session.signIn(name).catch(() => undefined);
  if (user) return enter(user);
  signInNotice.show({ tone: 'bad', text: 'Signing in did not work. Try again.' });
};

for (const [name, { tenant }] of Object.entries(settings.users)) {
  byId('users').append(
    button(`sign-in-${name}`, `Sign in as ${name} of ${tenant}`, 'primary', () => void signIn(name)),
  );
}

for (const { name, title } of providers.filter(({ name }) => name !== 'notes')) {
  byId('sign-in-providers').append(
    button(`sign-in-${name}`, `Sign in with ${title}`, 'plain', () => location.assign(`/sign-in/${name}`)),
  );
}

byId('sign-out').addEventListener('click', async () => {
  forgetFlows();
  await session.signOut().catch(() => {});
  showSignedOut();
});

const dialog = byId('confirm-delete') as HTMLDialogElement;
byId('delete-account').addEventListener('click', () => dialog.showModal());
byId('keep-account').addEventListener('click', () => dialog.close());
byId('really-delete').addEventListener('click', () => {
  dialog.close();
  void deleteAccount();
});

const outcome = (removed: Removed): HTMLElement => {
  const provider = providers.find(({ name }) => name === removed.provider);
  const { text, step }: Notice = explainRemoved(removed, provider ?? { ...product, title: removed.provider });
  const link = step?.kind === 'open' && h('a', { href: step.url, target: '_blank', rel: 'noreferrer' }, 'Open it');
  return h('li', {}, h('strong', {}, `${provider?.title ?? removed.provider}:`), ` ${text} `, link);
};

const deleteAccount = async (): Promise<void> => {
  accountNotice.show(undefined);
  try {
    const removed = await broker.deleteAccount();
    connections.clear();
    const left = await connections.load();
    byId('account-result').replaceChildren(h('ul', {}, ...removed.map(outcome)));
    accountNotice.show(
      left.length === 0
        ? { tone: 'good', text: 'Nothing is left here: the broker lists no connection of yours any more.' }
        : { tone: 'bad', text: `${left.length} of your connections are still there. Delete once more.` },
    );
  } catch (error) {
    if (isSessionOver(error)) return showSignedOut('Your session is over. Sign in again.');
    accountNotice.show(explain(error, product));
  }
};

// A page that comes back from the browser's cache shows what was true before.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

/** Who comes back from a sign-in, or has been here before. */
const restored = await (signedIn && 'code' in signedIn ? session.finishSignIn(signedIn) : session.restore()).catch(
  () => undefined,
);
if (restored) await enter(restored);
else if (signedIn) {
  showSignedOut();
  const provider = 'error' in signedIn ? providers.find(({ name }) => name === signedIn.provider) : undefined;
  const error = 'error' in signedIn ? signedIn.error : 'sign_in_failed';
  signInNotice.show({ tone: 'bad', text: explainSignIn(error, provider?.title ?? 'the provider') });
} else {
  const provider = providers.find(({ name }) => name === back?.provider);
  showSignedOut(provider && `Sign in again to go on with ${provider.title}.`);
}
