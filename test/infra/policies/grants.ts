/** Who may do what: nothing beyond test/infra/table.ts. */
import type { InfraManifest } from '../../../tools/infra.ts';
import { type Block, block, type Configuration, ofType, text } from '../configuration.ts';
import { CUSTOM_ROLES, DERIVED, GIVEN, type Grants, KINDS, TABLE } from '../table.ts';

type Rows = Readonly<Record<string, { readonly database?: string; readonly key?: string; readonly role?: string }>>;

const permission = (name: string): string =>
  name === 'datastore.databases.get' ? 'transaction' : name.replace(/^datastore\.entities\./, '');

/** The own role of a privilege that is not for one database or key. */
const OWN: Readonly<Record<string, string>> = { 'iam.sign_as_itself': 'sign_jwt', 'model.predict': 'predict' };

/** What terraform gives a function, from the tables in identities.tf. */
const grantsOf = ({ locals }: Configuration, entry: InfraManifest['functions'][string]): Required<Grants> => {
  const roles = locals.get('document_roles') as Readonly<Record<string, readonly string[]>>;
  const databases: Record<string, readonly string[]> = {};
  const keys: Record<string, string> = {};
  const itself: string[] = [];
  for (const privilege of entry.privileges) {
    const onDatabase = (locals.get('database_privileges') as Rows)[privilege];
    const onKey = (locals.get('key_privileges') as Rows)[privilege];
    if (onDatabase?.database && onDatabase.role) {
      const given = (roles[onDatabase.role] ?? ['a role that is not there']).map(permission);
      databases[onDatabase.database] = [...new Set([...(databases[onDatabase.database] ?? []), ...given])].sort();
    } else if (onKey?.key) keys[onKey.key] = [keys[onKey.key], onKey.role].filter(Boolean).join(' ');
    else if (privilege in OWN) itself.push(...(CUSTOM_ROLES[OWN[privilege] ?? ''] ?? []));
    else itself.push(`${privilege}, which terraform does not know`);
  }
  const clients = entry.client_secrets === 'none' ? [] : [`clients: ${entry.client_secrets}`];
  return { databases, keys, itself, secrets: [...entry.secrets, ...clients] };
};

const ordered = (given: Grants): string => {
  const entries = (of: Readonly<Record<string, unknown>> = {}) =>
    Object.entries(of)
      .map(([name, value]) => `${name}: ${Array.isArray(value) ? [...value].sort().join(' ') : String(value)}`)
      .sort();
  return JSON.stringify({
    databases: entries(given.databases),
    keys: entries(given.keys),
    secrets: [...(given.secrets ?? [])].sort(),
    itself: given.itself ?? [],
  });
};

export const perFunction = (configuration: Configuration, manifest: InfraManifest): string[] => {
  const names = new Set([...Object.keys(TABLE), ...Object.keys(manifest.functions)]);
  return [...names].flatMap((name) => {
    const [row, entry] = [TABLE[name], manifest.functions[name]];
    if (!row) return [`${name} is in no row of the table`];
    if (!entry) return [`${name} is in the table, and is no function`];
    const [allowed, given] = [ordered(row), ordered(grantsOf(configuration, entry))];
    return allowed === given ? [] : [`${name} gets ${given}, and the table has ${allowed}`];
  });
};

const AS_IT_STANDS = ['for_each', 'count', 'role', 'member', 'members'];
const SCOPES = ['crypto_key_id', 'secret_id', 'service_account_id', 'repository', 'bucket', 'name'];

const givenBy = (body: Block): Record<string, string> => {
  const { expression } = block(body, 'condition');
  const stated = [...AS_IT_STANDS, ...SCOPES].flatMap((name) => (name in body ? [[name, text(body[name])]] : []));
  return { ...Object.fromEntries(stated), ...(expression === undefined ? {} : { condition: text(expression) }) };
};

/** By a name alone nobody sees what gives: a kind that is not in the table fails, and so does a list of access by another way. */
export const kinds = ({ resources }: Configuration): string[] =>
  [...resources].flatMap(([address, body]) => [
    ...(KINDS.has(address.split('.')[0] ?? '') ? [] : [`${address} is of a kind that nobody thought about`]),
    ...(['acl', 'predefined_acl', 'policy_data'].some((member) => member in body)
      ? [`${address} has its own access`]
      : []),
  ]);

const GIVES = /_iam_(member|binding|policy)$/;

export const everyGrant = (configuration: Configuration): string[] => {
  const found = ofType(configuration, GIVES).flatMap(([address, body]) => {
    const allowed = GIVEN[address];
    if (!allowed) return [`${address} gives something that the table does not have`];
    const given = givenBy(body);
    return [...new Set([...Object.keys(allowed), ...Object.keys(given)])].flatMap((member) =>
      given[member] === allowed[member] ? [] : [`${address}: ${member} is ${given[member]}`],
    );
  });
  const missing = Object.keys(GIVEN).filter((address) => !configuration.resources.has(address));
  return [...found, ...missing.map((address) => `${address} is missing`)];
};

export const howGrantsAreMade = (configuration: Configuration): string[] => {
  const derived = Object.entries(DERIVED).flatMap(([name, expected]) => {
    const actual = text(configuration.locals.get(name));
    return actual === expected ? [] : [`local.${name} is ${actual}`];
  });
  const roles = ofType(configuration, /^google_project_iam_custom_role$/).flatMap(([address, body]) => {
    const name = address.split('.')[1] ?? '';
    if (name === 'documents') return text(body.permissions) === '${each.value}' ? [] : [`${address} is another role`];
    const [actual, allowed] = [text(body.permissions), text(CUSTOM_ROLES[name])];
    return actual === allowed ? [] : [`${address} permits ${actual}`];
  });
  return [...derived, ...roles];
};

/** Each function has an account of its own; images are built by another one. */
export const ownAccounts = (configuration: Configuration): string[] => {
  const accounts = configuration.resources.get('google_service_account.function');
  const functions = ofType(configuration, /^google_cloudfunctions2?_function$/);
  if (functions.length === 0) return ['there is no function'];
  return [
    ...(text(accounts?.for_each) === '${local.deployed}' && text(accounts?.account_id).includes('${each.key}')
      ? []
      : ['google_service_account.function is not one per function']),
    ...functions.flatMap(([address, body]) => {
      const runs = text(block(body, 'service_config').service_account_email);
      const builds = text(block(body, 'build_config').service_account);
      return [
        ...(runs === '${google_service_account.function[each.value.function].email}'
          ? []
          : [`${address} runs as ${runs}`]),
        ...(builds === '${google_service_account.build.id}' ? [] : [`${address} is built by ${builds}`]),
      ];
    }),
  ];
};
