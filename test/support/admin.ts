/** What an organization's admin does over HTTP. */
import type { CompletePolicy } from '../../functions/core/policy-form.ts';
import type { Json, TestAnswer, TestStack } from './broker.ts';

/** Members that are given take the place of the present ones, however deep. */
export type Changes<T> = { readonly [K in keyof T]?: T[K] extends object ? Changes<T[K]> : T[K] };

export const merged = (value: Json, changes: Json): Json =>
  typeof changes === 'object' && changes !== null
    ? Object.fromEntries(
        [...new Set([...Object.keys(value ?? {}), ...Object.keys(changes)])].map((name) => [
          name,
          name in changes ? merged(value?.[name], changes[name]) : value[name],
        ]),
      )
    : changes;

export const administer = async (stack: TestStack, tenant: string) => {
  /** Good for five minutes. */
  const session = () => stack.session('user-admin', tenant, ['admin']);
  const token = await session();
  const read = () => stack.call('GET', '/v1/admin/policy', { token });
  const write = (body: unknown, tag?: string): Promise<TestAnswer> =>
    stack.call('PUT', '/v1/admin/policy', { token, body, headers: tag === undefined ? {} : { 'if-match': tag } });
  return {
    session,
    read,
    write,
    change: async (changes: Changes<CompletePolicy>): Promise<TestAnswer> => {
      const { body, headers } = await read();
      return write(merged(body, changes), headers.get('etag') ?? '');
    },
    preview: async (changes: Changes<CompletePolicy>): Promise<TestAnswer> =>
      stack.call('POST', '/v1/admin/policy/preview', { token, body: merged((await read()).body, changes) }),
    /** By provider. */
    integrations: async (): Promise<Record<string, Json>> => {
      const { body } = await stack.call('GET', '/v1/admin/integrations', { token });
      return Object.fromEntries(body.providers.map((each: Json) => [each.provider, each]));
    },
  };
};

/** Calls the sweep as the scheduler does. */
export const sweep = async (stack: TestStack, changes?: Record<string, unknown>): Promise<TestAnswer> =>
  stack.call('POST', '/v1/internal/sweep', { token: await stack.scheduler.token(changes) });
