# One address, one certificate, one URL map for all regions.

resource "google_compute_global_address" "this" {
  project    = var.project
  name       = "broker"
  depends_on = [google_project_service.this]
}

resource "google_compute_region_network_endpoint_group" "this" {
  for_each = { for place, each in local.places : place => each if contains(keys(local.balanced), each.function) }

  project               = var.project
  name                  = "broker-${each.value.function}"
  region                = each.value.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.this[each.key].name
  }
}

resource "google_compute_backend_service" "this" {
  for_each = local.balanced

  project               = var.project
  name                  = "broker-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.this.id

  dynamic "backend" {
    for_each = toset(var.regions)
    content {
      group = google_compute_region_network_endpoint_group.this["${each.key}/${backend.key}"].id
    }
  }

  # A request log has the whole URL: logging.tf.
  log_config {
    enable = !contains(local.unlogged_functions, each.key)
  }
}

locals {
  # By path alone: what a path has no method for is answered by its function (405, preflights).
  unlogged_functions = distinct([for route in local.manifest.routes : route.function if contains(local.manifest.unlogged_paths, route.path)])
}

resource "google_compute_url_map" "this" {
  project = var.project
  name    = "broker"

  # Other hosts, and paths that nobody has: 404 from the balancer itself. Were it not to, the answer would be that of the
  # function that holds nothing.
  default_service = google_compute_backend_service.this["callback"].id
  default_route_action {
    fault_injection_policy {
      abort {
        http_status = 404
        percentage  = 100
      }
    }
  }

  host_rule {
    hosts        = [var.domain]
    path_matcher = "broker"
  }

  path_matcher {
    name            = "broker"
    default_service = google_compute_backend_service.this["callback"].id
    default_route_action {
      fault_injection_policy {
        abort {
          http_status = 404
          percentage  = 100
        }
      }
    }

    dynamic "route_rules" {
      for_each = local.routes
      iterator = route
      content {
        priority = route.key + 1
        service  = google_compute_backend_service.this[route.value.function].id
        match_rules {
          full_path_match     = strcontains(route.value.path, "*") ? null : route.value.path
          path_template_match = strcontains(route.value.path, "*") ? route.value.path : null
        }
      }
    }
  }
}

# How many requests one address may have: a minute and function, since a policy counts for each backend service apart. A
# company's 10,000 people behind one address, a fifth of them within the busiest five minutes of the morning, are 400 a minute.
# Each signs in (2 requests), loads the settings (2), asks for three tokens (3), renews the session (1) and its browser asks for
# permission before half of them (4): 12 requests, 4,800 a minute, if one function had them all. The default is six times that.
# Limits per user are the functions' own (RATE_LIMIT_USER).
resource "google_compute_security_policy" "this" {
  project    = var.project
  name       = "broker"
  depends_on = [google_project_service.this]

  rule {
    description = "No address alone keeps the others out."
    priority    = 1000
    action      = "throttle"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.address_limit
        interval_sec = 60
      }
    }
  }

  rule {
    description = "Everybody else; required."
    priority    = 2147483647
    action      = "allow"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "this" {
  project = var.project
  # Another domain's is made before the present one is taken away.
  name       = "broker-${substr(sha256(var.domain), 0, 8)}"
  depends_on = [google_project_service.this]

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "this" {
  project         = var.project
  name            = "broker"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"
  depends_on      = [google_project_service.this]
}

resource "google_compute_target_https_proxy" "this" {
  project          = var.project
  name             = "broker"
  url_map          = google_compute_url_map.this.id
  ssl_certificates = [google_compute_managed_ssl_certificate.this.id]
  ssl_policy       = google_compute_ssl_policy.this.id
}

resource "google_compute_global_forwarding_rule" "https" {
  project               = var.project
  name                  = "broker-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.this.id
}

# For people who type the name. Nothing that a client is configured with begins with http.
resource "google_compute_url_map" "redirect" {
  project    = var.project
  name       = "broker-redirect"
  depends_on = [google_project_service.this]

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = true
  }
}

resource "google_compute_target_http_proxy" "redirect" {
  project = var.project
  name    = "broker-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "redirect" {
  project               = var.project
  name                  = "broker-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect.id
}
