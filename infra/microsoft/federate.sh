#!/usr/bin/env bash
# The same as main.tf with the Azure CLI (`az login` before it): one federated credential per function.
#   terraform -chdir=infra output -json federated_credentials | jq .microsoft.subjects | infra/microsoft/federate.sh <client id>
set -euo pipefail
client=${1:?the application (client) id of the app registration}

jq -r 'to_entries[] | "\(.key) \(.value)"' | while read -r name subject; do
  credential=$(jq -n --arg name "token-broker-$name" --arg subject "$subject" \
    '{name: $name, issuer: "https://accounts.google.com", subject: $subject, audiences: ["api://AzureADTokenExchange"]}')
  az ad app federated-credential create --id "$client" --parameters "$credential" </dev/null
done
