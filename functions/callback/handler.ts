import { type CallbackDependencies, callback } from '../core/callback.ts';
import { page, seeOther } from '../http/answer.ts';
import { type Operation, publicOperation } from '../http/operation.ts';

/** Nothing of the request is in it, and nothing in it leads anywhere. */
const REFUSED = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Authorization not completed</title>
<h1>Authorization not completed</h1>
<p>This link is not valid, or its time is over. Go back to the application and connect the account again.</p>
</html>
`;

export const callbackOperation = (dependencies: CallbackDependencies): Operation =>
  publicOperation('callback', async ({ path, query }) => {
    const outcome = await callback(dependencies, { provider: path.provider, query });
    return outcome.kind === 'redirect' ? seeOther(outcome.location) : page(400, REFUSED);
  });
