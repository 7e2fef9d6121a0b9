/** The function's own identity, from Google's metadata server: https://cloud.google.com/run/docs/securing/service-identity#identity_tokens */
import { createExchange } from '../exchange.ts';
import { METADATA_SERVER } from '../google-access-token.ts';

const DEADLINE_MS = 2_000;
const MAX_ANSWER_BYTES = 16 * 1024;

const exchange = createExchange();

/**
 * An ID token of the function's service account for `audience`: an hour's assertion, nothing secret stored. Without
 * google-auth-library, which costs a cold start more than the rest of a token call. Rejects where there is none.
 * @param metadataServer another origin, for tests
 */
export const identityToken = async (audience: string, metadataServer: string = METADATA_SERVER): Promise<string> => {
  const url = new URL('/computeMetadata/v1/instance/service-accounts/default/identity', metadataServer);
  url.search = new URLSearchParams({ audience, format: 'full' }).toString();
  const answer = await exchange({
    method: 'GET',
    url,
    headers: { 'metadata-flavor': 'Google' },
    deadlineMs: DEADLINE_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  if (answer.status !== 200 || answer.headers['metadata-flavor'] !== 'Google') {
    throw new Error(`the metadata server answers ${answer.status}`);
  }
  return answer.body.toString();
};
