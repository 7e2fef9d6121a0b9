/** What front ends and users do with the broker, and the answer in short. */
import { FieldValue } from '@google-cloud/firestore';
import { consent } from '../support/consent.ts';
import type { Member } from './fleet.ts';
import { ask, type Reply } from './http.ts';
import { CALL_HEADER, type CallHeader, type Directive } from './protocol.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

let calls = 0;
/** A name for a call: processes note it in the journal. */
export const newCall = (): string => `call-${++calls}`;

const headersOf = async (world: World, user: User, call: string, directive?: Directive) => ({
  authorization: `Bearer ${await world.stack.demo.sessions.sessionToken(user.id, user.tenant)}`,
  [CALL_HEADER]: JSON.stringify({
    call,
    subject: user.subject,
    ...(directive ? { directive } : {}),
  } satisfies CallHeader),
});

export interface TokenAnswer {
  readonly reply: Reply | string;
  readonly milliseconds: number;
}

export const askToken = async (
  world: World,
  user: User,
  member: Member,
  { call = newCall(), directive }: { call?: string; directive?: Directive } = {},
): Promise<TokenAnswer> => {
  const headers = await headersOf(world, user, call, directive);
  const since = performance.now();
  const reply = await ask({
    method: 'POST',
    url: `${member.origin}/v1/connections/${user.class.provider}/token`,
    headers,
    body: { integration: user.class.integration },
  });
  return { reply, milliseconds: performance.now() - since };
};

/** Uses an access token. @returns whether it opens this user's account; undefined where it opens nothing */
export const useToken = async (world: World, user: User, accessToken: string): Promise<boolean | undefined> => {
  const { origin } = world.providers[user.class.name];
  const url = origin + user.class.resource;
  const reply = await ask({ method: 'GET', url, headers: { authorization: `Bearer ${accessToken}` } });
  return typeof reply !== 'string' && reply.status === 200 ? reply.text.includes(user.content) : undefined;
};

export const NO_CONSENT = 'no consent';
export const NO_TICKET = 'no ticket';

/** Which process serves each of the three steps: they are functions of their own. */
export interface Route {
  readonly authorize: Member;
  readonly callback: Member;
  readonly complete: Member;
}

/** Authorizes, through every page. @returns the last answer, or what stood in the way */
export const connect = async (world: World, user: User, route: Route): Promise<Reply | string> => {
  const { provider, integration } = user.class;
  const headers = await headersOf(world, user, newCall());
  const urlOf = (step: 'authorize' | 'complete') => `${route[step].origin}/v1/connections/${provider}/${step}`;
  const body = { integrations: [integration], return_to: world.stack.demo.returnUrls[0] };
  const started = await ask({ method: 'POST', url: urlOf('authorize'), headers, body });
  if (typeof started === 'string' || started.status !== 200) return started;
  const redirected = await consent(String(started.body.authorization_url), { account: user.account.email }).catch(
    () => NO_CONSENT,
  );
  if (!URL.canParse(redirected)) return redirected;
  const { pathname, search } = new URL(redirected);
  const returned = await ask({ method: 'GET', url: route.callback.origin + pathname + search });
  if (typeof returned === 'string' || returned.status !== 303) return returned;
  const fragment = new URLSearchParams(new URL(returned.headers.location ?? '').hash.slice(1));
  const ticket = fragment.get('ticket');
  if (ticket === null) return NO_TICKET;
  return ask({ method: 'POST', url: urlOf('complete'), headers, body: { ticket, flow: started.body.flow } });
};

export const disconnect = async (world: World, user: User, member: Member): Promise<Reply | string> =>
  ask({
    method: 'DELETE',
    url: `${member.origin}/v1/connections/${user.class.provider}`,
    headers: await headersOf(world, user, newCall()),
  });

export const deleteAccount = async (world: World, user: User, member: Member): Promise<Reply | string> =>
  ask({ method: 'DELETE', url: `${member.origin}/v1/account`, headers: await headersOf(world, user, newCall()) });

const documentOf = (world: World, { document }: User) => world.database.collection('connections').doc(document);

const NOT_FOUND = 5;

/** Somebody writes to the connection's document what does not concern the broker. @returns what came of it */
export const writeNote = async (world: World, user: User): Promise<'written' | 'nothing there'> => {
  try {
    await documentOf(world, user).update({ note: FieldValue.increment(1) });
    return 'written';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return 'nothing there';
    throw error;
  }
};

export const isStored = async (world: World, user: User): Promise<boolean> =>
  (await documentOf(world, user).get()).exists;
