locals {
  # By title: a query in PromQL, and what a legend shows.
  charts = [
    { title = "Token calls by answer, per second", query = "sum by (response_code_class) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\", service_name=\"${local.functions["token"].service}\"}[5m]))" },
    { title = "Token calls, 95th percentile, ms", query = "histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\", service_name=\"${local.functions["token"].service}\"}[5m])))" },
    { title = "Refreshes by provider and outcome, per second", query = "sum by (provider, outcome) (rate(logging_googleapis_com:user_broker_refresh{monitored_resource=\"cloud_run_revision\"}[5m]))" },
    { title = "The provider's part, 95th percentile, ms", query = "histogram_quantile(0.95, sum by (le, provider) (rate(logging_googleapis_com:user_broker_refresh_milliseconds_bucket{monitored_resource=\"cloud_run_revision\"}[5m])))" },
    { title = "What did not answer, by neighbour and code", query = "sum by (upstream, code) (increase(logging_googleapis_com:user_broker_unavailable{monitored_resource=\"cloud_run_revision\"}[5m]))" },
    { title = "Connected, and ended by the provider", query = "sum by (__name__, provider) (increase({__name__=~\"logging_googleapis_com:user_broker_(connected|grant_dead)\", monitored_resource=\"cloud_run_revision\"}[1h]))" },
    { title = "Disconnected, by what became of it at the provider", query = "sum by (provider, revocation) (increase(logging_googleapis_com:user_broker_disconnected{monitored_resource=\"cloud_run_revision\"}[1h]))" },
    { title = "Sign-ins refused", query = "sum by (provider, outcome) (increase(logging_googleapis_com:user_broker_sign_in_refused{monitored_resource=\"cloud_run_revision\"}[1h]))" },
    { title = "Data keys that wait to be re-wrapped", query = "max(histogram_quantile(1, sum by (le) (increase(logging_googleapis_com:user_broker_rewrap_left_bucket{monitored_resource=\"cloud_run_revision\"}[1d]))))" },
    { title = "Directory runs by result", query = "sum by (result) (increase(logging_googleapis_com:user_broker_directory_run{monitored_resource=\"cloud_run_revision\"}[1h]))" },
    { title = "Instances", query = "sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\", service_name=~\"broker-.*\", state=\"active\"})" },
  ]
}

resource "google_monitoring_dashboard" "broker" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = "Token broker"
    mosaicLayout = {
      columns = 12
      tiles = [
        for index, chart in local.charts : {
          xPos   = index % 2 * 6
          yPos   = floor(index / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{ plotType = "LINE", timeSeriesQuery = { prometheusQuery = chart.query } }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.counted, google_logging_metric.measured]
}
