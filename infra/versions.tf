terraform {
  # 1.11: write-only arguments, by which secret values stay out of the state.
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.8"
    }
  }

  # terraform init -backend-config=bucket=<bucket> -backend-config=prefix=token-broker
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = local.primary_region
}
