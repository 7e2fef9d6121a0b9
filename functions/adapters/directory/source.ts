/** An organization's directory by the Admin SDK: `DirectorySource`. Read-only scopes, partial responses, patience. */
import type { admin_directory_v1 as directory } from '@googleapis/admin';
import { jsonObject } from '../../../shared/token-answer.ts';
import { type Clock, jitter } from '../../core/clock.ts';
import type { DirectorySource, Page, SourceFault } from '../../core/directory/ports.ts';
import type { HttpClient } from '../http-client.ts';
import { Refused, refusalIn, refusalOf } from './answers.ts';
import { domainOf, FIELDS, groupOf, memberOf, userOf } from './records.ts';

export const SCOPES = ['user', 'group', 'group.member', 'domain'].map(
  (name) => `https://www.googleapis.com/auth/admin.directory.${name}.readonly`,
);

export interface SourceConfig {
  /** Origin of the Admin SDK. */
  readonly endpoint: string;
  /** `my_customer`, or the id of one of the administrator's customers. */
  readonly customer: string;
  /** `clock.elapsed()` after which nothing is asked again. */
  readonly until: number;
}

type Token =
  | { readonly kind: 'token'; readonly token: string; readonly expiresAt: number }
  | { readonly kind: 'refused' | 'unavailable'; readonly code: string };

/** Milliseconds: the first wait, and the longest. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 32_000;
const ATTEMPTS = 7;
const ANSWER_MS = 30_000;
/** Of a longer wait, between two beats. */
const BEAT = 10_000;
/** The longest that the Admin SDK gives. */
const USERS = 500;
const OTHERS = 200;

export const directorySource = (
  { endpoint, customer, until }: SourceConfig,
  {
    http,
    clock,
    token,
    beat,
  }: {
    readonly http: HttpClient;
    readonly clock: Clock;
    readonly token: () => Promise<Token>;
    /** Awaited again and again while a question waits; what it throws ends the question. */
    readonly beat: () => Promise<void>;
  },
): DirectorySource => {
  let opened: Promise<directory.Admin> | undefined;
  let forget = () => {};

  const open = async (): Promise<directory.Admin> => {
    const { admin_directory_v1, auth } = await import('@googleapis/admin');
    const client = new auth.OAuth2();
    client.refreshHandler = async () => {
      const got = await token();
      if (got.kind === 'token') return { access_token: got.token, expiry_date: got.expiresAt };
      throw new Refused(
        got.kind === 'refused' ? { kind: 'locked_out', code: got.code } : { kind: 'busy', code: got.code },
      );
    };
    forget = () => client.setCredentials({});
    // In the place of gaxios's own `request`, which would retry, follow redirects, read proxy variables and load `fetch`.
    client.transporter.request = async <T>(options: Parameters<typeof client.transporter.request>[0] = {}) => {
      const query = options.paramsSerializer?.(options.params ?? {}) ?? '';
      const answer = await http.request({
        method: 'GET',
        url: `${options.url}${query === '' ? '' : `?${query}`}`,
        headers: { authorization: new Headers(options.headers).get('authorization') ?? '' },
        deadlineMs: ANSWER_MS,
      });
      if (answer.status !== 200) throw new Refused(refusalOf(answer, /[?&]pageToken=/.test(`?${query}`)));
      const data = jsonObject(answer.body.toString());
      if (!data) throw new Refused({ kind: 'busy', code: 'not_json' });
      return { data: data as T, headers: new Headers() } as Awaited<ReturnType<typeof client.transporter.request<T>>>;
    };
    return new admin_directory_v1.Admin({ auth: client, rootUrl: `${endpoint}/` });
  };

  /** Asks until there is an answer, or no sense in asking on. */
  const ask = async <T>(
    run: (api: directory.Admin) => Promise<{ readonly data: T }>,
  ): Promise<{ data: T } | SourceFault> => {
    opened ??= open();
    const api = await opened;
    let refusedToken = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(api);
      } catch (error) {
        const refusal = refusalIn(error);
        if (!refusal) throw error;
        if (refusal.kind === 'token_refused') {
          if (refusedToken) return { kind: 'locked_out', code: 'unauthorized' };
          refusedToken = true;
          forget();
          continue;
        }
        if (refusal.kind !== 'busy') return refusal;
        const wait = Math.max(
          jitter(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))),
          (refusal.retryAfter ?? 0) * 1000,
        );
        if (attempt === ATTEMPTS || clock.elapsed() + wait > until) return { ...refusal, kind: 'unavailable' };
        await waited(wait);
      }
    }
  };

  const waited = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= BEAT) {
      await clock.sleep(Math.min(left, BEAT));
      await beat();
    }
  };

  const page = async <T, D>(
    asked: Promise<{ data: D } | SourceFault>,
    items: (data: D) => readonly T[],
    next: (data: D) => string | null | undefined,
  ): Promise<Page<T> | SourceFault> => {
    const answer = await asked;
    if ('kind' in answer) return answer;
    const token = next(answer.data);
    return { kind: 'page', items: items(answer.data), ...(token ? { next: token } : {}) };
  };

  const record = async <T, D>(asked: Promise<{ data: D } | SourceFault>, read: (data: D) => readonly T[]) => {
    const answer = await asked;
    if ('kind' in answer) return answer;
    const [found] = read(answer.data);
    return found ? ({ kind: 'record', record: found } as const) : ({ kind: 'refused', code: 'no_id' } as const);
  };

  const at = (token: string | undefined) => (token === undefined ? {} : { pageToken: token });
  const list = (kind: string, fields: string) => `nextPageToken,${kind}(${fields})`;

  return {
    list: {
      users: (token) =>
        page(
          ask((api) =>
            api.users.list({
              customer,
              maxResults: USERS,
              orderBy: 'email',
              fields: list('users', FIELDS.user),
              ...at(token),
            }),
          ),
          ({ users = [] }) => users.flatMap(userOf),
          ({ nextPageToken }) => nextPageToken,
        ),
      groups: (token) =>
        page(
          ask((api) =>
            api.groups.list({ customer, maxResults: OTHERS, fields: list('groups', FIELDS.group), ...at(token) }),
          ),
          ({ groups = [] }) => groups.flatMap(groupOf),
          ({ nextPageToken }) => nextPageToken,
        ),
      domains: () =>
        page(
          ask((api) => api.domains.list({ customer, fields: `domains(${FIELDS.domain})` })),
          ({ domains = [] }) => domains.flatMap(domainOf),
          () => undefined,
        ),
    },
    get: {
      users: (userKey) =>
        record(
          ask((api) => api.users.get({ userKey, fields: FIELDS.user })),
          userOf,
        ),
      groups: (groupKey) =>
        record(
          ask((api) => api.groups.get({ groupKey, fields: FIELDS.group })),
          groupOf,
        ),
      domains: (domainName) =>
        record(
          ask((api) => api.domains.get({ customer, domainName, fields: FIELDS.domain })),
          domainOf,
        ),
    },
    members: (groupKey, token) =>
      page(
        ask((api) =>
          api.members.list({ groupKey, maxResults: OTHERS, fields: list('members', FIELDS.member), ...at(token) }),
        ),
        ({ members = [] }) => members.flatMap(memberOf),
        ({ nextPageToken }) => nextPageToken,
      ),
    memberCount: async (groupKey) => {
      const answer = await ask((api) => api.groups.get({ groupKey, fields: FIELDS.memberCount }));
      if ('kind' in answer) return answer;
      const { id, directMembersCount: count = '0' } = answer.data;
      return id && /^\d{1,9}$/.test(String(count))
        ? { kind: 'count', count: Number(count) }
        : { kind: 'refused', code: 'no_count' };
    },
  };
};
