# What the tests deploy, where a run does not say otherwise. `build` is given on the command line (npm run infra:check).
project   = "example-broker"
domain    = "broker.example.com"
regions   = ["europe-west1", "europe-west4"]
locations = { firestore = "eur3", keys = "europe" }

allowed_origins = ["https://app.example.com"]
return_urls     = ["https://app.example.com/integrations.html"]
sessions        = { audience = "https://app.example.com" }
service_tokens = {
  issuer   = "https://app.example.com"
  audience = "https://broker.example.com"
  jwks_url = "https://app.example.com/.well-known/jwks.json"
}

oauth_providers = {
  microsoft = { kind = "microsoft", client_id = "microsoft-client", sign_in = {} }
  google    = { kind = "google", client_id = "google-client", sign_in = { client_id = "google-sign-in-client" }, native = { android = { client_id = "google-android-client" }, ios = { client_id = "google-ios-client", redirect_uri = "com.example.app:/oauth" } } }
  notes     = { kind = "oidc", client_id = "notes-client", issuer = "https://notes.example.com" }
}

sign_in = {
  organizations = {
    org-1 = { google_domains = ["org-1.example"], first_sign_in = "create" }
  }
}

directory = {
  organizations = {
    org-1 = { administrator = "directory-reader@org-1.example" }
  }
}

search_ai = { model = "gemini-3.6-flash", location = "eu" }

flow_keys = {
  state      = "{\"keys\":[{\"kid\":\"state-1\"}]}"
  completion = "{\"keys\":[{\"kid\":\"completion-1\"}]}"
}
