/** In the place of functions/http/operation.ts: a call knows which one it is, however deep. */
import { serve as real } from '../../../functions/http/operation.ts';
import { CALL_HEADER, type CallHeader } from '../protocol.ts';
import { withCall } from './steps.ts';

export * from '../../../functions/http/operation.ts';

export const serve: typeof real = (...given) => {
  const answer = real(...given);
  return (req, res) => {
    const header = req.headers[CALL_HEADER];
    if (typeof header !== 'string') return answer(req, res);
    return withCall(JSON.parse(header) as CallHeader, async () => answer(req, res));
  };
};
