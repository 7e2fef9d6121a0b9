# Whether it is there: from outside, and by the share of token calls that it answers.

# Through DNS, certificate, balancer and a function, and nothing behind it. Nobody is signed in, so that 401 is the right answer.
resource "google_monitoring_uptime_check_config" "public" {
  project      = var.project
  display_name = "broker"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path           = "/v1/connections"
    port           = 443
    request_method = "GET"
    use_ssl        = true
    validate_ssl   = true

    accepted_response_status_codes {
      status_value = 401
    }
  }

  content_matchers {
    content = "\"login_required\""
    matcher = "MATCHES_JSON_PATH"

    json_path_matcher {
      json_path    = "$.code"
      json_matcher = "EXACT_MATCH"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = var.domain
    }
  }
}

resource "google_monitoring_alert_policy" "uptime_failing" {
  project               = var.project
  display_name          = "UptimeFailing"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, "UptimeFailing")
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "two places of the world find it failing"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.label.check_id=\"${google_monitoring_uptime_check_config.public.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "60s"

      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }
}

resource "google_monitoring_alert_policy" "certificate_expiring" {
  project               = var.project
  display_name          = "CertificateExpiring"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, "CertificateExpiring")
    mime_type = "text/markdown"
  }

  conditions {
    # Google renews a month before.
    display_name = "fewer than fifteen days left"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires\" AND metric.label.check_id=\"${google_monitoring_uptime_check_config.public.uptime_check_id}\""
      comparison      = "COMPARISON_LT"
      threshold_value = 15
      duration        = "600s"

      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_MEAN"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }
}

# 99.9 of 100 token calls are not answered with 5xx, over 28 days. Answers that a caller brings about (4xx) are good ones.
resource "google_monitoring_custom_service" "broker" {
  project      = var.project
  service_id   = "token-broker"
  display_name = "Token broker"
}

resource "google_monitoring_slo" "tokens" {
  project             = var.project
  service             = google_monitoring_custom_service.broker.service_id
  slo_id              = "token-calls"
  display_name        = "Token calls that are answered"
  goal                = 0.999
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = join(" AND ", local.token_calls)
      bad_service_filter   = join(" AND ", concat(local.token_calls, ["metric.label.response_code_class=\"5xx\""]))
    }
  }
}

locals {
  token_calls = [
    "metric.type=\"run.googleapis.com/request_count\"",
    "resource.type=\"cloud_run_revision\"",
    "resource.label.service_name=\"${local.functions["token"].service}\"",
  ]

  # A month's budget in two days, or in five. The short window ends the alert soon after the trouble.
  burns = {
    ErrorBudgetBurnFast = { rate = 14.4, long = "3600s", short = "300s", severity = "CRITICAL" }
    ErrorBudgetBurnSlow = { rate = 6, long = "21600s", short = "1800s", severity = "ERROR" }
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burns

  project               = var.project
  display_name          = each.key
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, each.key)
    mime_type = "text/markdown"
  }

  dynamic "conditions" {
    for_each = [each.value.long, each.value.short]
    content {
      display_name = "over ${conditions.value}"

      condition_threshold {
        filter          = "select_slo_burn_rate(\"${google_monitoring_slo.tokens.id}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }
}
