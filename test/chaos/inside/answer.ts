/** In the place of functions/http/answer.ts: the last step. */
import { write as real } from '../../../functions/http/answer.ts';
import { atOnce } from './steps.ts';

export * from '../../../functions/http/answer.ts';

export const write: typeof real = (...given) => {
  atOnce({ step: 'answer', when: 'before' });
  real(...given);
  atOnce({ step: 'answer', when: 'after' });
};
