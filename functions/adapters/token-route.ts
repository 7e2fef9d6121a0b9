/** The broker's own token route, asked from outside: through the load balancer, like anybody. */
import type { ProbeDependencies } from '../core/probe.ts';
import type { HttpClient } from './http-client.ts';

/** No provider has this name: a session that passes hears 404, and nothing of anybody's is touched. */
const NOBODYS = 'probe';

export const createTokenRoute =
  (publicUrl: string, client: HttpClient): ProbeDependencies['ask'] =>
  async (token) => {
    try {
      const { status, body } = await client.request({
        method: 'POST',
        url: `${publicUrl}/v1/connections/${NOBODYS}/token`,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: '{}',
      });
      const code = codeIn(body.toString());
      return { status, ...(code === undefined ? {} : { code }) };
    } catch {
      return undefined;
    }
  };

const codeIn = (text: string): string | undefined => {
  try {
    const { code } = JSON.parse(text);
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
};
