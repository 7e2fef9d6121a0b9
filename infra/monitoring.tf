# What is counted: log-based metrics over the events of docs/events.md, by their names. A test holds the names, and the members that
# become labels, against the code.

variable "notification_channels" {
  description = "Who is told when an alert opens: ids of notification channels, projects/…/notificationChannels/…."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for each in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", each))])
    error_message = "notification_channels has one that is not the id of a notification channel."
  }
}

locals {
  # By metric: the events that it counts, and their members that become labels.
  counted = {
    connected          = { events = ["connected"], labels = ["provider"] }
    connection_refused = { events = ["connection_refused"], labels = ["tenant", "provider", "reason", "code"] }
    directory_run      = { events = ["directory_run"], labels = ["result"] }
    disconnected       = { events = ["disconnected"], labels = ["provider", "revocation"] }
    fault              = { events = ["internal_error", "start_refused", "stray_error", "uncaught_error"], labels = ["event"] }
    grant_dead         = { events = ["grant_dead"], labels = ["provider"] }
    integrity_error    = { events = ["integrity_error"], labels = [] }
    model_failed       = { events = ["model_failed"], labels = ["reason", "code", "severity"] }
    no_refresh_token   = { events = ["no_refresh_token"], labels = ["provider"] }
    probe_hole         = { events = ["probe_hole"], labels = ["attempt"] }
    probe_passed       = { events = ["probe_passed"], labels = [] }
    refresh            = { events = ["refresh"], labels = ["provider", "rotation", "outcome"] }
    sign_in_refused    = { events = ["sign_in_refused"], labels = ["provider", "outcome"] }
    sweep_run          = { events = ["sweep_run"], labels = ["left"] }
    unavailable        = { events = ["unavailable"], labels = ["upstream", "code", "severity"] }
  }
  # By metric: the event, and its member whose values are distributed.
  measured = {
    refresh_milliseconds = { event = "refresh", member = "milliseconds", labels = ["provider", "rotation"], unit = "ms" }
    rewrap_left          = { event = "rewrap_run", member = "left", labels = [], unit = "1" }
  }

  functions_log = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^broker-\""
  # The platform takes `severity` out of what was written.
  members = { severity = "severity" }
}

resource "google_logging_metric" "counted" {
  for_each = local.counted

  project = var.project
  name    = "broker/${each.key}"
  filter  = "${local.functions_log} AND jsonPayload.event=(${join(" OR ", formatlist("\"%s\"", each.value.events))})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }
  label_extractors = {
    for label in each.value.labels : label => "EXTRACT(${lookup(local.members, label, "jsonPayload.${label}")})"
  }
}

resource "google_logging_metric" "measured" {
  for_each = local.measured

  project         = var.project
  name            = "broker/${each.key}"
  filter          = "${local.functions_log} AND jsonPayload.event=\"${each.value.event}\""
  value_extractor = "EXTRACT(jsonPayload.${each.value.member})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.4142135
      scale              = 1
    }
  }
}
