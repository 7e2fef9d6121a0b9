# What is refused before anything is made.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}
mock_provider "archive" {}

# Guards: origins by pattern, which a browser extension or a foreign site could have.
run "an_origin_with_a_wildcard" {
  command = plan
  variables {
    allowed_origins = ["https://*.example.com"]
  }
  expect_failures = [var.allowed_origins]
}

# Guards: a private key in a plain variable.
run "a_private_key_among_the_public" {
  command = plan
  variables {
    flow_keys = {
      state      = "{\"keys\":[{\"kid\":\"state-1\",\"d\":\"secret\"}]}"
      completion = "{\"keys\":[{\"kid\":\"completion-1\"}]}"
    }
  }
  expect_failures = [var.flow_keys]
}

# Guards: user sessions that pass for the backend's tokens.
run "one_audience_for_users_and_backend" {
  command = plan
  variables {
    service_tokens = {
      issuer   = "https://app.example.com"
      audience = "https://app.example.com"
      jwks_url = "https://app.example.com/.well-known/jwks.json"
    }
  }
  expect_failures = [var.service_tokens]
}

# Guards: settings that terraform decides itself, development settings, and typing errors.
run "settings_that_are_none" {
  command = plan
  variables {
    settings = { FIRESTORE_EMULATOR_HOST = "127.0.0.1:1", FIRESTORE_DATABASE = "other" }
  }
  expect_failures = [var.settings]
}

# Guards: an organization that admits nobody but whom a directory lists, without one.
run "directory_only_without_a_directory" {
  command = plan
  variables {
    directory = null
    sign_in = {
      organizations = { org-1 = { google_domains = ["org-1.example"], first_sign_in = "directory_only" } }
    }
  }
  expect_failures = [var.sign_in]
}

# Guards: a limit that shuts out a company in the morning.
run "a_limit_too_low" {
  command = plan
  variables {
    address_limit = 100
  }
  expect_failures = [var.address_limit]
}

# Guards: the number of a secret that nobody holds, which would be raised in vain.
run "a_secret_that_nobody_has" {
  command = plan
  variables {
    secret_versions = { CLIENT_SECRET_MICROSOFT = 2 }
  }
  expect_failures = [var.secret_versions]
}

# Guards: a synchronization that is due later than DirectorySyncSilent waits.
run "a_directory_read_too_seldom" {
  command = plan
  variables {
    directory = {
      organizations    = { org-1 = { administrator = "directory-reader@org-1.example" } }
      interval_minutes = 1440
    }
  }
  expect_failures = [var.directory]
}
