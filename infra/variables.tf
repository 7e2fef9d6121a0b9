variable "project" {
  description = "Id of the Google Cloud project: one for the broker and nothing else, since everybody with a role in it is somebody to trust."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is not a project id."
  }
}

variable "regions" {
  description = "Where the functions run. Of several, the balancer takes the nearest. In the first one are also the internal functions and the scheduler."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.regions) > 0 && length(distinct(var.regions)) == length(var.regions)
    error_message = "regions needs one region at least, and each once."
  }
  validation {
    condition     = alltrue([for region in var.regions : can(regex("^[a-z]+-[a-z]+[0-9]$", region))])
    error_message = "regions has one that is not of the form europe-west1."
  }
}

variable "locations" {
  description = "Where data and keys rest: a Firestore location and the Cloud KMS location near it (eur3 and europe, nam5 and us, or one region twice). Neither can be changed later."
  type = object({
    firestore = string
    keys      = string
  })
  nullable = false

  validation {
    # A key in another part of the world adds its distance to every token call; `global` has no promise of latency.
    condition     = var.locations.keys != "global"
    error_message = "locations.keys must be a region or a multi-region."
  }
  validation {
    condition     = var.locations.firestore != "eur3" || startswith(var.locations.keys, "eur")
    error_message = "locations.keys is not in Europe, and eur3 is."
  }
}

variable "domain" {
  description = "Host name of the broker, such as broker.example.com. An A record for it must point to the output `address` before the certificate can be made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is not a host name in lower case."
  }
}

variable "build" {
  description = "Folder that `npm run build` has written."
  type        = string
  default     = "../dist"
  nullable    = false
}

# What the front end is

variable "allowed_origins" {
  description = "Origins of the front ends (ALLOWED_ORIGINS)."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.allowed_origins) > 0 && alltrue([for each in var.allowed_origins : can(regex("^https://[^/?#@\\s*]+$", each))])
    error_message = "allowed_origins are origins such as https://app.example.com: https, without a path."
  }
}

variable "return_urls" {
  description = "Pages that a flow may return to, compared exactly; lost users are linked to the first (RETURN_URLS)."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.return_urls) > 0 && alltrue([for each in var.return_urls : can(regex("^https://[^#\\s]+$", each)) && length(each) < 200])
    error_message = "return_urls are https URLs of under 200 characters, without a fragment."
  }
}

variable "sessions" {
  description = "The sessions that the broker believes. Without issuer and jwks_url: its own, of users who sign in here. `cookie`: a name with the prefix __Host-, where the front end shares the broker's host."
  type = object({
    audience = string
    issuer   = optional(string)
    jwks_url = optional(string)
    cookie   = optional(string)
  })
  nullable = false

  validation {
    condition     = (var.sessions.issuer == null) == (var.sessions.jwks_url == null)
    error_message = "sessions has issuer and jwks_url both, or neither."
  }
  validation {
    condition     = var.sessions.jwks_url == null || can(regex("^https://", coalesce(var.sessions.jwks_url, "")))
    error_message = "sessions.jwks_url is not https."
  }
  validation {
    condition     = var.sessions.cookie == null || can(regex("^__Host-[A-Za-z0-9_-]+$", coalesce(var.sessions.cookie, "")))
    error_message = "sessions.cookie does not begin with __Host-."
  }
}

variable "service_tokens" {
  description = "The tokens of the product's backend, which deletes users and hands over sessions (SERVICE_*)."
  type = object({
    issuer   = string
    audience = string
    jwks_url = string
  })
  nullable = false

  validation {
    condition     = can(regex("^https://", var.service_tokens.jwks_url))
    error_message = "service_tokens.jwks_url is not https."
  }
  validation {
    condition     = var.service_tokens.audience != var.sessions.audience
    error_message = "service_tokens.audience is the sessions': a user's session would pass for the backend."
  }
}

variable "settings" {
  description = "Optional variables of docs/configuration.md that have no input of their own here, by name: RATE_LIMIT_USER, SESSION_USER_CLAIM, ..."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.settings), local.optional_settings)) == 0
    error_message = "settings has one that no function takes, or that terraform sets itself: ${join(", ", setsubtract(keys(var.settings), local.optional_settings))}."
  }
}

# Providers and organizations

variable "oauth_providers" {
  description = "The providers (PROVIDERS in docs/configuration.md), without secrets. Microsoft is keyless unless it says otherwise."
  type = map(object({
    kind                  = string
    client_id             = string
    manage_url            = optional(string)
    authority             = optional(string)
    credential            = optional(string)
    issuer                = optional(string)
    client_authentication = optional(string)
    rotation              = optional(string)
    revocation_ends       = optional(string)
    pkce                  = optional(string)
    prompt                = optional(string)
    identity_scopes       = optional(list(string))
    wider_scopes          = optional(map(list(string)))
    endpoints             = optional(map(string))
    integrations          = optional(map(map(list(string))))
    sign_in               = optional(object({ client_id = optional(string) }))
    browser               = optional(object({ client_id = string, flows = optional(list(string)) }))
    native                = optional(map(object({ client_id = string, redirect_uri = optional(string) })))
  }))
  nullable = false

  validation {
    condition     = length(var.oauth_providers) > 0 && alltrue([for name, _ in var.oauth_providers : can(regex("^[a-z][a-z0-9-]{0,31}$", name))])
    error_message = "oauth_providers needs a provider, with a name of lower-case letters, digits and hyphens."
  }
  validation {
    condition     = alltrue([for each in var.oauth_providers : contains(["microsoft", "google", "oidc", "oauth2"], each.kind)])
    error_message = "oauth_providers has a kind that is none of microsoft, google, oidc, oauth2."
  }
  validation {
    condition     = alltrue([for each in var.oauth_providers : each.credential == null || (each.kind == "microsoft" && contains(["federated", "secret"], coalesce(each.credential, "none")))])
    error_message = "oauth_providers: credential is for Microsoft, `federated` or `secret`."
  }
}

variable "default_policy" {
  description = "Policy of organizations that have none of their own (DEFAULT_POLICY), as JSON."
  type        = string
  default     = "{\"providers\":{}}"
  nullable    = false

  validation {
    condition     = can(keys(jsondecode(var.default_policy).providers))
    error_message = "default_policy is not JSON with `providers`."
  }
}

variable "admin_role" {
  description = "The role in a session whose holders administer their organization."
  type        = string
  default     = "admin"
  nullable    = false
}

variable "sign_in" {
  description = "Who signs in here (SIGN_IN_ORGANIZATIONS). Null: nobody; the functions and the database of sign-in are not made."
  type = object({
    organizations = map(object({
      google_domains    = optional(list(string), [])
      microsoft_tenants = optional(list(string), [])
      first_sign_in     = string
      admins            = optional(list(string), [])
    }))
    hours        = optional(number, 12)
    idle_minutes = optional(number, 60)
  })
  default = null

  validation {
    condition     = var.sign_in != null || var.sessions.issuer != null
    error_message = "Without sign_in, sessions needs the issuer of the product's own."
  }
  validation {
    condition     = var.sign_in == null || alltrue([for each in try(var.sign_in.organizations, {}) : contains(["create", "directory_only"], each.first_sign_in)])
    error_message = "sign_in: first_sign_in is `create` or `directory_only`."
  }
  validation {
    condition     = var.directory != null || alltrue([for each in try(var.sign_in.organizations, {}) : each.first_sign_in != "directory_only"])
    error_message = "sign_in has an organization with `directory_only`, and there is no directory."
  }
}

variable "directory" {
  description = "Whose Google Workspace is read, and as whom (docs/directory.md). Null: nobody's; its functions and database are not made."
  type = object({
    organizations = map(object({
      administrator = string
      customer      = optional(string)
    }))
    interval_minutes = optional(number, 360)
    call_seconds     = optional(number, 480)
    removal_percent  = optional(number, 20)
  })
  default = null

  validation {
    # DirectorySyncSilent waits for 23.5 hours, the longest that Cloud Monitoring takes: a run that is due later would open it each day.
    condition     = try(var.directory.interval_minutes, 360) >= 1 && try(var.directory.interval_minutes, 360) <= 1320
    error_message = "directory.interval_minutes is from 1 to 1320."
  }
  validation {
    condition     = alltrue([for each in try(var.directory.organizations, {}) : can(regex("^[^@\\s]+@[^@\\s]+$", each.administrator))])
    error_message = "directory: an administrator is not an e-mail address."
  }
  validation {
    # The scheduler waits half an hour at most, and a minute is left to end in.
    condition     = try(var.directory.call_seconds, 480) >= 60 && try(var.directory.call_seconds, 480) <= 1740
    error_message = "directory.call_seconds is from 60 to 1740."
  }
}

variable "search_ai" {
  description = "The Gemini model that answers, and the region, multi-region or `global` where it works (ANSWERS_MODEL, ANSWERS_LOCATION). Null: no Search AI; its functions and database are not made."
  type = object({
    model    = string
    location = string
  })
  default = null

  validation {
    condition     = alltrue([for each in var.search_ai == null ? [] : values(var.search_ai) : can(regex("^[a-z0-9][a-z0-9.-]{0,63}$", each))])
    error_message = "search_ai: model and location are names of small letters, digits, dots and hyphens."
  }
}

# Keys and secrets

variable "flow_keys" {
  description = "Public keys of flows, as JWKS texts (`npm run keys` makes them): STATE_PUBLIC_KEYS and COMPLETION_PUBLIC_KEYS."
  type = object({
    state      = string
    completion = string
  })
  nullable = false

  validation {
    condition     = alltrue([for each in values(var.flow_keys) : try(length(jsondecode(each).keys) > 0, false)])
    error_message = "flow_keys are JWKS texts with a key at least."
  }
  validation {
    condition     = alltrue(flatten([for each in values(var.flow_keys) : [for key in try(jsondecode(each).keys, []) : !can(key.d)]]))
    error_message = "flow_keys has a private key."
  }
}

variable "secret_values" {
  description = "Values of secrets by variable name (output `secrets` lists the names). Kept in no state and no plan; needed when a secret is new or its number in secret_versions was raised. Set by TF_VAR_secret_values."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}

variable "secret_versions" {
  description = "Numbers to raise when the value of a secret changes, by variable name. 1 where nothing is said."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.secret_versions), local.secret_names)) == 0
    error_message = "secret_versions has one that no function takes: ${join(", ", setsubtract(keys(var.secret_versions), local.secret_names))}."
  }
}

variable "session_key_version" {
  description = "The version of the key `sessions` that signs. How to change it, and how long to wait: \"Rotating the key of the sessions\" in docs/operations.md."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.session_key_version >= 1 && floor(var.session_key_version) == var.session_key_version
    error_message = "session_key_version is a whole number from 1."
  }
}

# The edge

variable "address_limit" {
  description = "Requests per minute and function from one address (Cloud Armor counts each backend service apart); see edge.tf for how the default was found."
  type        = number
  default     = 30000
  nullable    = false

  validation {
    condition     = var.address_limit >= 6000
    error_message = "address_limit is lower than a company behind one address needs (edge.tf)."
  }
}

variable "public_invoker" {
  description = "Whether the services say that anybody may call them, which the balancer needs. False where the organization forbids allUsers: see docs/infrastructure.md for the other way."
  type        = bool
  default     = true
  nullable    = false
}

variable "instances" {
  description = "Instances per function and region: at most (a bound on cost, and on what reaches Cloud KMS), and kept warm by function name."
  type = object({
    most = optional(number, 100)
    warm = optional(map(number), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.instances.most >= 1 && length(setsubtract(keys(var.instances.warm), keys(local.manifest.functions))) == 0
    error_message = "instances: at least one, and warm names functions."
  }
}
