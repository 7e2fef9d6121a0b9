/** Cloud Scheduler: calls the broker's internal function with an identity of its own, as the real one does. */
import type { LocalProvider } from './providers/provider.ts';

export interface Scheduler {
  /** Google's token for the scheduler's service account: https://cloud.google.com/docs/authentication/get-id-token */
  token(changes?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Calls every `seconds`, one call after the other, until `stop`. `path`: another function's than the sweep's. */
  start(seconds: number, path?: string): { stop(): void };
}

const TOKEN_SECONDS = 3600;

export const createScheduler = (environment: Readonly<Record<string, string>>, google: LocalProvider): Scheduler => {
  const { SCHEDULER_AUDIENCE: audience = '', SCHEDULER_ACCOUNT: email } = environment;
  const token: Scheduler['token'] = async (changes) => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: 'https://accounts.google.com', aud: audience, sub: '1000', azp: '1000', email, iat };
    const signed = google.sign?.({ ...claims, email_verified: true, exp: iat + TOKEN_SECONDS, ...changes });
    return signed ?? '';
  };
  return {
    token,
    start: (seconds, path = new URL(audience).pathname) => {
      let timer: NodeJS.Timeout;
      const call = async () => {
        const headers = { authorization: `Bearer ${await token()}` };
        // What fails is in the broker's log, and the next call goes on.
        await fetch(new URL(path, audience), { method: 'POST', headers }).catch(() => {});
        timer = setTimeout(call, seconds * 1000).unref();
      };
      timer = setTimeout(call, seconds * 1000).unref();
      return { stop: () => clearTimeout(timer) };
    },
  };
};
