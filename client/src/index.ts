/** Connects a page to Microsoft Graph and Google APIs through a token broker: docs/front-end.md. */
export { type Broker, type BrokerOptions, type ConnectOptions, createBroker } from './broker.ts';
export type {
  AuthorizationReason,
  CallbackError,
  Config,
  Connected,
  Connection,
  Narrowed,
  ProblemCode,
  ProviderOffer,
  Removed,
  Wanted,
} from './contract.ts';
export {
  AuthorizationRequiredError,
  BrokerError,
  BrokerUnavailableError,
  type ConnectAgain,
  ConnectRefusedError,
  type ErrorCode,
  IntegrationDisabledError,
  PopupBlockedError,
  PopupClosedError,
  PopupTimeoutError,
  SessionRequiredError,
} from './errors.ts';
export type { Flow, FlowContext, Flows, TokenOptions } from './flow.ts';
export type { Session } from './session.ts';
