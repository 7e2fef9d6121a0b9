/**
 * `npm run sample:native`: a desktop app that authorizes by its own flow, at the simulated providers of a local stack. The
 * broker tells it what is switched on and never sees a token.
 */
import { spawn } from 'node:child_process';
import { createFetch } from '../client/src/fetch.ts';
import { AuthorizationRequiredError, createNativeBroker, type NativeBrokerOptions } from '../client/src/native.ts';
import { loopback } from './native-loopback.ts';
import { DESKTOP_SECRET, startStack } from './stack.ts';

export interface SampleOptions extends Pick<NativeBrokerOptions, 'baseUrl' | 'session' | 'user' | 'storage'> {
  readonly openBrowser: (url: string) => Promise<undefined>;
  readonly provider: string;
  readonly integration: string;
  /** Of the provider's API. */
  readonly resource: string;
  readonly print: (line: string) => void;
}

/** Connects, reads, renews, reads again, disconnects. */
export const nativeSample = async (options: SampleOptions): Promise<void> => {
  const { provider, integration, resource, print, ...more } = options;
  const broker = createNativeBroker({
    ...more,
    platform: 'desktop',
    redirect: loopback,
    clientSecrets: { google: DESKTOP_SECRET },
  });
  const api = createFetch(broker, { provider, integration, origins: [new URL(resource).origin] });
  const read = async () => {
    const response = await api(resource);
    const answer = (await response.json()) as Record<string, unknown>;
    const [items = []] = Object.values(answer).filter(Array.isArray);
    print(`${provider}: ${response.status}, ${items.length} items`);
  };
  const { integrations } = await broker.connect({ provider, integrations: [integration] });
  print(`${provider}: connected, ${integrations}`);
  await read();
  await broker.getAccessToken({ provider, integration, forceRefresh: true });
  print(`${provider}: renewed`);
  await read();
  print(`${provider}: disconnected, ${(await broker.disconnect({ provider }))?.revocation}`);
  await broker.getAccessToken({ provider, integration }).catch((error) => {
    if (!(error instanceof AuthorizationRequiredError)) throw error;
    print(`${provider}: ${error.reason}`);
  });
};

/** The user's own browser; the address is printed for machines without one. */
const openBrowser = async (url: string): Promise<undefined> => {
  console.log(`\n  Open ${url}\n`);
  const [command, ...words] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  spawn(command, [...words, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
};

/** Stands for Keychain, Credential Manager or Secret Service: this sample's tokens end with it. */
export const memoryStorage = () => {
  const items = new Map<string, string>();
  return {
    items,
    get: async (key: string) => items.get(key),
    set: async (key: string, value: string) => items.set(key, value),
    delete: async (key: string) => items.delete(key),
  };
};

if (import.meta.main) {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const stack = await startStack();
  const { microsoft, google, notes } = stack.providers;
  const common = {
    baseUrl: stack.broker,
    session: () => stack.demo.sessions.sessionToken('user-1', 'org-1', []),
    user: () => 'org-1 user-1',
    storage: memoryStorage(),
    openBrowser,
    print: (line: string) => console.log(line),
  };
  try {
    for (const each of [
      { provider: 'microsoft', integration: 'files', resource: `${microsoft.origin}/v1.0/me/drive/root/children` },
      { provider: 'google', integration: 'files', resource: `${google.origin}/drive/v3/files` },
      { provider: 'notes', integration: 'notes', resource: `${notes.origin}/me/notes` },
    ]) {
      await nativeSample({ ...common, ...each });
    }
  } finally {
    await stack.stop();
  }
}
