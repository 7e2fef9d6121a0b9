/** Connects an app on a phone or a desktop to Microsoft Graph and Google APIs, by a flow of its own: docs/native.md. */
export type { Config, Connected, Connection, Narrowed, Removed, Wanted } from './contract.ts';
export {
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  IntegrationDisabledError,
  PopupTimeoutError,
  SessionRequiredError,
} from './errors.ts';
export {
  createNativeBroker,
  type NativeBroker,
  type NativeBrokerOptions,
  type NativeConnectOptions,
  type Redirect,
} from './native/broker.ts';
export type { SecureStorage } from './native/grants.ts';
export type { Platform } from './native/offers.ts';
export type { ClientSecrets } from './native/provider.ts';
