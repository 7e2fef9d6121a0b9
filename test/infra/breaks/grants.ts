/** Configurations that give too much. */
import { type Break, config, local, resource } from './change.ts';

export const GRANTS: readonly Break[] = [
  [
    'a function that needs one thing more',
    'each function gets what the table has, and no more',
    /^callback gets .*cryptoKeyDecrypter/,
    (_, given) => Object.assign(given.functions.callback ?? {}, { privileges: ['kms.decrypt'] }),
  ],
  [
    'a privilege that means more than it did',
    'each function gets what the table has, and no more',
    /^token gets .*delete/,
    (copy) => (local(copy, 'document_roles').record as unknown as string[]).push('datastore.entities.delete'),
  ],
  [
    'the synchronization in the database of tokens',
    'each function gets what the table has, and no more',
    /^directory-sync gets .*tokens/,
    (copy) => Object.assign(local(copy, 'database_privileges')['directory.write'] ?? {}, { database: 'tokens' }),
  ],
  [
    'one secret more',
    'each function gets what the table has, and no more',
    /^session gets .*SIGN_IN_KEYS/,
    (_, given) => Object.assign(given.functions.session ?? {}, { secrets: ['SIGN_IN_KEYS'] }),
  ],
  [
    'a function that nobody thought about',
    'each function gets what the table has, and no more',
    /^another is in no row/,
    (_, given) => Object.assign(given.functions, { another: given.functions.callback }),
  ],
  [
    'a role on the project',
    'nothing is given anywhere else, to anybody',
    /^google_project_iam_member\.editor gives/,
    ({ resources }) =>
      resources.set('google_project_iam_member.editor', { role: 'roles/editor', member: 'user:a@example.com' }),
  ],
  [
    'a role on the project by another resource',
    'nothing is given anywhere else, to anybody',
    /^google_project_iam_binding\.readers gives/,
    ({ resources }) =>
      resources.set('google_project_iam_binding.readers', { role: 'roles/datastore.viewer', members: [] }),
  ],
  [
    'a predefined role in the place of the narrow one',
    'nothing is given anywhere else, to anybody',
    /documents: role is roles\/datastore\.user/,
    (copy) => Object.assign(resource(copy, 'google_project_iam_member.documents'), { role: 'roles/datastore.user' }),
  ],
  [
    'documents of all databases',
    'nothing is given anywhere else, to anybody',
    /documents: condition is undefined/,
    (copy) => delete resource(copy, 'google_project_iam_member.documents').condition,
  ],
  [
    'a role on the whole key ring',
    'nothing is given anywhere else, to anybody',
    /^google_kms_key_ring_iam_member\.all gives/,
    ({ resources }) =>
      resources.set('google_kms_key_ring_iam_member.all', { role: 'roles/cloudkms.cryptoKeyDecrypter' }),
  ],
  [
    'everybody may read secrets',
    'nothing is given anywhere else, to anybody',
    /secret_iam_member\.function: member is allAuthenticatedUsers/,
    (copy) =>
      Object.assign(resource(copy, 'google_secret_manager_secret_iam_member.function'), {
        member: 'allAuthenticatedUsers',
      }),
  ],
  [
    "an account's key, which can be carried away",
    'every resource is of a kind that the table has',
    /^google_service_account_key\.token is of a kind/,
    ({ resources }) => resources.set('google_service_account_key.token', { service_account_id: 'token' }),
  ],
  [
    'sources that everybody may read',
    'every resource is of a kind that the table has',
    /^google_storage_bucket_access_control\.all is of a kind/,
    ({ resources }) => resources.set('google_storage_bucket_access_control.all', { entity: 'allUsers' }),
  ],
  [
    'one source that everybody may read',
    'every resource is of a kind that the table has',
    /^google_storage_bucket_object\.source has its own access/,
    (copy) => Object.assign(resource(copy, 'google_storage_bucket_object.source'), { predefined_acl: 'publicRead' }),
  ],
  [
    'an own role that permits more',
    'grants are made of the tables, and roles are what they say',
    /sign_jwt permits .*getAccessToken/,
    (copy) =>
      (resource(copy, 'google_project_iam_custom_role.sign_jwt').permissions as string[]).push(
        'iam.serviceAccounts.getAccessToken',
      ),
  ],
  [
    'grants that come from elsewhere',
    'grants are made of the tables, and roles are what they say',
    /^local\.key_grants is/,
    ({ locals }) =>
      locals.set('key_grants', '${{for name, _ in local.deployed : name => local.key_privileges["kms.decrypt"]}}'),
  ],
  [
    'functions that share an account',
    'each function has an account of its own',
    /runs as .*scheduler/,
    (copy) =>
      Object.assign(config(copy, 'service_config'), {
        service_account_email: '${google_service_account.scheduler.email}',
      }),
  ],
  [
    "functions with the platform's account",
    'each function has an account of its own',
    /runs as nothing/,
    (copy) => delete config(copy, 'service_config').service_account_email,
  ],
  [
    "images built by the platform's account",
    'each function has an account of its own',
    /is built by nothing/,
    (copy) => delete config(copy, 'build_config').service_account,
  ],
];
