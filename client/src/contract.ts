/** The contract's shapes, as openapi.yaml has them. */
import type { components } from '../../functions/http/generated/types.ts';

type Schemas = components['schemas'];
/** A provider as its organization's admins see it. */
export type AdminProvider = Schemas['AdminIntegrations']['providers'][number];
export type AnswerCitation = Schemas['AnswerCitation'];
export type AnswerDocument = Schemas['AnswerDocument'];
export type AnswerDocumentList = Schemas['AnswerDocumentList'];
export type AnswerDone = Schemas['AnswerDone'];
export type AnswerError = Schemas['AnswerError'];
export type AnswerRequest = Schemas['AnswerRequest'];
export type AnswerSources = Schemas['AnswerSources'];
export type AnswerText = Schemas['AnswerText'];
export type AuthorizeAnswer = Schemas['AuthorizeAnswer'];
export type AuthorizationReason = Schemas['AuthorizationReason'];
export type CallbackError = NonNullable<Schemas['CallbackFragment']['error']>;
export type Config = Schemas['Config'];
/** What a finished flow has brought. */
export type Connected = Schemas['CompleteAnswer'];
export type Connection = Schemas['Connection'];
export type Narrowed = Schemas['Narrowed'];
export type Policy = Schemas['Policy'];
/** What a change of the policy would do to one provider. */
export type PolicyEffect = Schemas['PolicyPreview']['providers'][number];
export type ProblemCode = Schemas['ProblemCode'];
export type ProviderOffer = Schemas['ProviderOffer'];
export type Removed = Schemas['Removed'];
/** A result, as the broker takes it. */
export type SentResult = Schemas['SearchResult'];
/** A source, and how many of its results are meant. */
export type SourceCount = Schemas['SourceCount'];
export type TokenAnswer = Schemas['TokenAnswer'];

/** Integrations (`calendar`, `files:write`), or the provider's own scopes. */
export type Wanted = { readonly integrations: readonly string[] } | { readonly scopes: readonly string[] };
/** One integration, or scopes. */
export type WantedToken = { readonly integration: string } | { readonly scopes: readonly string[] };
