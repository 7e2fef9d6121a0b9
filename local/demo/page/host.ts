/** What a page of web/ is given by this product. */
import { providers } from './providers.ts';
import { createSession } from './session.ts';

const session = createSession(fetch);
await session.restore().catch(() => undefined);

const settings: { readonly broker: string; readonly apis: Readonly<Record<'microsoft' | 'google', string>> } = await (
  await fetch('/settings')
).json();

/** Where the providers' APIs are: on this machine. */
export const { apis } = settings;

export const host = {
  baseUrl: settings.broker,
  session: () => session.token().catch(() => undefined),
  signIn: '/',
  words: Object.assign({}, ...providers.map(({ scopes }) => scopes)) as Readonly<Record<string, string>>,
};
