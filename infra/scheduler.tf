# One per internal function; another one without a schedule fails the plan. A call that has nothing to do reads a few documents. Scheduler reaches services of its own project from inside, at their run.app address, and not by the balancer:
# https://cloud.google.com/run/docs/securing/ingress
locals {
  schedules = {
    directory-sync = "* * * * *"
    probe          = "*/5 * * * *"
    rewrap         = "*/5 * * * *"
    sweep          = "* * * * *"
  }
}

resource "google_cloud_scheduler_job" "internal" {
  for_each = local.internal

  project  = var.project
  region   = local.primary_region
  name     = "broker-${each.key}"
  schedule = local.schedules[each.key]
  # As long as the function may take: a job does not begin again while its call lasts.
  attempt_deadline = "${local.sizes[each.key].timeout}s"
  depends_on       = [google_project_service.this]

  # The next call is the retry.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = "${google_cloudfunctions2_function.this["${each.key}/${local.primary_region}"].service_config[0].uri}${each.value}"

    # What functions/adapters/scheduler.ts compares: this account, and an audience that is this one function's.
    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.audiences[each.key]
    }
  }
}
