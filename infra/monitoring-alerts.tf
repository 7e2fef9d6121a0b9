# Alerts on what the functions themselves say. Each has a playbook of its name; a test holds both against each other.

locals {
  playbook = "What to do: docs/playbooks/%s.md in the project's repository."

  # One occurrence is enough.
  speaking = {
    DirectorySyncStopped  = { metric = "directory_run", only = "metric.label.result=one_of(\"failed\", \"stopped\")", severity = "WARNING" }
    IntegrityError        = { metric = "integrity_error", only = "", severity = "CRITICAL" }
    InternalError         = { metric = "fault", only = "", severity = "ERROR" }
    KeyServiceDenied      = { metric = "unavailable", only = "metric.label.upstream=\"key_service\" AND metric.label.severity=\"ERROR\"", severity = "CRITICAL" }
    ModelRefuses          = { metric = "model_failed", only = "metric.label.severity=\"ERROR\"", severity = "WARNING" }
    NoRefreshToken        = { metric = "no_refresh_token", only = "", severity = "WARNING" }
    OrganizationForbids   = { metric = "connection_refused", only = "metric.label.reason=\"organization_forbids\"", severity = "WARNING" }
    ProbeFoundHole        = { metric = "probe_hole", only = "", severity = "CRITICAL" }
    ProviderRefusesClient = { metric = "unavailable", only = "metric.label.upstream=\"provider\" AND metric.label.severity=\"ERROR\"", severity = "CRITICAL" }
  }

  # What should have been said by now. Absence is noticed only of what was there before: a deployment without a directory is no fault.
  silent = {
    DirectorySyncSilent = { metric = "directory_run", only = "metric.label.result=\"finished\"", seconds = 84600, severity = "WARNING" }
    ProbeSilent         = { metric = "probe_passed", only = "", seconds = 1800, severity = "CRITICAL" }
    SweepSilent         = { metric = "sweep_run", only = "", seconds = 1800, severity = "ERROR" }
  }
}

resource "google_monitoring_alert_policy" "speaking" {
  for_each = local.speaking

  project               = var.project
  display_name          = each.key
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, each.key)
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "${each.value.metric} was logged"

    condition_threshold {
      filter = join(" AND ", compact([
        "resource.type=\"cloud_run_revision\"",
        "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted[each.value.metric].name}\"",
        each.value.only,
      ]))
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = [for label in local.counted[each.value.metric].labels : "metric.label.${label}"]
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }
}

resource "google_monitoring_alert_policy" "silent" {
  for_each = local.silent

  project               = var.project
  display_name          = each.key
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, each.key)
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "${each.value.metric} was not logged"

    condition_absent {
      filter = join(" AND ", compact([
        "resource.type=\"cloud_run_revision\"",
        "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted[each.value.metric].name}\"",
        each.value.only,
      ]))
      duration = "${each.value.seconds}s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

# Six hours in which nearly every run said that there is more to do: a removal that does not end.
resource "google_monitoring_alert_policy" "sweep_stuck" {
  project               = var.project
  display_name          = "SweepStuck"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, "SweepStuck")
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "sweep_run says that more is left"

    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted["sweep_run"].name}\" AND metric.label.left=\"true\""
      comparison      = "COMPARISON_GT"
      threshold_value = 300
      duration        = "0s"

      aggregations {
        alignment_period     = "21600s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

# By provider and class of rotation: what users do (a grant that ended, a consent that is wanted) is not among the failures.
resource "google_monitoring_alert_policy" "refresh_failing" {
  project               = var.project
  display_name          = "RefreshFailing"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, "RefreshFailing")
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "more than a tenth of the refreshes of one provider"

    condition_prometheus_query_language {
      duration            = "300s"
      evaluation_interval = "60s"
      query               = <<-PROMQL
        (
          sum by (provider, rotation) (increase(logging_googleapis_com:user_broker_refresh{monitored_resource="cloud_run_revision", outcome=~"refused|no_answer|unusable"}[10m]))
          / sum by (provider, rotation) (increase(logging_googleapis_com:user_broker_refresh{monitored_resource="cloud_run_revision"}[10m]))
        ) > 0.1
        and sum by (provider, rotation) (increase(logging_googleapis_com:user_broker_refresh{monitored_resource="cloud_run_revision"}[10m])) > 20
      PROMQL
    }
  }

  depends_on = [google_logging_metric.counted]
}
