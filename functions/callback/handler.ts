import { type CallbackDependencies, callback } from '../core/callback.ts';
import { seeOther } from '../http/answer.ts';
import { homeOf } from '../http/navigation.ts';
import { type Operation, publicOperation } from '../http/operation.ts';
import { backLink, styledPage } from '../http/page.ts';

/** Nothing of the request is in it: its link is the same for everybody. */
const refused = (home: string | undefined) =>
  styledPage(
    400,
    'Authorization not completed',
    `<p>This link is not valid, or its time is over. Go back to the application and connect the account again.</p>${backLink(home)}`,
  );

export const callbackOperation = (dependencies: CallbackDependencies): Operation => {
  const page = refused(homeOf(dependencies.returnUrls));
  return publicOperation('callback', async ({ path, query }) => {
    const outcome = await callback(dependencies, { provider: path.provider, query });
    return outcome.kind === 'redirect' ? seeOther(outcome.location) : page;
  });
};
