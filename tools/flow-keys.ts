/**
 * `npm run keys`: the broker's own keys for a new deployment. The public halves go to infra/flow-keys.auto.tfvars.json; the secrets
 * are printed, as the JSON that TF_VAR_secret_values takes, and written nowhere.
 */
import { writeFileSync } from 'node:fs';
import { generateKeys } from '../local/keys.ts';

const target = new URL('../infra/flow-keys.auto.tfvars.json', import.meta.url);
const keys = generateKeys();
const flow_keys = {
  state: JSON.stringify(keys.stateVerificationKeys),
  completion: JSON.stringify(keys.completionPublicKeys),
};
// Never over keys that are in use: flows under way would break, and nobody would have the former ones any more.
writeFileSync(target, `${JSON.stringify({ flow_keys }, undefined, 2)}\n`, { flag: 'wx' });
console.log(
  JSON.stringify({
    STATE_SIGNING_KEYS: JSON.stringify(keys.stateSigningKeys),
    COMPLETION_PRIVATE_KEYS: JSON.stringify(keys.completionPrivateKeys),
    ACCOUNT_HASH_KEY: keys.accountHashKey,
    SIGN_IN_KEYS: JSON.stringify(keys.signInKeys),
  }),
);
