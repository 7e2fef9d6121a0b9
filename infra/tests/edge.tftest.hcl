# Ways in.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}
mock_provider "archive" {}

# Guards: internal functions behind the balancer.
run "what_is_behind_the_balancer" {
  command = plan

  assert {
    condition     = length(setintersection(keys(google_compute_backend_service.this), keys(local.internal))) == 0
    error_message = "An internal function has a backend."
  }
  assert {
    condition     = length(google_compute_url_map.this.path_matcher[0].route_rules) == length(local.routes)
    error_message = "The URL map has not all routes."
  }
  assert {
    condition     = length(distinct([for rule in google_compute_url_map.this.path_matcher[0].route_rules : rule.priority])) == length(local.routes)
    error_message = "Two routes have the same priority."
  }
  # https://cloud.google.com/load-balancing/docs/quotas: 5 wildcards to a path.
  assert {
    condition     = alltrue([for route in local.routes : length(split("*", route.path)) <= 6])
    error_message = "A path has more wildcards than a URL map takes."
  }
}

# Guards: S43, authorization codes, people, documents and searches in request logs.
run "personal_urls_are_not_logged" {
  command = plan

  assert {
    condition     = toset([for name, backend in google_compute_backend_service.this : name if !backend.log_config[0].enable]) == toset(["account", "callback", "directory", "documents", "session", "signin"])
    error_message = "The balancer logs a function whose paths say too much, or does not log another one."
  }
  assert {
    condition = alltrue([
      for url in [
        "https://broker.example.com/v1/callback/google?code=x&state=y",
        "https://broker-callback-abc-ew.a.run.app/v1/callback/notes?code=x",
        "https://broker.example.com/v1/sso/microsoft/callback?state=y&code=x",
        "https://broker.example.com/v1/callback/google/?code=x",
        "https://broker.example.com/v1/tenants/org-1/users/jane%40org-1.example",
        "https://broker-session-abc-ew.a.run.app/v1/tenants/org-1/users/jane/sessions",
        "https://broker.example.com/v1/directory/users?query=jane",
        "https://broker.example.com/v1/directory/groups?query=layoffs&page=x",
        "https://broker.example.com/v1/directory/groups/01grp/members?page=x",
        "https://broker.example.com/v1/answers/documents/drive/1BxiMVs0XRA5",
        "https://broker.example.com/v1/answers/documents?page=x",
      ] : can(regex(local.unlogged_pattern, url))
    ])
    error_message = "A URL that says too much is logged."
  }
  assert {
    condition = !anytrue([
      for url in [
        "https://broker.example.com/v1/connections/google/token",
        "https://broker.example.com/v1/connections/google/integrations/mail",
        "https://broker.example.com/v1/admin/directory",
        "https://broker.example.com/v1/sessions/renew",
        "https://broker.example.com/v1/sso/google/start?return_to=x",
        "https://broker.example.com/other?next=/v1/callback/google",
      ] : can(regex(local.unlogged_pattern, url))
    ])
    error_message = "A URL that says nothing of a person is left out of the log."
  }
}

# Guards: S58, a job that calls without an identity, or for another function's audience.
run "the_scheduler" {
  command = plan

  assert {
    condition     = toset(keys(google_cloud_scheduler_job.internal)) == toset(keys(local.internal))
    error_message = "An internal function has no job."
  }
  assert {
    condition     = alltrue([for name, job in google_cloud_scheduler_job.internal : job.http_target[0].oidc_token[0].audience == local.environments[name].SCHEDULER_AUDIENCE])
    error_message = "A job's audience is not what its function compares with."
  }
}

# Guards: services that say that anybody may call them, where the organization forbids it.
run "without_all_users" {
  command = plan

  variables {
    public_invoker = false
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "Somebody was made an invoker."
  }
}
