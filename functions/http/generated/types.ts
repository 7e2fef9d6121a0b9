// Made from openapi.yaml by `npm run generate`. Not edited by hand.
export interface paths {
    readonly "/connections": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What the user has authorized
         * @description The calling user's own connections, also those whose grant is dead: `state` says that the user has to authorize
         *     again, and `reason` why. The provider is not asked: a grant that ended there shows after the next token call.
         */
        readonly get: operations["connections"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/connections/{provider}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Disconnect
         * @description One attempt to revoke at the provider where it can; the stored token is removed whatever the provider or the key
         *     service did. Nothing stored (also: a repeated call) is 204.
         */
        readonly delete: operations["revoke"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/connections/{provider}/authorize": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Start a consent flow
         * @description Answers the provider's authorization URL with the minimal scopes, PKCE S256 and a signed state. Send the browser
         *     there, and keep `flow` in the page's session storage until `complete`.
         */
        readonly post: operations["authorize"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/callback/{provider}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        /**
         * The provider's redirect target
         * @description Called by the browser, never by a front end's code. Holds no privilege: it verifies the signed state, encrypts
         *     the code to the completing function as a ticket that lives 60 seconds, and redirects. A state that cannot be
         *     trusted, and one for another provider, answers a fixed page and never redirects. The page links to the first
         *     registered return URL.
         */
        readonly get: operations["callback"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/connections/{provider}/complete": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Finish a consent flow
         * @description Exchanges the code, with the session of the same user and tenant that started, exactly once per flow, and stores
         *     the sealed refresh token and the scopes that were really granted. After a 502 or 503 the code may be spent: where a
         *     second try answers `invalid_state`, look at `connections`, and begin again with `authorize` if it is not there.
         *     Two 403 are final until somebody else acts, so that a new attempt ends in the same way: `organization_forbids` (an
         *     administrator at the provider does not allow it) and `no_refresh_token` (the provider gave the broker's client no
         *     refresh token).
         */
        readonly post: operations["complete"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/connections/{provider}/token": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A fresh access token
         * @description For an integration, for scopes, or (neither given) for everything granted that the organization allows.
         *     `scope` says what the token really carries: providers do not narrow tokens.
         */
        readonly post: operations["token"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/connections/{provider}/integrations/{integration}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
                readonly integration: components["schemas"]["IntegrationName"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Give one integration up
         * @description Takes the integration's scopes out of the record, so that no token is handed out for it any more; the last one
         *     disconnects. The provider knows nothing of it: what was granted there stays granted until the whole connection is
         *     revoked. Nothing to give up (also: a repeated call) is 204.
         */
        readonly delete: operations["narrow"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/config": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What the organization allows, and how to authorize it
         * @description Per provider: the flow that the admin chose, the integrations that are switched on, and the public client that a
         *     browser-only or a native flow needs. A change of the policy is seen here at once. A provider that has no client for
         *     the flow, or for the platform that is named, is not among them: there is no way to authorize it.
         */
        readonly get: operations["config"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/admin/integrations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What an admin can switch, and how much it is used
         * @description For administrators of the calling user's organization. Lists every provider that the operator has configured, with
         *     the flows and integrations that the policy may choose among, and the number of stored connections.
         */
        readonly get: operations["adminIntegrations"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/admin/policy": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The organization's policy
         * @description For administrators. Send the `ETag` of this answer as `If-Match` with a change, so that two administrators cannot
         *     undo each other's changes unseen.
         */
        readonly get: operations["policy"];
        /**
         * Change the organization's policy
         * @description Replaces the policy as a whole, if it is still the one that `If-Match` names; every configured provider and integration
         *     must be in it, and no other (400). A flow can be chosen that has a client configured (`adminIntegrations` lists them).
         *     `authorize` and `complete` see the change at once, token calls within 30 seconds. A provider that is switched to a
         *     browser-only flow loses its stored connections: they are revoked where possible and removed in the background
         *     (`adminIntegrations` counts them). Switching back ends the removal; what is left by then stays.
         */
        readonly put: operations["setPolicy"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/admin/policy/preview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What a change of the policy would do
         * @description A dry run; nothing is changed.
         */
        readonly post: operations["previewPolicy"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/internal/sweep": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Remove what an organization's switches leave behind
         * @description Called by the scheduler with its own identity. Works through the stored connections of switched providers in
         *     batches, revokes where possible, removes, and stops before its time is up; the next call goes on where it was. Where
         *     an organization has withdrawn its consent to keeping names of cited documents, removes those.
         */
        readonly post: operations["sweep"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/answers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Answer a question from what the browser has found
         * @description Results of sources that the organization's policy excludes are dropped before a model sees anything; of two with
         *     the same source and id the first counts. The answer is a stream of server-sent events, `data` being one JSON
         *     object each. Closing the connection ends the model's work.
         *
         *     `sources` (`AnswerSources`) comes first, once. Then, in any number: `text` (`AnswerText`), to be appended, and
         *     `citation` (`AnswerCitation`), which belongs to the place that the text has reached. Last comes either `done`
         *     (`AnswerDone`) or, where something failed after the stream had begun, `error` (`AnswerError`). A stream that ends
         *     without one of them was cut off. Comment lines may come at any time.
         *
         *     Nothing of query, results and answer is stored or logged; with the organization's consent (`document_ids`)
         *     source and id of the documents that were cited are kept for the calling user.
         */
        readonly post: operations["answer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/answers/documents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The documents that answers to the user have cited
         * @description The calling user's own, the last used first; none while the organization's policy does not consent.
         */
        readonly get: operations["answerDocuments"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Forget all of the user's cited documents
         * @description Removes the calling user's whole list, whatever the organization's policy says now. Idempotent; answers that come later
         *     add to a new list where the organization consents.
         */
        readonly delete: operations["forgetAnswerDocuments"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/answers/documents/{source}/{document}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly source: components["schemas"]["SourceName"];
                readonly document: components["schemas"]["DocumentId"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Forget one of the user's cited documents
         * @description Removes one identifier from the calling user's list. Idempotent: one that is not in the list is 204 as well.
         */
        readonly delete: operations["forgetAnswerDocument"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/internal/rewrap": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Wrap the stored data keys by the present version of the key
         * @description Called by the scheduler with its own identity. After a rotation of the key service's key it works through the stored
         *     connections whose data key another version has wrapped, and stops before its time is up; the next call goes on. An old
         *     version may be disabled when nothing but broken ones is left. No refresh token is decrypted.
         */
        readonly post: operations["rewrap"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/internal/probe": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask for a token as nobody who may have one
         * @description Called by the scheduler with its own identity. Asks the token route from outside, with forged and foreign sessions, each of
         *     which must be refused. Holds no key of sessions, and touches no connection.
         */
        readonly post: operations["probe"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/directory/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Search the people of the organization
         * @description Of the caller's own organization only, in the order of their names. Suspended accounts are among them, and marked.
         *     A page may be short, or empty, while there is a `next_page`.
         */
        readonly get: operations["searchUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/directory/groups": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Search the groups of the organization
         * @description Of the caller's own organization only, in the order of their names. A page may be short, or empty, while there is a
         *     `next_page`.
         */
        readonly get: operations["searchGroups"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/directory/groups/{group}/members": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly group: components["schemas"]["DirectoryId"];
            };
            readonly cookie?: never;
        };
        /**
         * The direct members of a group
         * @description A nested group is a member of the type `group`; its own members are asked for by its own id.
         */
        readonly get: operations["groupMembers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/admin/directory": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How the synchronization with Google Workspace stands
         * @description For administrators. Says whether the operator has configured a directory for the organization, what the present run
         *     has done so far, and how the last runs ended.
         */
        readonly get: operations["adminDirectory"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/admin/directory/runs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask for a run, or let a stopped one go on
         * @description The scheduler's next call takes it up. With `approve`, the run that stopped before it would have removed many records
         *     goes on with what it had found, if it still waits for exactly that answer (412 otherwise). Without, a new run begins,
         *     also in the place of one that stopped; where one works already, it goes on, and another follows.
         */
        readonly post: operations["startDirectoryRun"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/internal/directory-sync": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Bring the directories of all organizations up to date
         * @description Called by the scheduler with its own identity. Begins the runs that are due or asked for, goes on with those that are
         *     not finished, and stops before its time is up. No input says whose directory is read, or as whom: both stand in the
         *     configuration alone.
         */
        readonly post: operations["directorySync"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/account": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Forget the calling user
         * @description Every connection of the user is revoked where possible and removed for good; flows begun before are refused for
         *     one hour, which is longer than any of them lives. What answers to the user have cited is forgotten, and for the same
         *     hour nothing of it is kept. Idempotent.
         */
        readonly delete: operations["deleteAccount"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tenants/{tenant}/users/{user}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: components["schemas"]["Subject"];
                readonly user: components["schemas"]["Subject"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Forget a user, for the host product's backend
         * @description The same as `deleteAccount`, for a user of the calling backend's own tenant. Needs a service token with the
         *     exact audience; a cookie is never accepted here.
         */
        readonly delete: operations["deleteUser"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/sso/{provider}/start": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        /**
         * Sign in with a provider
         * @description A page links here, or its backend redirects here. The broker sends the browser on to the provider, which asks for
         *     `openid profile email` only, and binds the flow to this browser by a cookie of its own. Where the user comes back to decides
         *     what comes back: on the broker's own origin a cookie; anywhere else a code for the product's backend, which
         *     therefore needs a `challenge`: the S256 hash (RFC 7636) of a secret that the backend keeps with this browser, and
         *     shows again when it redeems the code. Nobody else's code can be slipped to the browser that way.
         */
        readonly get: operations["startSignIn"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/sso/{provider}/callback": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        /**
         * The provider's redirect target of a sign-in
         * @description Exchanges the code once, verifies the id_token, drops every other token, finds the organization and the user, and
         *     sends the browser back. Whoever is refused gets a page that says why, with a link back to `return_to` that carries
         *     the same in its fragment (`SignInFragment`). Where no flow of this browser is found, the page
         *     links to the first registered return URL. Where the flow was finished before, it links to its `return_to`.
         */
        readonly get: operations["finishSignIn"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A fresh session cookie
         * @description For pages on the broker's own origin: after signing in, and whenever the five minutes of a session are over. Sets
         *     the session cookie that the other operations take. Refused once the session was ended, was not renewed for too
         *     long, or the user is not in the organization any more.
         */
        readonly post: operations["renewSession"];
        /**
         * Sign out of this browser
         * @description Ends the session of this browser alone and takes its cookies away; other browsers and the product's backend stay
         *     signed in. Idempotent for a browser that still has its cookie.
         */
        readonly delete: operations["signOut"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A session for the code of a sign-in, for the host product's backend
         * @description Once, within 60 seconds, with the secret whose `challenge` began the sign-in, for the calling backend's own tenant.
         *     Whatever does not fit is `invalid_state`.
         */
        readonly post: operations["redeemSignIn"];
        /**
         * Sign out everywhere
         * @description Ends every session of the user, in browsers and at the product's backend.
         */
        readonly delete: operations["signOutEverywhere"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/sessions/renew": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * A fresh session token, for the host product's backend
         * @description With the renewal token that `redeemSignIn` answered, for the calling backend's own tenant. Refused once the session
         *     was ended, was not renewed for too long, or the user is not in the organization any more.
         */
        readonly post: operations["renewForBackend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/sessions/end": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Sign out, for the host product's backend
         * @description Idempotent.
         */
        readonly post: operations["endForBackend"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/tenants/{tenant}/users/{user}/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: components["schemas"]["Subject"];
                readonly user: components["schemas"]["Subject"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Sign a user out everywhere, for the host product's backend
         * @description For a user of the calling backend's own tenant. Idempotent.
         */
        readonly delete: operations["endUserSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The public keys of the broker's sessions
         * @description RFC 7517. During a rotation more than one; a session names its own by `kid`.
         */
        readonly get: operations["sessionKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly ProviderName: string;
        /** @description An id of a user or an organization, compared as it is. `.` and `..` are refused, because no URL can hold them. */
        readonly Subject: string;
        /**
         * @description An integration, with an access level after a colon (`files:write`); without one, the lowest level.
         * @example mail
         * @example mail:read
         * @example calendar
         * @example calendar:write
         * @example files
         * @example files:write
         */
        readonly Integration: string;
        /**
         * @example mail
         * @example calendar
         * @example files
         */
        readonly IntegrationName: string;
        /**
         * @description `authorization_code`: through this broker, which keeps the refresh token. The others are browser-only: no token
         *     ever reaches a server, and there is no refresh token here. `browser_code`: code with PKCE between browser and
         *     provider. `implicit`: the token comes back in the redirect's fragment (legacy, RFC 9700 section 2.1.2).
         * @enum {string}
         */
        readonly Flow: "authorization_code" | "browser_code" | "implicit";
        /** @enum {string} */
        readonly Platform: "ios" | "android" | "desktop";
        /** @description A scope token (RFC 6749 section 3.3) of the provider. */
        readonly Scope: string;
        /** @description A claims challenge as it came from the resource: base64url of a JSON object of at most 2 KiB. */
        readonly Claims: string;
        readonly AuthorizeRequest: {
            readonly integrations?: readonly components["schemas"]["Integration"][];
            readonly scopes?: readonly components["schemas"]["Scope"][];
            /** @description Exactly one of the registered return URLs. */
            readonly return_to: string;
            readonly claims?: components["schemas"]["Claims"];
        } & (unknown | unknown);
        readonly AuthorizeAnswer: {
            /** Format: uri */
            readonly authorization_url: string;
            /** @description Sealed. Keep it in this browser's session storage; hand it to `complete`. */
            readonly flow: string;
            /** @description Comes back in the fragment of `return_to`, so that a page can tell its flows apart. */
            readonly flow_id: string;
            /** @description Seconds for which the URL's state and the flow are good. */
            readonly expires_in: number;
        };
        readonly CallbackFragment: {
            readonly provider: components["schemas"]["ProviderName"];
            /** @description As `authorize` answered it. */
            readonly flow_id: string;
            /** @description The code, readable only for `complete`, for 60 seconds. */
            readonly ticket?: string;
            readonly error?: components["schemas"]["CallbackError"];
        } & (unknown | unknown);
        /**
         * @description Why a consent flow came to nothing; the provider's own text is never passed on.
         * @enum {string}
         */
        readonly CallbackError: "access_denied" | "organization_forbids" | "issuer_mismatch" | "invalid_scope" | "consent_required" | "interaction_required" | "login_required" | "account_selection_required" | "temporarily_unavailable" | "server_error" | "provider_error";
        readonly CompleteRequest: {
            readonly ticket: string;
            readonly flow: string;
        };
        readonly CompleteAnswer: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly integrations: readonly components["schemas"]["Integration"][];
            readonly scopes: readonly components["schemas"]["Scope"][];
            /**
             * @description What the integrations that were asked for still lack: asked for and not granted by the user, or the scope that
             *     an account without the usual one has in its place. Empty where a wider scope came.
             */
            readonly missing_scopes: readonly components["schemas"]["Scope"][];
            /** @description Another account of the provider was connected before; its connection is gone. */
            readonly account_replaced: boolean;
            /** @description A stored token was replaced by a new one; what happened to it at the provider. */
            readonly replaced?: components["schemas"]["Replaced"];
        };
        readonly TokenRequest: {
            readonly integration?: components["schemas"]["Integration"];
            readonly scopes?: readonly components["schemas"]["Scope"][];
            readonly claims?: components["schemas"]["Claims"];
        };
        readonly TokenAnswer: {
            readonly access_token: string;
            readonly user: components["schemas"]["UserKey"];
            /** @constant */
            readonly token_type: "Bearer";
            /** @description Seconds; 300 where the provider does not say. */
            readonly expires_in: number;
            /** @description Space-separated; what the token really carries. */
            readonly scope: string;
        };
        readonly ConnectionList: {
            readonly connections: readonly components["schemas"]["Connection"][];
        };
        readonly Connection: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly state: components["schemas"]["ConnectionState"];
            /** @description With `authorize_again`. */
            readonly reason?: components["schemas"]["AuthorizationReason"];
            readonly integrations: readonly components["schemas"]["Integration"][];
            readonly scopes: readonly components["schemas"]["Scope"][];
            /** Format: date-time */
            readonly connected_at: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        /** @enum {string} */
        readonly ConnectionState: "active" | "authorize_again";
        readonly Narrowed: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly integrations: readonly components["schemas"]["Integration"][];
            readonly scopes: readonly components["schemas"]["Scope"][];
            /** @description It was the last one, and the connection is gone. */
            readonly removed?: components["schemas"]["Removed"];
        };
        readonly Config: {
            readonly session: components["schemas"]["SessionIdentity"];
            readonly providers: readonly components["schemas"]["ProviderOffer"][];
            readonly search_ai: components["schemas"]["SearchAiPolicy"];
        };
        /** @description How a front end knows whether its user is still the same: by what the broker takes from the session token, and by nothing else. */
        readonly SessionIdentity: {
            readonly user: components["schemas"]["UserKey"];
            /**
             * @description The claims of the session JWT that decide, each as the names on the way to it. Two tokens with the same values are the same user's.
             * @example [
             *       [
             *         "iss"
             *       ],
             *       [
             *         "sub"
             *       ],
             *       [
             *         "firebase",
             *         "tenant"
             *       ]
             *     ]
             */
            readonly claims: readonly (readonly string[])[];
        };
        /** @description A hash of the session's issuer, organization and user. To be compared; it says nothing else. */
        readonly UserKey: string;
        /** @enum {string} */
        readonly ProviderKind: "microsoft" | "google" | "oidc" | "oauth2";
        readonly ProviderOffer: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly kind: components["schemas"]["ProviderKind"];
            /** @description `native` where a platform was named, whatever flow the admin chose for browsers. */
            readonly flow: components["schemas"]["Flow"] | "native";
            /** @description Those that are switched on. */
            readonly integrations: readonly components["schemas"]["IntegrationOffer"][];
            /**
             * @description By scope of `integrations`: other scopes that include it, the narrowest first. One that was granted is used in
             *     its place; none of them is asked for.
             */
            readonly wider_scopes?: {
                readonly [key: string]: readonly components["schemas"]["Scope"][];
            };
            /** @description For every flow but `authorization_code`; absent while the provider's endpoints cannot be looked up. */
            readonly client?: components["schemas"]["PublicClient"];
            /**
             * Format: uri
             * @description The provider's own page where the user can see and remove the grant.
             */
            readonly manage_url?: string;
        };
        readonly IntegrationOffer: {
            readonly name: components["schemas"]["IntegrationName"];
            /** @description From the least to the most; without those above a read-only ceiling. */
            readonly levels: readonly components["schemas"]["AccessLevel"][];
        };
        readonly AccessLevel: {
            readonly name: components["schemas"]["IntegrationName"];
            readonly scopes: readonly components["schemas"]["Scope"][];
            /**
             * @description Other sets of scopes that are enough as well: a personal Microsoft account has no calendars of others,
             *     and not the scope for them.
             */
            readonly alternatives?: readonly (readonly components["schemas"]["Scope"][])[];
        };
        readonly PublicClient: {
            readonly client_id: string;
            readonly issuer?: string;
            /** Format: uri */
            readonly authorization_endpoint: string;
            /**
             * Format: uri
             * @description For `browser_code` and `native`.
             */
            readonly token_endpoint?: string;
            /**
             * Format: uri
             * @description For `native`, where the provider can end a grant (RFC 7009).
             */
            readonly revocation_endpoint?: string;
            /** @description For `native`; of a loopback address any port may be used (RFC 8252 section 7.3). Absent for Google on Android, whose own SDK authorizes. */
            readonly redirect_uri?: string;
        };
        readonly Policy: {
            /** @description By provider name, every configured one. */
            readonly providers: {
                readonly [key: string]: components["schemas"]["ProviderPolicy"];
            };
            readonly search_ai: components["schemas"]["SearchAiPolicy"];
        };
        readonly ProviderPolicy: {
            readonly enabled: boolean;
            readonly flow: components["schemas"]["Flow"];
            /** @description By integration name, every one of the provider. */
            readonly integrations: {
                readonly [key: string]: components["schemas"]["IntegrationPolicy"];
            };
        };
        readonly IntegrationPolicy: {
            readonly enabled: boolean;
            /** @description Nothing above the level `read` (the lowest, where none has that name) is asked for or handed out. */
            readonly read_only: boolean;
        };
        readonly SearchAiPolicy: {
            readonly enabled: boolean;
            /** @description By source name; what is not named is excluded. */
            readonly sources: {
                readonly [key: string]: boolean;
            };
            /** @description Whether identifiers of documents that were used may be kept. */
            readonly document_ids: boolean;
        };
        readonly PolicyPreview: {
            readonly providers: readonly components["schemas"]["PolicyEffect"][];
        };
        readonly PolicyEffect: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly change: components["schemas"]["PolicyChange"];
            /** @description Stored connections of the organization at this provider; a change in part may touch fewer. */
            readonly connections: number;
        };
        /**
         * @description `removes_connections`: switched to a browser-only flow; stored connections go, and these users are asked to
         *     authorize again. `stops_tokens`: switched off in whole or in part, or made read-only; connections stay and
         *     get no tokens for what is off. `asks_again`: switched to the authorization code flow; every user authorizes
         *     once.
         * @enum {string}
         */
        readonly PolicyChange: "removes_connections" | "stops_tokens" | "asks_again";
        readonly AdminIntegrations: {
            readonly providers: readonly components["schemas"]["AdminProvider"][];
        };
        readonly AdminProvider: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly kind: components["schemas"]["ProviderKind"];
            /** @description Those that the provider supports, and that have a client configured. */
            readonly flows: readonly components["schemas"]["Flow"][];
            /** @description All of them, whatever the policy says. */
            readonly integrations: readonly components["schemas"]["IntegrationOffer"][];
            /** @description Stored connections of the organization at this provider. */
            readonly connections: number;
            /** @description They are being removed, after a switch to a browser-only flow. */
            readonly removing: boolean;
            readonly admin_consent?: components["schemas"]["AdminConsent"];
        };
        /** @description Where an administrator of the provider's tenant can consent for all of its users. */
        readonly AdminConsent: {
            /** Format: uri */
            readonly endpoint: string;
            readonly client_id: string;
            readonly scopes: readonly components["schemas"]["Scope"][];
        };
        readonly SweepReport: {
            readonly removed: number;
            /** @description There is more to do. */
            readonly left: boolean;
        };
        readonly RewrapReport: {
            /** @description The version that wraps now, as the key and its number; `connections.3`. */
            readonly primary: string;
            readonly rewrapped: number;
            /** @description Data keys that another version has wrapped. */
            readonly left: number;
            /** @description Those of them that this run could not open, and that no version opens. */
            readonly broken: number;
            readonly versions: readonly components["schemas"]["RewrapVersion"][];
        };
        readonly RewrapVersion: {
            /** @description `unknown`: stored before versions were written down. */
            readonly version: string;
            readonly connections: number;
        };
        readonly ProbeReport: {
            readonly attempts: number;
            /** @description The attempts that were not refused. */
            readonly holes: readonly string[];
            /** @description The attempts of which this cannot be told. */
            readonly unanswered: readonly string[];
        };
        /** @description SHA-256 of a secret, base64url without padding (RFC 7636, S256). */
        readonly Challenge: string;
        /**
         * @description `domain_not_allowed`: Google's `hd` is no organization's here, or the e-mail address could be mistaken for
         *     another. `tenant_not_allowed`: Microsoft's `tid` is no organization's here. `email_not_verified`: Google does not
         *     vouch for the address. `account_conflict`: the address belongs to another account of the organization; accounts
         *     are never joined by it. `not_in_directory`, `user_suspended`: the organization's directory says so.
         * @enum {string}
         */
        readonly SignInRefusal: "domain_not_allowed" | "tenant_not_allowed" | "email_not_verified" | "account_conflict" | "not_in_directory" | "user_suspended";
        /** @description What a sign-in returns in the fragment of `return_to`; nothing where it set a cookie. */
        readonly SignInFragment: {
            readonly provider: components["schemas"]["ProviderName"];
            /** @description For `redeemSignIn`, once, within 60 seconds. */
            readonly code?: string;
            /** @description The organization of who has signed in; whose backend's service token redeems the code. */
            readonly tenant?: components["schemas"]["Subject"];
            readonly error?: components["schemas"]["CallbackError"] | components["schemas"]["SignInFailure"] | components["schemas"]["SignInRefusal"];
        };
        /** @enum {string} */
        readonly SignInFailure: "code_exchange_failed" | "sign_in_failed";
        readonly RedeemRequest: {
            readonly code: string;
            /** @description The secret behind the `challenge` (RFC 7636 section 4.1). */
            readonly verifier: string;
        };
        readonly RenewalRequest: {
            readonly renewal_token: string;
        };
        readonly SignedInUser: {
            /**
             * @description `sub` of the session, the same for as long as the account exists. Google: the account's own id, which is the
             *     directory's too. Microsoft: `tid.oid`.
             */
            readonly id: components["schemas"]["Subject"];
            readonly tenant: components["schemas"]["Subject"];
            readonly roles: readonly string[];
            readonly name?: string;
            /** @description To be shown. It says nothing about who somebody is. */
            readonly email?: string;
        };
        readonly BrowserSession: {
            readonly user: components["schemas"]["SignedInUser"];
            /** @description Seconds until the session has to be renewed. */
            readonly expires_in: number;
        };
        readonly BackendSession: {
            readonly user: components["schemas"]["SignedInUser"];
            /** @description Seconds until the session token has to be renewed. */
            readonly expires_in: number;
            /** @description A JWT (ES256); its key is at `sessionKeys`. */
            readonly session_token: string;
        };
        readonly RedeemedSession: {
            readonly user: components["schemas"]["SignedInUser"];
            /** @description Seconds until the session token has to be renewed. */
            readonly expires_in: number;
            /** @description A JWT (ES256); its key is at `sessionKeys`. */
            readonly session_token: string;
            /** @description For `renewForBackend` and `endForBackend`; a secret. */
            readonly renewal_token: string;
        };
        readonly KeySet: {
            readonly keys: readonly components["schemas"]["SessionKey"][];
        };
        readonly SessionKey: {
            /** @constant */
            readonly kty: "EC";
            /** @constant */
            readonly crv: "P-256";
            readonly x: string;
            readonly y: string;
            readonly kid: string;
            /** @constant */
            readonly alg: "ES256";
            /** @constant */
            readonly use: "sig";
        };
        /**
         * @description `revoked`: the provider confirmed. `failed`: one attempt was made and not confirmed. `impossible`: the provider
         *     has no way to revoke one grant, or it would end another connection that was made with the same account (at
         *     `complete`: the new one), or the grant was dead already. In the last two cases what is left of the grant stays visible at the provider until
         *     the user removes it at `manage_url`.
         * @enum {string}
         */
        readonly Revocation: "revoked" | "failed" | "impossible";
        readonly Removed: {
            readonly provider: components["schemas"]["ProviderName"];
            readonly revocation: components["schemas"]["Revocation"];
            /**
             * Format: uri
             * @description The provider's own page where the user can remove the grant.
             */
            readonly manage_url?: string;
        };
        readonly Replaced: {
            readonly revocation: components["schemas"]["Revocation"];
            /**
             * Format: uri
             * @description The provider's own page where the user can remove the grant.
             */
            readonly manage_url?: string;
        };
        readonly AccountRemoved: {
            readonly removed: readonly components["schemas"]["Removed"][];
        };
        /**
         * @description `no_connection`: never authorized, or disconnected. `scope_not_granted`: `missing_scopes` says what to ask for.
         *     `grant_dead`: expired or revoked at the provider. `user_needed`: the grant lives, the provider wants the user
         *     (pass `claims` on to `authorize`). `organization_forbids`: an administrator at the provider does not allow it;
         *     authorizing again helps only once they do. `provider_refuses`: for ten minutes the provider has done nothing but
         *     refuse, for a reason that the broker does not know. After these three the connection is kept, each token call
         *     tries again, and the next success makes it active. `integrity_error`: the stored record was altered; authorize
         *     again to replace it.
         * @enum {string}
         */
        readonly AuthorizationReason: "no_connection" | "scope_not_granted" | "grant_dead" | "user_needed" | "organization_forbids" | "provider_refuses" | "integrity_error";
        /** @enum {string} */
        readonly ProblemCode: "invalid_request" | "invalid_state" | "context_mismatch" | "invalid_return_to" | "invalid_scope" | "code_exchange_failed" | "login_required" | "session_ended" | "csrf_rejected" | "origin_not_allowed" | "session_mismatch" | "integration_disabled" | "browser_only_flow" | "search_ai_disabled" | "source_disabled" | "forbidden" | "organization_forbids" | "no_refresh_token" | "not_found" | "method_not_allowed" | "authorization_required" | "precondition_failed" | "precondition_required" | "payload_too_large" | "unsupported_media_type" | "request_timeout" | "headers_too_large" | "prefetch_refused" | "rate_limited" | "internal_error" | "integrity_error" | "provider_error" | "refresh_in_progress" | "model_busy" | "idp_unavailable" | "temporarily_unavailable";
        /** @description RFC 9457. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail?: string;
            readonly code: components["schemas"]["ProblemCode"];
            /** @description The same id is in the broker's log. */
            readonly correlation_id: string;
        };
        readonly AuthorizationProblem: components["schemas"]["Problem"] & {
            readonly provider: components["schemas"]["ProviderName"];
            readonly reason: components["schemas"]["AuthorizationReason"];
            /** @description What to ask for (`scopes` of `authorize`). */
            readonly missing_scopes?: readonly components["schemas"]["Scope"][];
            /** @description Hand it to `authorize` as it is. */
            readonly claims?: components["schemas"]["Claims"];
        };
        /**
         * @description Where a result was found, as the organization's policy names it.
         * @example host
         * @example onedrive
         * @example outlook
         * @example drive
         * @example gmail
         * @example calendar
         */
        readonly SourceName: string;
        /** @description The source's own id of a document, message or event. */
        readonly DocumentId: string;
        readonly AnswerRequest: {
            readonly query: string;
            /** @description The best first. */
            readonly results: readonly components["schemas"]["SearchResult"][];
        };
        readonly SearchResult: {
            readonly source: components["schemas"]["SourceName"];
            readonly id: components["schemas"]["DocumentId"];
            readonly title: string;
            readonly snippet?: string;
            /** @description Checked for its form; no model ever sees it. */
            readonly link?: string;
        };
        /**
         * @description `sources`: `AnswerSources`. `text`: `AnswerText`. `citation`: `AnswerCitation`. `done`: `AnswerDone`. `error`:
         *     `AnswerError`.
         */
        readonly AnswerEventData: components["schemas"]["AnswerSources"] | components["schemas"]["AnswerText"] | components["schemas"]["AnswerCitation"] | components["schemas"]["AnswerDone"] | components["schemas"]["AnswerError"];
        readonly AnswerSources: {
            readonly included: readonly components["schemas"]["SourceCount"][];
            /** @description Dropped by the organization's policy. */
            readonly excluded: readonly components["schemas"]["SourceCount"][];
        };
        readonly SourceCount: {
            readonly source: components["schemas"]["SourceName"];
            readonly results: number;
        };
        readonly AnswerText: {
            /** @description Plain text, to be shown as such and never as markup. Addresses (URLs) are taken out. */
            readonly text: string;
        };
        readonly AnswerCitation: {
            /** @description Of the document, in the order in which the answer cites documents for the first time. */
            readonly number: number;
            readonly source: components["schemas"]["SourceName"];
            readonly id: components["schemas"]["DocumentId"];
        };
        readonly AnswerDone: {
            readonly finish: components["schemas"]["AnswerFinish"];
        };
        /**
         * @description `length`: cut off at the longest answer. `declined`: the model's safety filter stopped it, maybe before any text.
         * @enum {string}
         */
        readonly AnswerFinish: "complete" | "length" | "declined";
        readonly AnswerError: components["schemas"]["Problem"] & {
            /** @description Seconds to wait before another try. */
            readonly retry_after?: number;
        };
        readonly AnswerDocumentList: {
            readonly documents: readonly components["schemas"]["AnswerDocument"][];
            readonly next_page?: string;
        };
        readonly AnswerDocument: {
            readonly source: components["schemas"]["SourceName"];
            readonly id: components["schemas"]["DocumentId"];
            /**
             * Format: date-time
             * @description When an answer cited it last.
             */
            readonly used_at: string;
        };
        readonly SourcesProblem: components["schemas"]["Problem"] & {
            /** @description With `source_disabled`: the sources that were sent and are excluded. */
            readonly sources?: readonly components["schemas"]["SourceName"][];
        };
        /** @description Google's own id of a user or group; a user's is the `sub` of Google's id_tokens. */
        readonly DirectoryId: string;
        readonly DirectoryUserPage: {
            readonly users: readonly components["schemas"]["DirectoryUser"][];
            readonly next_page?: string;
        };
        readonly DirectoryUser: {
            readonly id: components["schemas"]["DirectoryId"];
            readonly email: string;
            readonly name: string;
            readonly title?: string;
            readonly department?: string;
            /** @description Suspended or archived; to be shown as an author, not to be shared with. */
            readonly suspended: boolean;
        };
        readonly DirectoryGroupPage: {
            readonly groups: readonly components["schemas"]["DirectoryGroup"][];
            readonly next_page?: string;
        };
        readonly DirectoryGroup: {
            readonly id: components["schemas"]["DirectoryId"];
            readonly email: string;
            readonly name: string;
            readonly description?: string;
        };
        readonly DirectoryMemberPage: {
            readonly members: readonly components["schemas"]["DirectoryMember"][];
            readonly next_page?: string;
        };
        readonly DirectoryMember: {
            readonly id: components["schemas"]["DirectoryId"];
            /** @description Absent for `everybody`. */
            readonly email?: string;
            readonly type: components["schemas"]["DirectoryMemberType"];
            readonly role: components["schemas"]["DirectoryMemberRole"];
        };
        /**
         * @description `everybody`: all users of the organization. `other`: of a kind that is not known here.
         * @enum {string}
         */
        readonly DirectoryMemberType: "user" | "group" | "everybody" | "other";
        /** @enum {string} */
        readonly DirectoryMemberRole: "owner" | "manager" | "member";
        readonly DirectoryRunRequest: {
            /** @description `approval.id` of the stopped run. */
            readonly approve?: components["schemas"]["DirectoryId"];
        };
        readonly AdminDirectory: {
            /** @description Whether the configuration names an administrator for this organization. */
            readonly configured: boolean;
            /**
             * Format: date-time
             * @description A run, or going on with a stopped one, was asked for and has not begun.
             */
            readonly requested_at?: string;
            /** @description The one that works, waits for the next call, or stopped. */
            readonly run?: components["schemas"]["DirectoryRun"];
            /** @description Those that ended, the last one first. */
            readonly runs: readonly components["schemas"]["DirectoryRun"][];
        };
        readonly DirectoryRun: {
            readonly id: components["schemas"]["DirectoryId"];
            readonly state: components["schemas"]["DirectoryRunState"];
            readonly step: components["schemas"]["DirectoryRunStep"];
            /** Format: date-time */
            readonly started_at: string;
            /** Format: date-time */
            readonly updated_at: string;
            readonly users: components["schemas"]["DirectoryCounts"];
            readonly groups: components["schemas"]["DirectoryCounts"];
            /** @description `listed`: groups whose members were listed. `written`, `removed`: pieces of lists, of 500 members. */
            readonly members: components["schemas"]["DirectoryCounts"];
            readonly domains: components["schemas"]["DirectoryCounts"];
            /** @description Documents that were written or removed; the run's own record is not counted. */
            readonly writes: number;
            /** @description What went wrong, by a stable code; a run that is done may have some. */
            readonly faults: readonly components["schemas"]["DirectoryFault"][];
            readonly approval?: components["schemas"]["DirectoryApproval"];
        };
        readonly DirectoryFault: {
            readonly code: string;
            readonly count: number;
        };
        /** @description Where the run stopped. */
        readonly DirectoryApproval: {
            readonly id: components["schemas"]["DirectoryId"];
            readonly kind: components["schemas"]["DirectoryRemovals"];
            readonly removals: number;
            readonly of: number;
        };
        /**
         * @description `stopped`: waits for `approve`. `replaced`: an admin began another one instead of approving.
         * @enum {string}
         */
        readonly DirectoryRunState: "running" | "stopped" | "done" | "failed" | "replaced";
        /** @enum {string} */
        readonly DirectoryRunStep: "users" | "groups" | "members" | "domains" | "finish";
        /**
         * @description What the run would remove. `members`: groups that would lose more of their members than may vanish unasked, of all groups.
         * @enum {string}
         */
        readonly DirectoryRemovals: "users" | "groups" | "members" | "domains";
        readonly DirectoryCounts: {
            readonly listed: number;
            readonly written: number;
            readonly removed: number;
        };
        readonly DirectorySyncReport: {
            readonly finished: number;
            /** @description Left to the next call, stopped, or in another call's hands. */
            readonly unfinished: number;
            readonly failed: number;
        };
    };
    responses: {
        /** @description `invalid_request`, `invalid_return_to`; for a browser that navigates, a page. */
        readonly NavigatedBadRequest: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `not_found`: no such provider; for a browser that navigates, a page. */
        readonly NavigatedNotFound: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `prefetch_refused`: the browser asked in advance (`Sec-Purpose`); nothing was done. */
        readonly PrefetchRefused: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `rate_limited`; for a browser that navigates, a page. */
        readonly NavigatedRateLimited: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `internal_error`; for a browser that navigates, a page. */
        readonly NavigatedInternal: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `temporarily_unavailable`; for a browser that navigates, a page. */
        readonly NavigatedUnavailable: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
                readonly "text/html": string;
            };
        };
        /** @description `invalid_request`, `invalid_state`, `context_mismatch`, `invalid_return_to`, `invalid_scope`, `code_exchange_failed`. */
        readonly BadRequest: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `login_required`: no session, or one that does not verify. */
        readonly LoginRequired: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `session_ended`: signed out, over, or the user is no longer let in: sign in again. `login_required`: nothing that could be renewed. */
        readonly SessionEnded: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `csrf_rejected`, `origin_not_allowed`, `session_mismatch`, `integration_disabled`, `browser_only_flow` (this organization's users authorize without the broker), `forbidden`. */
        readonly Refused: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description As elsewhere: `csrf_rejected`, `origin_not_allowed`, `session_mismatch`, `integration_disabled`, `browser_only_flow`. `organization_forbids`: an administrator at the provider does not allow it. `no_refresh_token`: the provider gave no refresh token, which its operator or the broker's has to mend. */
        readonly NotConnected: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `search_ai_disabled`: switched off for the organization. `source_disabled`: only excluded `sources` were sent. `csrf_rejected`, `origin_not_allowed`. */
        readonly AnswerRefused: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["SourcesProblem"];
            };
        };
        /** @description `not_found`: no such provider or path. */
        readonly NotFound: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `authorization_required`: send the user through `authorize`. */
        readonly AuthorizationRequired: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["AuthorizationProblem"];
            };
        };
        /** @description `precondition_failed`: somebody else changed it meanwhile; read it again. */
        readonly PreconditionFailed: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `precondition_required`: `If-Match` is missing (RFC 6585). */
        readonly PreconditionRequired: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `payload_too_large`: over 16 KiB (`answer`: 128 KiB). */
        readonly TooLarge: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unsupported_media_type`: the body is not `application/json`. */
        readonly UnsupportedMediaType: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `rate_limited`. */
        readonly RateLimited: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `internal_error`, `integrity_error`. */
        readonly Internal: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `provider_error`: the provider answered something that is no OAuth answer. */
        readonly ProviderError: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `provider_error`: the model gave no usable answer. */
        readonly ModelError: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `model_busy`: the model's quota is used up for the moment. `idp_unavailable`, `temporarily_unavailable`: try again. */
        readonly ModelUnavailable: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `refresh_in_progress`, `idp_unavailable`, `temporarily_unavailable`: no connection was lost; try again (`complete`: see there). */
        readonly Unavailable: {
            headers: {
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The one `ETag` of the policy that was changed (RFC 9110 section 13.1.1); `*` matches none. Without it, 428. */
        readonly IfMatch: string;
        /** @description A configured provider, such as `microsoft` or `google`. */
        readonly Provider: components["schemas"]["ProviderName"];
        /** @description `next_page` of the page before; opaque. Absent: the first page. */
        readonly Page: string;
        /** @description `1`. Required where the session comes as a cookie. */
        readonly BrokerRequest: "1";
    };
    requestBodies: never;
    headers: {
        /** @description Names this state of the policy; strong (RFC 9110 section 8.8.3). */
        readonly ETag: string;
        /** @description Seconds to wait before another try. */
        readonly RetryAfter: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly connections: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One entry per connected provider. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ConnectionList"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly revoke: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed here; `revocation` says what happened at the provider. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description There was nothing to remove. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly authorize: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AuthorizeRequest"];
            };
        };
        readonly responses: {
            /** @description Where to send the user, and what to keep. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AuthorizeAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly callback: {
        readonly parameters: {
            readonly query: {
                readonly state: string;
                readonly code?: string;
                readonly error?: string;
                /** @description RFC 9207 */
                readonly iss?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /**
             * @description To `return_to`, with the members of `CallbackFragment` as a form-encoded fragment:
             *     `#ticket=…&provider=…&flow_id=…` or `#error=…&provider=…&flow_id=…`.
             */
            readonly 303: {
                headers: {
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A fixed page, for a state that cannot be trusted or parameters that contradict each other. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            readonly 404: components["responses"]["NavigatedNotFound"];
            readonly 425: components["responses"]["PrefetchRefused"];
            readonly 429: components["responses"]["NavigatedRateLimited"];
            readonly 500: components["responses"]["NavigatedInternal"];
            readonly 503: components["responses"]["NavigatedUnavailable"];
        };
    };
    readonly complete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CompleteRequest"];
            };
        };
        readonly responses: {
            /** @description Connected. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CompleteAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["NotConnected"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 502: components["responses"]["ProviderError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly token: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["TokenRequest"];
            };
        };
        readonly responses: {
            /** @description The access token. Never cached, never stored by the broker. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["AuthorizationRequired"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 502: components["responses"]["ProviderError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly narrow: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
                readonly integration: components["schemas"]["IntegrationName"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What is left. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Narrowed"];
                };
            };
            /** @description There was nothing to give up. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly config: {
        readonly parameters: {
            readonly query?: {
                /** @description A native app names its platform and is answered its own public clients; absent, the web's. */
                readonly platform?: components["schemas"]["Platform"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The providers that are switched on and can be authorized. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Config"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly adminIntegrations: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every configured provider. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AdminIntegrations"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly policy: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Complete; what was never set has its default. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Policy"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly setPolicy: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
                /** @description The one `ETag` of the policy that was changed (RFC 9110 section 13.1.1); `*` matches none. Without it, 428. */
                readonly "If-Match"?: components["parameters"]["IfMatch"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Policy"];
            };
        };
        readonly responses: {
            /** @description The policy as it is now. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Policy"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 412: components["responses"]["PreconditionFailed"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 428: components["responses"]["PreconditionRequired"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly previewPolicy: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Policy"];
            };
        };
        readonly responses: {
            /** @description Per provider that the change touches. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PolicyPreview"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly sweep: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What this run did. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SweepReport"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly answer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AnswerRequest"];
            };
        };
        readonly responses: {
            /** @description The answer, as it is made. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: sources
                     *     data: {"included":[{"source":"drive","results":2}],"excluded":[{"source":"gmail","results":1}]}
                     *
                     *     event: text
                     *     data: {"text":"Travel is paid back within ten days."}
                     *
                     *     event: citation
                     *     data: {"number":1,"source":"drive","id":"1BxiMVs0XRA5"}
                     *
                     *     event: done
                     *     data: {"finish":"complete"}
                     */
                    readonly "text/event-stream": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["AnswerRefused"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 502: components["responses"]["ModelError"];
            readonly 503: components["responses"]["ModelUnavailable"];
        };
    };
    readonly answerDocuments: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_page` of the page before; opaque. Absent: the first page. */
                readonly page?: components["parameters"]["Page"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of identifiers. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AnswerDocumentList"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly forgetAnswerDocuments: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Nothing is stored (any more). */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly forgetAnswerDocument: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path: {
                readonly source: components["schemas"]["SourceName"];
                readonly document: components["schemas"]["DocumentId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is not stored (any more). */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly rewrap: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What this run did, and what is left. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RewrapReport"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly probe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was refused. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProbeReport"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly searchUsers: {
        readonly parameters: {
            readonly query: {
                /** @description Words, in any order and case, with or without accents; each must begin a word of the name, e-mail address, title or department. */
                readonly query: string;
                /** @description `next_page` of the page before; opaque. Absent: the first page. */
                readonly page?: components["parameters"]["Page"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of people. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DirectoryUserPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly searchGroups: {
        readonly parameters: {
            readonly query: {
                /** @description Words, in any order and case, with or without accents; each must begin a word of the name or e-mail address. */
                readonly query: string;
                /** @description `next_page` of the page before; opaque. Absent: the first page. */
                readonly page?: components["parameters"]["Page"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of groups, in the order of their names. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DirectoryGroupPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly groupMembers: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_page` of the page before; opaque. Absent: the first page. */
                readonly page?: components["parameters"]["Page"];
            };
            readonly header?: never;
            readonly path: {
                readonly group: components["schemas"]["DirectoryId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of members, in an order that stays the same while the list does. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DirectoryMemberPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly adminDirectory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The present run, and the last ones. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AdminDirectory"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly startDirectoryRun: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DirectoryRunRequest"];
            };
        };
        readonly responses: {
            /** @description Noted. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AdminDirectory"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 404: components["responses"]["NotFound"];
            readonly 412: components["responses"]["PreconditionFailed"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly directorySync: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What became of the runs. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DirectorySyncReport"];
                };
            };
            readonly 401: components["responses"]["LoginRequired"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteAccount: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was removed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccountRemoved"];
                };
            };
            /** @description There was nothing to remove. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly deleteUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: components["schemas"]["Subject"];
                readonly user: components["schemas"]["Subject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was removed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AccountRemoved"];
                };
            };
            /** @description There was nothing to remove. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly startSignIn: {
        readonly parameters: {
            readonly query: {
                /** @description A registered URL, character by character. */
                readonly return_to: string;
                /** @description The organization that is to sign in; somebody of another one is refused. */
                readonly tenant?: components["schemas"]["Subject"];
                /** @description Required unless `return_to` is on the broker's own origin. */
                readonly challenge?: components["schemas"]["Challenge"];
            };
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To the provider. */
            readonly 303: {
                headers: {
                    readonly Location: string;
                    readonly "Set-Cookie": string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["NavigatedBadRequest"];
            readonly 404: components["responses"]["NavigatedNotFound"];
            readonly 425: components["responses"]["PrefetchRefused"];
            readonly 429: components["responses"]["NavigatedRateLimited"];
            readonly 500: components["responses"]["NavigatedInternal"];
            readonly 503: components["responses"]["NavigatedUnavailable"];
        };
    };
    readonly finishSignIn: {
        readonly parameters: {
            readonly query: {
                readonly state: string;
                readonly code?: string;
                readonly error?: string;
                /** @description RFC 9207 */
                readonly iss?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description A configured provider, such as `microsoft` or `google`. */
                readonly provider: components["parameters"]["Provider"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /**
             * @description To `return_to`. On the broker's own origin with the cookie `__Host-renewal`; elsewhere with the members of
             *     `SignInFragment` as a form-encoded fragment: `#code=…&tenant=…&provider=…` or `#error=…&provider=…`.
             */
            readonly 303: {
                headers: {
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description A page: `invalid_state` (unknown, over, used before, or begun in another browser), `context_mismatch`,
             *     `invalid_request`, `code_exchange_failed`.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            /** @description A page: `sign_in_failed`, the id_token does not verify. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            /** @description A page: one of `SignInRefusal`. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            readonly 404: components["responses"]["NavigatedNotFound"];
            readonly 425: components["responses"]["PrefetchRefused"];
            readonly 429: components["responses"]["NavigatedRateLimited"];
            readonly 500: components["responses"]["NavigatedInternal"];
            /** @description A page: `provider_error`, the provider answered something that is no OAuth answer. */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            /**
             * @description A page: `temporarily_unavailable`, the provider, its keys or the database did not answer; the sign-in is over,
             *     and another one may be begun. A problem where the broker has too much to do to look at the request.
             */
            readonly 503: {
                headers: {
                    readonly "Retry-After": components["headers"]["RetryAfter"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly renewSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Renewed. */
            readonly 200: {
                headers: {
                    readonly "Set-Cookie": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BrowserSession"];
                };
            };
            readonly 401: components["responses"]["SessionEnded"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly signOut: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session is over; its cookies are taken away. What it handed out works for five minutes at most. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["SessionEnded"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly redeemSignIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RedeemRequest"];
            };
        };
        readonly responses: {
            /** @description The session. Keep `renewal_token` on the server. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RedeemedSession"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly signOutEverywhere: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `1`. Required where the session comes as a cookie. */
                readonly "Broker-Request"?: components["parameters"]["BrokerRequest"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every session is over. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["SessionEnded"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly renewForBackend: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RenewalRequest"];
            };
        };
        readonly responses: {
            /** @description Renewed; the renewal token stays the same. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BackendSession"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["SessionEnded"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly endForBackend: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RenewalRequest"];
            };
        };
        readonly responses: {
            /** @description The session is over. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly endUserSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly tenant: components["schemas"]["Subject"];
                readonly user: components["schemas"]["Subject"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every session is over. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["LoginRequired"];
            readonly 403: components["responses"]["Refused"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly sessionKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every enabled version of the signing key. */
            readonly 200: {
                headers: {
                    /**
                     * @description `public, max-age=300`. A new version is published 15 minutes before it signs (docs/operations.md): five for
                     *     the broker's own list, five for caches on the way, five to spare.
                     */
                    readonly "Cache-Control": "public, max-age=300";
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeySet"];
                };
            };
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
}
