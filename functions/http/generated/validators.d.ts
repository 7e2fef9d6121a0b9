// Made from openapi.yaml by `npm run generate`. Not edited by hand.

export interface Validator {
  (value: unknown): boolean;
  errors?: readonly { readonly instancePath: string; readonly keyword: string; readonly params: object }[] | null;
}

export const validators: Readonly<Record<'ProviderName' | 'AuthorizeRequest' | 'CompleteRequest' | 'TokenRequest' | 'IntegrationName' | 'Policy' | 'AnswerRequest' | 'SourceName' | 'DocumentId' | 'DirectoryId' | 'DirectoryRunRequest' | 'Subject' | 'RedeemRequest' | 'RenewalRequest' | 'BrokerRequestHeader' | 'IfMatchHeader', Validator>>;
